"""A call that was charged by its bound because nobody could say what it used up: staff give it back."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Hold, User
from accounts.models.budget import Scope
from accounts.services import changes
from webchat.errors import Conflict, NotFound

# In the order of everyone: the hold, its windows by (rank, id), the sums of its day.
_REFUND = """
WITH hold AS MATERIALIZED (
  SELECT *, (created_at AT TIME ZONE %(zone)s)::date AS day FROM accounts_hold
  WHERE id = %(id)s AND state <> 'held' AND source = 'bound' AND charged_tokens > 0 FOR UPDATE
), locked AS MATERIALIZED (
  SELECT w.id FROM hold JOIN accounts_budgetwindow w ON w.id = ANY(hold.window_ids)
  ORDER BY w.rank, w.id FOR NO KEY UPDATE OF w
), counted AS (
  UPDATE accounts_budgetwindow w SET spent_tokens = spent_tokens - charged_tokens,
    spent_micro_usd = spent_micro_usd - charged_micro_usd
  FROM hold, locked WHERE w.id = locked.id
), emptied AS (
  UPDATE accounts_hold h SET charged_tokens = 0, charged_micro_usd = 0, source = 'refund'
  FROM hold WHERE h.id = hold.id
), booked AS (
  INSERT INTO accounts_ledgerentry (at, kind, hold_id, user_id, group_id, model, purpose, prompt_tokens, cached_tokens,
    output_tokens, reasoning_tokens, tokens, cost_pico, micro_usd, overrun_tokens, price_id, source, actor, reason)
  SELECT now(), 'refund', id, user_id, group_id, model, purpose, -prompt_bound, 0, -max_output, 0, -charged_tokens,
    0, -charged_micro_usd, 0, price_id, 'refund', %(actor)s, %(reason)s
  FROM hold
), of_person AS (
  UPDATE accounts_usageday u SET prompt_tokens = u.prompt_tokens - prompt_bound,
    output_tokens = u.output_tokens - max_output, tokens = u.tokens - charged_tokens,
    micro_usd = u.micro_usd - charged_micro_usd, estimated_tokens = u.estimated_tokens - charged_tokens
  FROM hold WHERE u.user_id = hold.user_id AND u.day = hold.day AND u.model = hold.model AND u.purpose = hold.purpose
    AND u.group_id IS NOT DISTINCT FROM hold.group_id
), of_workspace AS (
  UPDATE accounts_workspaceday u SET tokens = u.tokens - charged_tokens, micro_usd = u.micro_usd - charged_micro_usd,
    estimated_tokens = u.estimated_tokens - charged_tokens
  FROM hold WHERE u.day = hold.day AND u.model = hold.model
)
SELECT user_id, charged_tokens, charged_micro_usd FROM hold
"""


class HoldNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such call.")


class NotRefundable(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "Only a call that was charged by its bound can be refunded, and only once."
        )


@transaction.atomic
def refund(hold_id: UUID, *, by: User, reason: str = "") -> dict[str, int]:
    """Give back what a lost call was charged; how much. Raises HoldNotFound or NotRefundable."""
    if not Hold.objects.filter(pk=hold_id).exists():
        raise HoldNotFound
    given: dict[str, Any] = {"id": hold_id, "actor": by.pk, "reason": reason}
    with connection.cursor() as cursor:
        cursor.execute(_REFUND, given | {"zone": settings.TIME_ZONE})
        row = cursor.fetchone()
    if row is None:
        raise NotRefundable
    back = {"tokens": row[1], "micro_usd": row[2]}
    _tell(row[0], hold_id, back, by, reason)
    return back


def _tell(user_id: UUID, hold_id: UUID, back: dict[str, int], by: User, reason: str) -> None:
    changes.note(
        "refund",
        by=by,
        scope=Scope.PERSON,
        subject=user_id,
        before=None,
        after=back | {"hold": str(hold_id)},
        reason=reason,
    )
    changes.announce(user_id)
