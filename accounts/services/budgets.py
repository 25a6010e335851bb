"""The rules of spending, changed by staff: limits and one-off grants, each with its audit row and undone by another."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.errors import BadLimit, BudgetUnavailable, CannotBeUndone
from accounts.models import Budget, BudgetChange, BudgetWindow, Group, LedgerEntry, User
from accounts.models.budget import WORKSPACE, Period, Scope
from accounts.services import changes
from accounts.services.windows import windows_of

MOST = 10**15


@dataclass(frozen=True)
class Limit:
    """None is unlimited, 0 is blocked."""

    period: str
    tokens: int | None
    micro_usd: int | None

    def __post_init__(self) -> None:
        for value in (self.tokens, self.micro_usd):
            if value is not None and not 0 <= value <= MOST:
                raise BadLimit
        if self.period not in Period.values:
            raise BadLimit

    def as_dict(self) -> dict[str, Any]:
        return {
            "period": self.period,
            "limit_tokens": self.tokens,
            "limit_micro_usd": self.micro_usd,
        }


def ensure_rules() -> None:
    """Everyone's default and the workspace's own, unlimited for a month until somebody says otherwise."""
    for scope in (Scope.PERSON, Scope.WORKSPACE):
        Budget.objects.get_or_create(scope=scope, user=None, group=None)


def limit_person(user: User, limit: Limit | None, *, by: User, reason: str = "") -> None:
    """A limit of their own; None: back to the group's or everyone's."""
    _set(Scope.PERSON, limit, by=by, reason=reason, subject=user.pk, user=user)


def limit_everyone(limit: Limit, *, by: User, reason: str = "") -> None:
    """The default for each person who has nothing more special."""
    _set(Scope.PERSON, limit, by=by, reason=reason, subject=None)


def limit_workspace(limit: Limit, *, by: User, reason: str = "") -> None:
    _set(Scope.WORKSPACE, limit, by=by, reason=reason, subject=WORKSPACE)


def limit_group(
    group: Group, limit: Limit | None, *, together: bool, by: User, reason: str = ""
) -> None:
    """`together`: the group shares it; otherwise each member gets it."""
    scope = Scope.GROUP if together else Scope.PERSON
    _set(scope, limit, by=by, reason=reason, subject=group.pk, group=group)


@transaction.atomic
def _set(
    scope: Scope, limit: Limit | None, *, by: User, reason: str, subject: UUID | None, **of: Any
) -> None:
    whose: dict[str, Any] = {"scope": scope, "user": of.get("user"), "group": of.get("group")}
    before = _as_dict(Budget.objects.select_for_update().filter(**whose).first())
    if limit is None:
        Budget.objects.filter(**whose).delete()
    else:
        Budget.objects.update_or_create(**whose, defaults=limit.as_dict())
    changes.note(
        "limit",
        by=by,
        scope=scope,
        subject=subject,
        before=before,
        after=limit.as_dict() if limit else None,
        reason=reason,
    )
    changes.carry_limits()
    changes.announce(subject if of.get("user") else None)


def _as_dict(rule: Budget | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    return Limit(rule.period, rule.limit_tokens, rule.limit_micro_usd).as_dict()


@transaction.atomic
def grant(user: User, *, tokens: int = 0, micro_usd: int = 0, by: User, reason: str = "") -> None:
    """Extra for the running period only; gone with its window."""
    if not (0 <= tokens <= MOST and 0 <= micro_usd <= MOST and (tokens or micro_usd)):
        raise BadLimit
    window = next(one for one in windows_of(user.pk) if one.rank == 0)
    granted = BudgetWindow.objects.filter(pk=cast("int", window.id)).update(
        granted_tokens=F("granted_tokens") + tokens,
        granted_micro_usd=F("granted_micro_usd") + micro_usd,
    )
    if not granted:  # the rule has changed its period at this moment
        raise BudgetUnavailable
    LedgerEntry.objects.create(
        kind="grant",
        user_id=user.pk,
        tokens=tokens,
        micro_usd=micro_usd,
        actor=by.pk,
        reason=reason,
    )
    changes.note(
        "grant",
        by=by,
        scope=Scope.PERSON,
        subject=user.pk,
        before=None,
        after={"tokens": tokens, "micro_usd": micro_usd},
        reason=reason,
    )
    changes.announce(user.pk)


@transaction.atomic
def undo(change: BudgetChange, *, by: User) -> None:
    """Put a limit back to what it was before a change. Raises CannotBeUndone for all else, and where its subject is
    gone: without a person or group the rule would be everyone's."""
    if change.action != "limit":
        raise CannotBeUndone
    reason = f"Undid a change of {change.at:%Y-%m-%d %H:%M}"
    whose, limit = _whose(change.subject), _limit(change.before)
    _set(Scope(change.scope), limit, by=by, reason=reason, subject=change.subject, **whose)


def _whose(subject: UUID | None) -> dict[str, User | Group]:
    """A person or a group; nobody for the rules of everyone."""
    if subject in (None, WORKSPACE):
        return {}
    if user := User.objects.existing().filter(pk=subject).first():
        return {"user": user}
    if group := Group.objects.filter(pk=subject).first():
        return {"group": group}
    raise CannotBeUndone


def _limit(kept: dict[str, Any] | None) -> Limit | None:
    """From an audit row."""
    return Limit(kept["period"], kept["limit_tokens"], kept["limit_micro_usd"]) if kept else None
