"""Who am I, and what can be asked."""

from django.conf import settings
from ninja import Router

from chat import catalog
from chat.api.schemas import MeOut, ModelsOut
from chat.shapes import Shape, me_shape
from webchat.http import SignedInRequest

router = Router(tags=["me"])


@router.get("/me", response=MeOut)
def me(request: SignedInRequest) -> Shape:
    return me_shape(request.user)


@router.get("/models", response=ModelsOut)
def models(request: SignedInRequest) -> Shape:
    """The models that can be asked; `demo` when no key is set and a built-in model answers."""
    return catalog.listing(demo=settings.DEMO)
