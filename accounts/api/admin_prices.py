"""The price table over HTTP."""

from typing import Any

from ninja import Router, Status

from accounts.api import admin_bodies as bodies
from accounts.api import admin_schemas as shapes
from accounts.services import price_changes
from accounts.services.price_changes import NewPrice
from webchat.http import SignedInRequest

router = Router(tags=["spending"])


@router.get("/prices", response=shapes.PricesOut)
def list_prices(request: SignedInRequest) -> dict[str, Any]:
    """Of every model, the newest first: also those that are over, or only begin."""
    return {"items": price_changes.listed()}


@router.post("/prices", response={204: None})
def add_price(request: SignedInRequest, payload: bodies.PriceIn) -> Status[None]:
    """It holds from now, or from a later moment; the prices before stay as they are."""
    given = payload.dict(exclude={"effective_from", "sure"})
    price_changes.add_price(
        NewPrice(**given), by=request.user, begins=payload.effective_from, is_sure=payload.sure
    )
    return Status(204, None)
