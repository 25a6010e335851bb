"""Staff change limits, grant more, decide requests and refund lost calls."""

from typing import Any
from uuid import UUID

from ninja import Router, Status

from accounts.api import admin_bodies as bodies
from accounts.api import admin_schemas as shapes
from accounts.api.admin_people import find_person
from accounts.services import budgets, bulk, decisions, refunds, reports_person
from webchat.http import SignedInRequest

router = Router(tags=["spending"])
Shape = dict[str, Any]
NOTHING = Status(204, None)


@router.put("/users/{uuid:user_id}/budget", response={204: None})
def limit_person(request: SignedInRequest, user_id: UUID, payload: bodies.BudgetIn) -> Status[None]:
    """A limit of their own."""
    person = find_person(user_id)
    budgets.limit_person(person, payload.limit(), by=request.user, reason=payload.reason)
    return NOTHING


@router.delete("/users/{uuid:user_id}/budget", response={204: None})
def reset_person(request: SignedInRequest, user_id: UUID) -> Status[None]:
    """Back to the group's or everyone's."""
    budgets.limit_person(find_person(user_id), None, by=request.user)
    return NOTHING


@router.post("/users/{uuid:user_id}/grants", response={204: None})
def grant(request: SignedInRequest, user_id: UUID, payload: bodies.GrantIn) -> Status[None]:
    """Extra, for the running period only."""
    budgets.grant(find_person(user_id), **payload.dict(), by=request.user)
    return NOTHING


@router.put("/budgets/default", response={204: None})
def limit_everyone(request: SignedInRequest, payload: bodies.BudgetIn) -> Status[None]:
    """For each person who has nothing more special."""
    budgets.limit_everyone(payload.limit(), by=request.user, reason=payload.reason)
    return NOTHING


@router.put("/budgets/workspace", response={204: None})
def limit_workspace(request: SignedInRequest, payload: bodies.BudgetIn) -> Status[None]:
    """For everyone together."""
    budgets.limit_workspace(payload.limit(), by=request.user, reason=payload.reason)
    return NOTHING


@router.post("/budgets/bulk", response=shapes.EffectsOut)
def limit_people(request: SignedInRequest, payload: bodies.BulkIn) -> Shape:
    """The same limit for up to 500 people; with `preview` only what it would do."""
    limit = payload.limit.limit() if payload.limit else None
    if payload.preview:
        effects = bulk.preview(payload.people, limit)
    else:
        effects = bulk.limit_people(payload.people, limit, by=request.user, reason=payload.reason)
    return {"items": [effect.as_dict() for effect in effects]}


@router.get("/changes", response=shapes.ChangesOut)
def list_changes(request: SignedInRequest) -> Shape:
    """Of the rules for everyone, the newest first."""
    return {"items": reports_person.trail()}


@router.post("/changes/{int:change_id}/undo", response={204: None})
def undo(request: SignedInRequest, change_id: int) -> Status[None]:
    """Put a limit back to what it was."""
    decisions.undo(change_id, by=request.user)
    return NOTHING


@router.get("/requests", response=shapes.RequestsOut)
def list_requests(request: SignedInRequest) -> Shape:
    """Those that wait, the oldest first."""
    return {"items": decisions.waiting()}


@router.post("/requests/{uuid:request_id}/grant", response=shapes.RequestOut)
def grant_request(request: SignedInRequest, request_id: UUID, payload: bodies.DecisionIn) -> Shape:
    decided = decisions.grant(request_id, by=request.user, **payload.dict())
    return decisions.shape(decided)


@router.post("/requests/{uuid:request_id}/decline", response=shapes.RequestOut)
def decline_request(request: SignedInRequest, request_id: UUID, payload: bodies.DeclineIn) -> Shape:
    return decisions.shape(decisions.decline(request_id, by=request.user, note=payload.note))


@router.post("/holds/{uuid:hold_id}/refund", response=shapes.RefundOut)
def refund(request: SignedInRequest, hold_id: UUID, payload: bodies.ReasonIn) -> Shape:
    """Give back a call that was charged by its bound."""
    return refunds.refund(hold_id, by=request.user, reason=payload.reason)
