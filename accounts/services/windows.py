"""Which windows a person spends from now, and how they come to be."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from accounts.models.budget import WORKSPACE

_COUNTERS = """
w.limit_tokens, w.granted_tokens, w.spent_tokens, w.held_tokens,
w.limit_micro_usd, w.granted_micro_usd, w.spent_micro_usd, w.held_micro_usd
"""
# The most specific rule of the person, the group's own, the workspace's: each with the period that it is now.
_APPLYING = f"""
WITH me AS (SELECT id, group_id FROM accounts_user WHERE id = %(user)s),
chosen AS (
  (SELECT 0 AS rank, me.id AS subject, b.period, b.limit_tokens, b.limit_micro_usd
   FROM accounts_budget b, me
   WHERE b.scope = 'person' AND (b.user_id = me.id OR b.group_id = me.group_id
         OR (b.user_id IS NULL AND b.group_id IS NULL))
   ORDER BY b.user_id NULLS LAST, b.group_id NULLS LAST LIMIT 1)
  UNION ALL
  SELECT 1, me.group_id, b.period, b.limit_tokens, b.limit_micro_usd
  FROM accounts_budget b, me WHERE b.scope = 'group' AND b.group_id = me.group_id
  UNION ALL
  SELECT 2, %(workspace)s::uuid, b.period, b.limit_tokens, b.limit_micro_usd
  FROM accounts_budget b WHERE b.scope = 'workspace'
), dated AS (
  SELECT *,
    CASE period WHEN 'total' THEN timestamptz 'epoch'
      ELSE date_trunc(period, now() AT TIME ZONE %(zone)s) AT TIME ZONE %(zone)s END AS starts,
    CASE WHEN period <> 'total' THEN
      (date_trunc(period, now() AT TIME ZONE %(zone)s) + ('1 ' || period)::interval)
        AT TIME ZONE %(zone)s END AS ends
  FROM chosen
)
SELECT w.id, d.rank, d.subject, d.period, d.starts, d.ends, d.limit_tokens AS rule_tokens,
  d.limit_micro_usd AS rule_micro_usd, {_COUNTERS}
FROM dated d LEFT JOIN accounts_budgetwindow w
  ON w.subject = d.subject AND w.period = d.period AND w.starts = d.starts
ORDER BY d.rank
"""  # noqa: S608  nothing of a person's is in it
_OF_SUBJECT = {
    0: "user_id = %(subject)s",
    1: "group_id = %(subject)s",
    2: "true",
}
_LOCK_HOLDS = """
SELECT id FROM accounts_hold
WHERE (state = 'held' OR source = 'bound')
  AND created_at >= %(starts)s AND {of_subject}
ORDER BY id FOR UPDATE
"""
_SUMS = {0: "accounts_usageday", 1: "accounts_usageday", 2: "accounts_workspaceday"}
# What was charged in this period already, should the rule be younger than the period.
_OPEN = """
INSERT INTO accounts_budgetwindow (rank, subject, period, starts, ends, limit_tokens, limit_micro_usd,
  granted_tokens, granted_micro_usd, spent_tokens, spent_micro_usd, held_tokens, held_micro_usd)
SELECT %(rank)s, %(subject)s, %(period)s, %(starts)s, %(ends)s, %(rule_tokens)s, %(rule_micro_usd)s, 0, 0,
  coalesce(used.tokens, 0), coalesce(used.micro_usd, 0), coalesce(open.tokens, 0), coalesce(open.micro_usd, 0)
FROM (SELECT sum(tokens) AS tokens, sum(micro_usd) AS micro_usd FROM {sums}
      WHERE day >= (%(starts)s AT TIME ZONE %(zone)s)::date AND {of_subject}) used,
     (SELECT sum(tokens) AS tokens, sum(micro_usd) AS micro_usd FROM accounts_hold
      WHERE id = ANY(%(holds)s) AND state = 'held') open
