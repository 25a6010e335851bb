"""The chat screen: a shell; what is in it comes over the API and the socket."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.services import workspace
from chat import catalog
from chat.models import Conversation
from chat.services.text import MESSAGE_LIMIT
from chat.shapes import Shape, me_shape
from webchat.http import SignedInRequest


@require_safe
@login_required
@ensure_csrf_cookie
def page(request: SignedInRequest, conversation_id: UUID | None = None) -> HttpResponse:
    """`/` for a new conversation, `/c/{id}` for one that is there; a 404 tells nobody which ones exist."""
    if (
        conversation_id
        and not Conversation.objects.visible_to(request.user).filter(pk=conversation_id).exists()
    ):
        raise Http404
    return render(request, "chat/conversation.html", {"page": _page(request, conversation_id)})


def _page(request: SignedInRequest, conversation_id: UUID | None) -> Shape:
    return {
        "me": {**me_shape(request.user), "id": str(request.user.pk)},
        "models": catalog.listing(demo=settings.DEMO),
        "conversation": str(conversation_id) if conversation_id else None,
        "limits": {"message": MESSAGE_LIMIT},
        "system_prompt": workspace.now().system_prompt,
    }
