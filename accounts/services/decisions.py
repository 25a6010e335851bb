"""What staff decide: requests for more, and changes that are taken back."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.errors import BadLimit
from accounts.models import BudgetChange, BudgetRequest, User
from accounts.models.budget import Scope
from accounts.services import budgets, changes, requests
from accounts.services.reports import Span
from accounts.services.reports_people import Filter, people
from webchat.errors import Conflict, NotFound

State = BudgetRequest.State
WAITING = 100


class RequestIsDecided(Conflict):
    def __init__(self) -> None:
        super().__init__("This request was decided or withdrawn already.")


class ChangeNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such change.")


def waiting() -> list[dict[str, Any]]:
    """Open requests, the oldest first, each with how the person stands now."""
    found = list(BudgetRequest.objects.filter(state=State.OPEN).order_by("created_at")[:WAITING])
    ids = [request.user_id for request in found]
    rows = people(Span(), Filter(ids=ids, limit=WAITING))[0] if ids else []
    standing = {row["id"]: row for row in rows}
    return [shape(request) | {"person": standing.get(request.user_id)} for request in found]


def shape(request: BudgetRequest) -> dict[str, Any]:
    """As staff see it: whose it is, too."""
    return requests.as_dict(request) | {"user_id": request.user_id}


@transaction.atomic
def grant(
    request_id: UUID, *, by: User, tokens: int | None, micro_usd: int | None, note: str = ""
) -> BudgetRequest:
    """As much as was asked for, or as staff say; for the running period."""
    request = _open(request_id)
    if tokens is None and micro_usd is None:
        tokens, micro_usd = request.tokens, request.micro_usd
    given = {"tokens": tokens or 0, "micro_usd": micro_usd or 0}
    if not any(given.values()):
        raise BadLimit
    budgets.grant(request.user, **given, by=by, reason=note or request.message)
    return _decide(request, State.GRANTED, by=by, note=note)


@transaction.atomic
def decline(request_id: UUID, *, by: User, note: str = "") -> BudgetRequest:
    return _decide(_open(request_id), State.DECLINED, by=by, note=note)


def _open(request_id: UUID) -> BudgetRequest:
    """Locked, so that two decisions cannot both be made."""
    request = BudgetRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise requests.RequestNotFound
    if request.state != State.OPEN:
        raise RequestIsDecided
    return request


def _decide(request: BudgetRequest, state: State, *, by: User, note: str) -> BudgetRequest:
    request.state, request.note = state, note
    request.decided_at, request.decided_by = timezone.now(), by.pk
    request.save(update_fields=["state", "note", "decided_at", "decided_by"])
    changes.note(
        "request",
        by=by,
        scope=Scope.PERSON,
        subject=request.user_id,
        before={"tokens": request.tokens, "micro_usd": request.micro_usd},
        after={"state": str(state)},
        reason=note,
    )
    changes.announce(request.user_id)
    return request


@transaction.atomic
def undo(change_id: int, *, by: User) -> None:
    """Raises ChangeNotFound or CannotBeUndone."""
    change = BudgetChange.objects.filter(pk=change_id).first()
    if change is None:
        raise ChangeNotFound
    budgets.undo(change, by=by)
