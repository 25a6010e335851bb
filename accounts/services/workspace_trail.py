"""What staff changed about the workspace and its groups, and how to take it back."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.models import BudgetChange, Group, User
from accounts.services import decisions, workspace
from accounts.services.reports import names_of

SHOWN = 20


@dataclass(frozen=True)
class Line:
    """`about`: the name of the person or the group that it is about, "" for the workspace itself."""

    change: BudgetChange
    actor: str
    about: str
    can_be_undone: bool


def trail() -> list[Line]:
    """The newest first. Of people only that they came into a group or left it."""
    named: dict[UUID, str] = dict(Group.objects.values_list("pk", "name"))
    ours = Q(action__in=("workspace", "group")) | Q(action="limit", subject__in=named)
    found = list(BudgetChange.objects.filter(ours).order_by("-pk")[:SHOWN])
    named |= names_of({change.actor for change in found} | {change.subject for change in found})
    return [
        Line(
            change,
            actor=_name(named, change.actor),
            about=_name(named, change.subject),
            can_be_undone=change.action != "group",
        )
        for change in found
    ]


def _name(named: dict[UUID, str], pk: UUID | None) -> str:
    return named.get(pk, "") if pk else ""


def undo(change_id: int, *, by: User) -> None:
    """Raises ChangeNotFound or CannotBeUndone."""
    change = BudgetChange.objects.filter(pk=change_id, action="workspace").first()
    if change and change.before:
        reason = f"Undid a change of {change.at:%Y-%m-%d %H:%M}"
        workspace.change(by=by, reason=reason, **change.before)
    else:
        decisions.undo(change_id, by=by)
