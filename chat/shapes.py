"""The shapes that leave the server, the same over HTTP and the socket (DESIGN.md section 6)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from accounts.models import User
from chat.models import Completion, Conversation, Member, Message
from chat.models.message import sibling_ids

Shape = dict[str, Any]


def encode(shape: Any) -> str:
    return msgspec.json.encode(shape).decode()


def author_shape(user: User | None) -> Shape | None:
    return {"id": user.pk, "name": user.name} if user else None


def me_shape(user: User) -> Shape:
    return {"id": user.pk, "email": user.email, "name": user.name, "is_staff": user.is_staff}


def completion_shape(completion: Completion) -> Shape:
    return {
        "id": completion.id,
        "model": completion.model_used or completion.model,
        "continues": completion.continues_id,
        "finish_reason": completion.finish_reason or None,
        "code": completion.code or None,
        "detail": completion.detail or None,
        "usage": completion.usage,
        "cost_micro_usd": completion.cost_micro_usd,
        "left_out": completion.left_out,
        "max_output": completion.max_output,
        "reasoning": completion.reasoning or None,
        "started_at": completion.started_at,
        "finished_at": completion.finished_at,
    }


def message_shape(message: Message, siblings: list[UUID]) -> Shape:
    """A message with its author and completion, which the caller has selected with it (`with_details`)."""
    completion = message.completion if message.is_answer() else None
    return {
        "id": message.id,
        "conversation": message.conversation_id,
        "parent": message.parent_id,
        "role": message.role,
        "author": author_shape(message.author),
        "model": message.model or None,
        "content": message.content,
        "status": message.status,
        "version": message.version,
        "created_at": message.created_at,
        "deleted_at": message.deleted_at,
        "siblings": siblings,
        "completion": completion_shape(completion) if completion else None,
    }


def message_shapes(conversation: Conversation, messages: Iterable[Message]) -> list[Shape]:
    """Messages of one conversation with their siblings: one query for all."""
    messages = list(messages)
    children = sibling_ids(conversation, [message.parent_id for message in messages])
    return [message_shape(message, children.get(message.parent_id, [])) for message in messages]


def conversation_shape(conversation: Conversation, member: Member, *, running: bool) -> Shape:
    """A conversation as one member sees it."""
    return _shape(
        conversation,
        member.role,
        member.pinned,
        member.archived,
        member.current_message_id,
        running,
    )


def listed_shape(row: Any) -> Shape:
    """A row of `Conversation.objects.for_list(user)`."""
    return _shape(row, row.role, row.pinned, row.archived, row.current_message_id, row.running)


def _shape(
    conversation: Conversation,
    role: str,
    pinned: bool,
    archived: bool,
    current: UUID | None,
    running: bool,
) -> Shape:
    return {
        "id": conversation.id,
        "title": conversation.title,
        "model": conversation.model,
        "system_prompt": conversation.system_prompt,
        "parameters": conversation.parameters,
        "default_message": conversation.default_message_id,
        "version": conversation.version,
        "created_at": conversation.created_at,
        "updated_at": conversation.active_at,
        "role": role,
        "pinned": pinned,
        "archived": archived,
        "current_message": current,
        "running": running,
    }
