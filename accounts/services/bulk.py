"""The same limit for many people at once, after a look at what it would do."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Budget, BudgetChange, User
from accounts.models.budget import Scope
from accounts.services import changes
from accounts.services.budgets import Limit
from accounts.services.reports import Span, ask
from accounts.services.reports_people import Filter, people
from webchat.errors import InvalidInput

MOST = 500
_DEFAULTS = """
SELECT u.id, b.period, b.limit_tokens, b.limit_micro_usd FROM accounts_user u
CROSS JOIN LATERAL (
  SELECT period, limit_tokens, limit_micro_usd FROM accounts_budget
  WHERE scope = 'person' AND user_id IS NULL AND (group_id = u.group_id OR group_id IS NULL)
  ORDER BY group_id NULLS LAST LIMIT 1
) b WHERE u.id = ANY(%(ids)s)
"""


class TooManyPeople(InvalidInput):
    def __init__(self) -> None:
        super().__init__(f"At most {MOST} people at once, and at least one.")


@dataclass(frozen=True)
class Effect:
    """Of a change on one person: the limits before and after, and whether more was spent already."""

    id: UUID
    name: str
    before: Limit
    after: Limit
    has_own: bool
    is_above: bool

    def as_dict(self) -> dict[str, Any]:
        sides = {"before": self.before.as_dict(), "after": self.after.as_dict()}
        return {"id": self.id, "name": self.name, **sides, "is_above": self.is_above}


def preview(ids: list[UUID], limit: Limit | None) -> list[Effect]:
    """What `limit` (None: back to the default) would do to each of them."""
    if not 0 < len(ids) <= MOST:
        raise TooManyPeople
    rows, _ = people(Span(), Filter(ids=ids, limit=MOST, sort="name"))
    defaults = {} if limit else {row["id"]: _limit(row) for row in ask(_DEFAULTS, {"ids": ids})}
    return [_effect(row, limit or defaults[row["id"]]) for row in rows]


def _limit(row: dict[str, Any], of: str = "limit") -> Limit:
    return Limit(row["period"], row[f"{of}_tokens"], row[f"{of}_micro_usd"])


def _effect(row: dict[str, Any], after: Limit) -> Effect:
    pairs = ((after.tokens, row["spent_tokens"]), (after.micro_usd, row["spent_micro_usd"]))
    is_above = any(most is not None and spent > most for most, spent in pairs)
    return Effect(row["id"], row["name"], _limit(row, "rule"), after, row["has_own"], is_above)


@transaction.atomic
def limit_people(
    ids: list[UUID], limit: Limit | None, *, by: User, reason: str = ""
) -> list[Effect]:
    """Store it, with an audit row for each; the windows are written once, in the order of everyone."""
    effects = preview(ids, limit)
    found = [effect.id for effect in effects]
    _store(found, limit)
    BudgetChange.objects.bulk_create(_note(effect, limit, by, reason) for effect in effects)
    changes.carry_limits()
    for one in found:
        changes.announce(one)
    return effects


def _store(ids: list[UUID], limit: Limit | None) -> None:
    if limit is None:
        Budget.objects.filter(scope=Scope.PERSON, user__in=ids).delete()
        return
    Budget.objects.bulk_create(
        [Budget(scope=Scope.PERSON, user_id=one, **limit.as_dict()) for one in ids],
        update_conflicts=True,
        unique_fields=["scope", "user", "group"],
        update_fields=["period", "limit_tokens", "limit_micro_usd"],
    )


def _note(effect: Effect, limit: Limit | None, by: User, reason: str) -> BudgetChange:
    return BudgetChange(
        action="limit",
        actor=by.pk,
        scope=Scope.PERSON,
        subject=effect.id,
        before=effect.before.as_dict() if effect.has_own else None,
        after=limit.as_dict() if limit else None,
        reason=reason,
    )
