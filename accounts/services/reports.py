"""Who has spent what, from the counters of the windows; the ledger is never read for a list.

`PEOPLE` gives each person the rule that holds for them, its window in the period that is asked for, and how it stands.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from webchat.errors import InvalidInput

NEAR = 800  # permille
# The periods as they are now, or `back` of them ago; in total there is only one.
PERIODS = """
periods AS (
  SELECT period,
    CASE WHEN step IS NULL THEN timestamptz 'epoch'
      ELSE (date_trunc(period, now() AT TIME ZONE %(zone)s) - step * %(back)s) AT TIME ZONE %(zone)s END AS starts,
    (date_trunc(nullif(period, 'total'), now() AT TIME ZONE %(zone)s) - step * (%(back)s - 1))
      AT TIME ZONE %(zone)s AS ends
  FROM (VALUES ('day', interval '1 day'), ('week', interval '1 week'), ('month', interval '1 month'),
    ('total', NULL)) AS known (period, step)
)
"""
_RULES = """
ruled AS (
  SELECT u.id, u.name, u.email, u.is_active, u.group_id, g.name AS group_name, own.id IS NOT NULL AS has_own,
    coalesce(own.id, grouped.id, base.id) AS rule
  FROM accounts_user u
  LEFT JOIN accounts_group g ON g.id = u.group_id
  LEFT JOIN accounts_budget own ON own.scope = 'person' AND own.user_id = u.id
  LEFT JOIN accounts_budget grouped ON grouped.scope = 'person' AND grouped.group_id = u.group_id
  LEFT JOIN accounts_budget base
    ON base.scope = 'person' AND base.user_id IS NULL AND base.group_id IS NULL
  WHERE u.deleted_at IS NULL
)
"""
# Few of many: those of the periods that are asked for. Each start is compared as a constant of its own, so that the
# index of periods is used; joined to `periods`, all windows of all times are read.
_NOW_OR_BACK = " OR ".join(
    f"period = '{period}' AND starts = "
    f"(date_trunc('{period}', now() AT TIME ZONE %(zone)s) - interval '1 {period}' * %(back)s) AT TIME ZONE %(zone)s"
    for period in ("day", "week", "month")
)
_OPEN = f"""
open AS (
  SELECT * FROM accounts_budgetwindow
  WHERE rank = 0 AND ({_NOW_OR_BACK} OR period = 'total' AND starts = timestamptz 'epoch')
)
"""  # noqa: S608  constants
# A window that does not exist yet has spent nothing, and will have the limits of the rule.
_WINDOWS = """
counted AS (
  SELECT r.*, b.period, p.starts, p.ends, b.limit_tokens AS rule_tokens, b.limit_micro_usd AS rule_micro_usd,
    CASE WHEN w.id IS NULL THEN b.limit_tokens ELSE w.limit_tokens END AS limit_tokens,
    CASE WHEN w.id IS NULL THEN b.limit_micro_usd ELSE w.limit_micro_usd END AS limit_micro_usd,
    coalesce(w.granted_tokens, 0) AS granted_tokens, coalesce(w.granted_micro_usd, 0) AS granted_micro_usd,
    coalesce(w.spent_tokens, 0) AS spent_tokens, coalesce(w.spent_micro_usd, 0) AS spent_micro_usd,
    coalesce(w.held_tokens, 0) AS held_tokens, coalesce(w.held_micro_usd, 0) AS held_micro_usd
  FROM ruled r
  LEFT JOIN accounts_budget b ON b.id = r.rule
  LEFT JOIN periods p ON p.period = b.period
  LEFT JOIN open w ON w.subject = r.id AND w.period = b.period
)
"""
# Between two days no limit holds: only what was spent.
_RANGE = """
counted AS (
  SELECT r.*, b.period, p.starts, p.ends, b.limit_tokens AS rule_tokens, b.limit_micro_usd AS rule_micro_usd,
    NULL::bigint AS limit_tokens, NULL::bigint AS limit_micro_usd, 0 AS granted_tokens, 0 AS granted_micro_usd,
    coalesce(used.tokens, 0)::bigint AS spent_tokens, coalesce(used.micro_usd, 0)::bigint AS spent_micro_usd,
    0 AS held_tokens, 0 AS held_micro_usd
  FROM ruled r
  LEFT JOIN accounts_budget b ON b.id = r.rule
  LEFT JOIN periods p ON p.period = b.period
  LEFT JOIN (
    SELECT user_id, sum(tokens) AS tokens, sum(micro_usd) AS micro_usd FROM accounts_usageday
    WHERE day BETWEEN %(first)s AND %(last)s GROUP BY user_id
  ) used ON used.user_id = r.id
)
"""
_STANDING = f"""
measured AS (
  SELECT *, limit_tokens + granted_tokens AS most_tokens, limit_micro_usd + granted_micro_usd AS most_micro_usd,
    greatest(
      (spent_tokens + held_tokens) * 1000 / nullif(limit_tokens + granted_tokens, 0),
      (spent_micro_usd + held_micro_usd) * 1000 / nullif(limit_micro_usd + granted_micro_usd, 0)) AS permille
  FROM counted
), people AS (
  SELECT *, CASE
    WHEN most_tokens = 0 OR most_micro_usd = 0 THEN 'blocked'
    WHEN most_tokens IS NULL AND most_micro_usd IS NULL THEN 'unlimited'
    WHEN spent_tokens > most_tokens OR spent_micro_usd > most_micro_usd THEN 'over'
    WHEN permille >= 1000 THEN 'out' WHEN permille >= {NEAR} THEN 'near' ELSE 'ok' END AS state
  FROM measured
)
"""  # noqa: S608  a constant
STATES = ("over", "out", "near", "blocked", "ok", "unlimited")


class BadPeriod(InvalidInput):
    def __init__(self) -> None:
        super().__init__('A period is "this", "last" or two days such as 2026-11-01..2026-11-21.')


@dataclass(frozen=True)
class Span:
    """The running period, the one before (`back` 1), or the days from `first` to `last`."""

    back: int = 0
    first: date | None = None
    last: date | None = None

    @property
    def is_range(self) -> bool:
        return self.first is not None

    def people(self) -> str:
        """The common table expressions that end in `people`."""
        counted = _RANGE if self.is_range else f"{_OPEN}, {_WINDOWS}"
        return f"WITH {PERIODS}, {_RULES}, {counted}, {_STANDING}"

    def given(self) -> dict[str, Any]:
        return {"zone": settings.TIME_ZONE, "back": self.back} | {
            "first": self.first,
            "last": self.last,
        }


def span_of(words: str) -> Span:
    """Raises BadPeriod."""
    if words in ("", "this", "last"):
        return Span(back=int(words == "last"))
    first, _, last = words.partition("..")
    try:
        span = Span(first=date.fromisoformat(first), last=date.fromisoformat(last))
    except ValueError:
        raise BadPeriod from None
    if span.first and span.last and span.first > span.last:
        raise BadPeriod
    return span


def ask(question: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a question, each by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def names_of(ids: set[UUID | None]) -> dict[UUID, str]:
    """Of people, also of those who were deleted."""
    given = {"ids": [one for one in ids if one]}
    found = ask("SELECT id, name FROM accounts_user WHERE id = ANY(%(ids)s)", given)
    return {row["id"]: row["name"] for row in found}
