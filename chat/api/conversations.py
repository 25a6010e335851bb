"""Conversations over HTTP: find, call, describe."""

from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from ninja import Router, Status
from pydantic import Field

from accounts.models import User
from chat.api import cursors
from chat.api.schemas import ChangesOut, ConversationChanges, ConversationIn, ConversationOut, Page
from chat.errors import ConversationNotFound
from chat.models import Conversation
from chat.services import changes, conversations
from chat.services.parameters import as_stored, known_model
from chat.services.text import storable
from chat.shapes import Shape, listed_shape
from webchat.http import SignedInRequest

router = Router(tags=["conversations"])
CAN_BE_CLEARED = ("place", "default_message")
Limit = Annotated[int, Field(ge=1, le=200)]


def _shown(user: User, conversation_id: UUID) -> Shape:
    row = Conversation.objects.for_list(user).filter(pk=conversation_id).first()
    if row is None:
        raise ConversationNotFound
    return listed_shape(row)


@router.get("/conversations", response=Page[ConversationOut])
def list_conversations(
    request: SignedInRequest,
    q: str = "",
    pinned: bool | None = None,
    archived: bool = False,
    whose: Literal["mine", "shared"] | None = None,
    before: str = "",
    limit: Limit = 50,
) -> Shape:
    """Newest activity first; `q` searches titles and the names of people. `shared`: what others let the caller see."""
    rows = Conversation.objects.for_list(request.user).archived(archived)
    if pinned is not None:
        rows = rows.pinned(pinned)
    if q:
        rows = rows.about(storable(q), request.user)
    if whose:
        rows = rows.owned(whose == "mine")
    if before:
        rows = rows.older_than(*cursors.moment(before))
    found = list(rows.order_by("-active_at", "-pk")[: limit + 1])
    return _page(found, limit)


def _page(found: list[Any], limit: int) -> Shape:
    shown = found[:limit]
    more = len(found) > limit
    following = cursors.written(shown[-1].active_at.isoformat(), shown[-1].pk) if more else None
    return {"items": [listed_shape(row) for row in shown], "next": following}


@router.post("/conversations", response={201: ConversationOut})
def create_conversation(request: SignedInRequest, payload: ConversationIn) -> Status[Shape]:
    prompt = payload.system_prompt
    created = conversations.create_conversation(
        owner=request.user,
        conversation_id=payload.id or uuid4(),
        title=storable(payload.title.strip()),
        model=known_model(payload.model) if payload.model else "",
        system_prompt=None if prompt is None else storable(prompt),
        parameters=as_stored(payload.parameters),
    )
    return Status(201, _shown(request.user, created.pk))


@router.get("/conversations/{uuid:conversation_id}", response=ConversationOut)
def get_conversation(request: SignedInRequest, conversation_id: UUID) -> Shape:
    return _shown(request.user, conversation_id)


@router.patch("/conversations/{uuid:conversation_id}", response=ConversationOut)
def change_conversation(
    request: SignedInRequest, conversation_id: UUID, payload: ConversationChanges
) -> Shape:
    given = {name: getattr(payload, name) for name in payload.model_fields_set}
    checked = {
        name: _checked(name, value)
        for name, value in given.items()
        if value is not None or name in CAN_BE_CLEARED
    }
    conversations.change_conversation(conversation_id, by=request.user, changes=checked)
    return _shown(request.user, conversation_id)


def _checked(name: str, value: Any) -> Any:
    if name == "model":
        return known_model(value)
    if name == "parameters":
        return as_stored(value)
    return (
        storable(value.strip() if name == "title" else value) if isinstance(value, str) else value
    )


@router.delete("/conversations/{uuid:conversation_id}", response={204: None})
def delete_conversation(request: SignedInRequest, conversation_id: UUID) -> Status[None]:
    conversations.delete_conversation(conversation_id, by=request.user)
    return Status(204, None)


@router.get("/conversations/{uuid:conversation_id}/changes", response=ChangesOut)
def get_changes(
    request: SignedInRequest, conversation_id: UUID, since: Annotated[int, Field(ge=0, lt=2**63)]
) -> Shape:
    """What changed since a version. Repeat from the `version` that comes back while `more` is true."""
    changed = changes.changes_since(request.user, conversation_id, since)
    return {**changed, "conversation": _shown(request.user, conversation_id)}
