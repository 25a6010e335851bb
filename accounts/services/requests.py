"""A person asks for more, or no longer does. Staff decide."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import BudgetRequest, User, refuse_invisible
from accounts.models.budget import Scope
from accounts.services import changes
from accounts.services.budgets import MOST
from webchat.errors import Conflict, InvalidInput, NotFound

State = BudgetRequest.State


class AlreadyAsked(Conflict):
    def __init__(self) -> None:
        super().__init__("You have asked already. Withdraw that request to send another one.")


class AlreadyDecided(Conflict):
    def __init__(self) -> None:
        super().__init__("This request was decided meanwhile.")


class RequestNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such request.")


class BadRequestForMore(InvalidInput):
    def __init__(self) -> None:
        super().__init__("Ask for a whole number of tokens or micro-dollars from 1 up.")


class BadWords(InvalidInput):
    def __init__(self) -> None:
        super().__init__("The message holds characters that cannot be shown. Remove them.")


def of(user: User) -> QuerySet[BudgetRequest]:
    """Newest first."""
    return user.budget_requests.order_by("-created_at")


@transaction.atomic
def ask(user: User, *, tokens: int | None, micro_usd: int | None, message: str) -> BudgetRequest:
    """One open request at a time."""
    amounts = [amount for amount in (tokens, micro_usd) if amount is not None]
    if not amounts or not all(0 < amount <= MOST for amount in amounts):
        raise BadRequestForMore
    request = _open(user, tokens=tokens, micro_usd=micro_usd, message=_one_line(message))
    _note(request, "open")
    return request


def _open(user: User, **fields: Any) -> BudgetRequest:
    try:
        with transaction.atomic():
            return BudgetRequest.objects.create(user=user, **fields)
    except IntegrityError:
        raise AlreadyAsked from None


def _one_line(message: str) -> str:
    line = " ".join(message.split())
    try:
        refuse_invisible(line)
    except ValidationError:
        raise BadWords from None
    return line


@transaction.atomic
def withdraw(request_id: UUID, *, by: User) -> None:
    """Withdrawing twice changes nothing."""
    request = by.budget_requests.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise RequestNotFound
    if request.state == State.WITHDRAWN:
        return
    if request.state != State.OPEN:
        raise AlreadyDecided
    request.state, request.decided_at = State.WITHDRAWN, timezone.now()
    request.save(update_fields=["state", "decided_at"])
    _note(request, "withdrawn")


def _note(request: BudgetRequest, state: str) -> None:
    changes.note(
        "request",
        by=request.user,
        scope=Scope.PERSON,
        subject=request.user_id,
        before=None,
        after={"state": state, "tokens": request.tokens, "micro_usd": request.micro_usd},
        reason=request.message,
    )
    changes.announce(request.user_id)


def as_dict(request: BudgetRequest) -> dict[str, Any]:
    """As its author sees it."""
    fields = ("id", "tokens", "micro_usd", "message", "state", "note", "created_at", "decided_at")
    return {name: getattr(request, name) for name in fields}
