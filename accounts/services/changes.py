"""What follows from a change of the rules: the audit row, the windows of this moment, and those who want to know."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import BudgetChange, User
from webchat.commits import after_commit

# Each window of this moment with the rule that holds for its subject.
_RULES = """
WITH rules AS (
  SELECT w.id, w.rank, r.period, r.limit_tokens, r.limit_micro_usd
  FROM accounts_budgetwindow w
  LEFT JOIN accounts_user u ON w.rank = 0 AND u.id = w.subject
  LEFT JOIN LATERAL (
    SELECT b.period, b.limit_tokens, b.limit_micro_usd FROM accounts_budget b
    WHERE (w.rank = 0 AND b.scope = 'person'
           AND (b.user_id = w.subject OR b.group_id = u.group_id
                OR (b.user_id IS NULL AND b.group_id IS NULL)))
       OR (w.rank = 1 AND b.scope = 'group' AND b.group_id = w.subject)
       OR (w.rank = 2 AND b.scope = 'workspace')
    ORDER BY b.user_id NULLS LAST, b.group_id NULLS LAST LIMIT 1
  ) r ON true
  WHERE w.ends IS NULL OR w.ends > now()
)
"""
# A window of a period that no rule asks for is not counted any more: should the rule come back, it is worked out anew.
_DROP = f"""{_RULES}, dormant AS MATERIALIZED (
  SELECT w.id FROM accounts_budgetwindow w JOIN rules ON rules.id = w.id
  WHERE rules.period IS DISTINCT FROM w.period ORDER BY w.rank, w.id FOR UPDATE OF w
)
DELETE FROM accounts_budgetwindow w USING dormant WHERE w.id = dormant.id
"""  # noqa: S608
_CARRY = f"""{_RULES}, stale AS MATERIALIZED (
  SELECT w.id FROM accounts_budgetwindow w JOIN rules ON rules.id = w.id
  WHERE w.limit_tokens IS DISTINCT FROM rules.limit_tokens
     OR w.limit_micro_usd IS DISTINCT FROM rules.limit_micro_usd
  ORDER BY w.rank, w.id FOR NO KEY UPDATE OF w
)
UPDATE accounts_budgetwindow w
SET limit_tokens = rules.limit_tokens, limit_micro_usd = rules.limit_micro_usd
FROM rules, stale WHERE w.id = rules.id AND w.id = stale.id
"""  # noqa: S608
Handler = Callable[[UUID | None], None]
_handlers: list[Handler] = []


def on_change(handler: Handler) -> None:
    """Call `handler(user_id)` after the commit of what changes a person's figures; None: perhaps everybody's."""
    if handler not in _handlers:
        _handlers.append(handler)


def announce(user_id: UUID | None) -> None:
    for handler in _handlers:
        after_commit(handler, user_id)


def note(
    action: str,
    *,
    by: User,
    scope: str,
    subject: UUID | None,
    before: Any,
    after: Any,
    reason: str,
) -> BudgetChange:
    return BudgetChange.objects.create(
        action=action,
        actor=by.pk,
        scope=scope,
        subject=subject,
        before=before,
        after=after,
        reason=reason,
    )


def carry_limits() -> None:
    """Into every window of this moment, locked in the order of everyone."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP)
        cursor.execute(_CARRY)
