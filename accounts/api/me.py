"""One's own budget over HTTP: what binds, what was used, and asking for more."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field, StrictInt

from accounts.services import own_figures, requests
from webchat.http import SignedInRequest

router = Router(tags=["budget"])
Shape = dict[str, Any]
REQUESTS = 50


class RequestIn(Schema):
    model_config = ConfigDict(extra="forbid")

    tokens: StrictInt | None = None
    micro_usd: StrictInt | None = None
    message: Annotated[str, Field(max_length=500)] = ""


class RequestOut(Schema):
    id: UUID
    tokens: int | None
    micro_usd: int | None
    message: str
    state: str
    note: str
    created_at: datetime
    decided_at: datetime | None


class LimitOut(Schema):
    """`limit_*` is what holds, grants included; null is unlimited."""

    scope: str
    period: str
    starts_at: datetime
    resets_at: datetime | None
    limit_tokens: int | None
    spent_tokens: int
    held_tokens: int
    limit_micro_usd: int | None
    spent_micro_usd: int
    held_micro_usd: int
    state: str


class AmountOut(Schema):
    tokens: int
    micro_usd: int


class BudgetOut(Schema):
    limits: list[LimitOut]
    workspace: str
    typical: AmountOut | None
    prices: dict[str, int]
    request: RequestOut | None


class DayOut(Schema):
    day: date
    model: str
    tokens: int
    micro_usd: int
    calls: int
    estimated_tokens: int


class UsageOut(Schema):
    today: date
    days: list[DayOut]


class PeriodOut(Schema):
    period: str
    starts_at: datetime
    ends_at: datetime
    limit_tokens: int | None
    spent_tokens: int
    limit_micro_usd: int | None
    spent_micro_usd: int


class PeriodsOut(Schema):
    items: list[PeriodOut]


class RequestsOut(Schema):
    items: list[RequestOut]


@router.get("/me/budget", response=BudgetOut)
def get_budget(request: SignedInRequest) -> Shape:
    """What binds now: one's own limit, the group's if it shares one, and of the workspace's ok, near or out."""
    return own_figures.budget_of(request.user)


@router.get("/me/budget/periods", response=PeriodsOut)
def list_periods(request: SignedInRequest) -> Shape:
    """Periods that have ended, newest first."""
    return {"items": own_figures.periods_of(request.user)}


@router.get("/me/usage", response=UsageOut)
def get_usage(request: SignedInRequest, days: Annotated[int, Field(ge=1, le=366)] = 30) -> Shape:
    """By day, in the workspace's time zone, and model."""
    return own_figures.usage_of(request.user, days=days)


@router.get("/me/budget/requests", response=RequestsOut)
def list_requests(request: SignedInRequest) -> Shape:
    """Newest first."""
    return {"items": [requests.as_dict(row) for row in requests.of(request.user)[:REQUESTS]]}


@router.post("/me/budget/requests", response={201: RequestOut})
def ask_for_more(request: SignedInRequest, payload: RequestIn) -> Status[Shape]:
    asked = requests.ask(request.user, **payload.dict())
    return Status(201, requests.as_dict(asked))


@router.delete("/me/budget/requests/{uuid:request_id}", response={204: None})
def withdraw_request(request: SignedInRequest, request_id: UUID) -> Status[None]:
    requests.withdraw(request_id, by=request.user)
    return Status(204, None)