ON CONFLICT DO NOTHING RETURNING id
"""
_OPENING = 7_305_820_002  # any number that no other advisory lock of this database uses
_HEAL = "UPDATE accounts_budgetwindow SET limit_tokens = %s, limit_micro_usd = %s WHERE id = %s"
_JOIN_HOLDS = "UPDATE accounts_hold SET window_ids = window_ids || %s WHERE id = ANY(%s)"


@dataclass(frozen=True)
class Window:
    """A row of BudgetWindow; without an id it does not exist yet. `rule_*` is what the rule says now."""

    id: int | None
    rank: int
    subject: UUID
    period: str
    starts: datetime
    ends: datetime | None
    rule_tokens: int | None
    rule_micro_usd: int | None
    limit_tokens: int | None = None
    granted_tokens: int | None = 0
    spent_tokens: int = 0
    held_tokens: int = 0
    limit_micro_usd: int | None = None
    granted_micro_usd: int | None = 0
    spent_micro_usd: int = 0
    held_micro_usd: int = 0

    def is_as_the_rule_says(self) -> bool:
        """A window that was being opened while the rule changed has missed it."""
        rule = (self.rule_tokens, self.rule_micro_usd)
        return self.id is not None and (self.limit_tokens, self.limit_micro_usd) == rule

    @property
    def most_tokens(self) -> int | None:
        """What holds: the limit and what was granted; None is unlimited."""
        return None if self.limit_tokens is None else self.limit_tokens + (self.granted_tokens or 0)

    @property
    def most_micro_usd(self) -> int | None:
        if self.limit_micro_usd is None:
            return None
        return self.limit_micro_usd + (self.granted_micro_usd or 0)

    @property
    def tokens_left(self) -> int | None:
        most = self.most_tokens
        return None if most is None else most - self.spent_tokens - self.held_tokens

    @property
    def micro_usd_left(self) -> int | None:
        most = self.most_micro_usd
        return None if most is None else most - self.spent_micro_usd - self.held_micro_usd


def windows_of(user_id: UUID) -> list[Window]:
    """Person, group, workspace: those that apply now, made where they are new."""
    found = applying(user_id)
    if all(window.is_as_the_rule_says() for window in found):
        return found
    _mend(user_id)
    return applying(user_id)


@transaction.atomic
def _mend(user_id: UUID) -> None:
    """One at a time: two who open windows of the same people would lock the same holds in different orders."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_OPENING])
    for window in applying(user_id):
        if window.id is None:
            _open(window)
        elif not window.is_as_the_rule_says():
            _heal(window)


def applying(user_id: UUID) -> list[Window]:
    """The same, without making any: nothing was spent from a window that does not exist."""
    given: dict[str, Any] = {"user": user_id, "workspace": WORKSPACE, "zone": settings.TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(_APPLYING, given)
        return [_window(row) for row in cursor.fetchall()]


def _window(row: tuple[Any, ...]) -> Window:
    known = row if row[0] is not None else row[:8]
    return Window(**dict(zip(_NAMES, known, strict=False)))


_NAMES = [field.name for field in fields(Window)]


def _heal(window: Window) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_HEAL, [window.rule_tokens, window.rule_micro_usd, window.id])


def _open(window: Window) -> None:
    """Open holds of this period move in with it: locked first, so that none is settled between the sums."""
    given: dict[str, Any] = {name: getattr(window, name) for name in _NAMES[1:8]} | {
        "zone": settings.TIME_ZONE
    }
    of_subject = _OF_SUBJECT[window.rank]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_HOLDS.format(of_subject=of_subject), given)
        holds = [row[0] for row in cursor.fetchall()]
        opening = _OPEN.format(of_subject=of_subject, sums=_SUMS[window.rank])
        cursor.execute(opening, given | {"holds": holds})
        if opened := cursor.fetchone():
            cursor.execute(_JOIN_HOLDS, [opened[0], holds])
