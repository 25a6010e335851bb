"""Messages and answers over HTTP: find, call, describe."""

from typing import Any
from uuid import UUID

from ninja import Router, Status

from chat.api import cursors
from chat.api.conversations import Limit
from chat.api.schemas import AnswerOut, CompletionIn, MessageIn, MessageOut, Page, PostedOut
from chat.models import Conversation, Message
from chat.services import answers, messages, reading
from chat.services.access import conversation_for
from chat.services.messages import Posting
from chat.services.parameters import as_stored
from chat.shapes import Shape, message_shapes
from webchat.http import SignedInRequest

router = Router(tags=["messages"])


@router.get("/conversations/{uuid:conversation_id}/messages", response=Page[MessageOut])
def list_messages(
    request: SignedInRequest,
    conversation_id: UUID,
    branch: str = "",
    before: str = "",
    limit: Limit = 50,
) -> Shape:
    """Newest first. `branch=current` (or a message's id) gives one branch of the tree, otherwise all rows come."""
    conversation = conversation_for(request.user, conversation_id)
    if branch:
        found, following = _branch_page(request, conversation, branch, before, limit)
    else:
        found, following = _all_page(conversation, before, limit)
    return {"items": message_shapes(conversation, found), "next": following}


def _branch_page(
    request: SignedInRequest, conversation: Conversation, branch: str, before: str, limit: int
) -> tuple[list[Message], str | None]:
    start: UUID | None
    if before:
        start = reading.known_place(conversation, _uuid(cursors.read(before, 1)[0]))
    else:
        start = reading.leaf_of(
            conversation, request.user, None if branch == "current" else _uuid(branch)
        )
    found, following = reading.branch_upwards(conversation, start, limit)
    return found, cursors.written(following) if following else None


def _all_page(
    conversation: Conversation, before: str, limit: int
) -> tuple[list[Message], str | None]:
    position = cursors.read(before, 1)[0] if before else None
    if position is not None and not (position.isdecimal() and len(position) < 19):  # noqa: PLR2004  fits a bigint
        raise cursors.InvalidCursor
    found, following = reading.all_before(conversation, int(position) if position else None, limit)
    return found, cursors.written(following) if following else None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise cursors.InvalidCursor from None


@router.post("/conversations/{uuid:conversation_id}/messages", response={201: PostedOut})
def post_message(
    request: SignedInRequest, conversation_id: UUID, payload: MessageIn
) -> Status[Shape]:
    """Say something, and have it answered or not: `reply` says so, else the conversation's rule. An answer waits in
    line while one above it is written. Posting the same id again returns the same rows."""
    given: dict[str, Any] = payload.dict(exclude={"parameters"})
    posting = Posting(**given, parameters=as_stored(payload.parameters))
    posted = messages.post_message(conversation_id, author=request.user, posting=posting)
    both = [posted.message, posted.answer] if posted.answer else [posted.message]
    shapes = message_shapes(posted.conversation, both)
    return Status(201, {"message": shapes[0], "answer": shapes[1] if posted.answer else None})


@router.post("/messages/{uuid:message_id}/completions", response={201: AnswerOut})
def answer_again(
    request: SignedInRequest, message_id: UUID, payload: CompletionIn
) -> Status[Shape]:
    """Another answer to a person's message, beside those that are there. With `continue`, and an answer's id in the
    address: an answer that begins with that one's text and goes on where it breaks off."""
    act = answers.continue_answer if payload.goes_on else answers.answer_again
    answer = act(
        message_id,
        by=request.user,
        model=payload.model,
        parameters=as_stored(payload.parameters),
        answer_id=payload.id,
    )
    return Status(201, {"message": _described(answer)})


@router.post("/messages/{uuid:message_id}/stop", response=MessageOut)
def stop_answer(request: SignedInRequest, message_id: UUID) -> Shape:
    """Stop the answer that is being written; stopping twice changes nothing."""
    return _described(answers.stop_answer(message_id, by=request.user))


@router.delete("/messages/{uuid:message_id}", response=MessageOut)
def delete_message(request: SignedInRequest, message_id: UUID) -> Shape:
    return _described(messages.delete_message(message_id, by=request.user))


def _described(message: Message) -> Shape:
    [shape] = message_shapes(message.conversation, [message])
    return shape
