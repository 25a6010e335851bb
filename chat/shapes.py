"""The shapes that leave the server, the same over HTTP and the socket (DESIGN.md section 6)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from accounts.models import User
from chat.models import Completion, Conversation, Member, Message, Notification
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
        "waits_for": completion.waits_for_id if completion.is_waiting() else None,
        "requested_by": completion.requested_by_id,
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
        "position": message.position,
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


def conversation_shapes(
    conversation: Conversation, *, only: Member | None = None
) -> dict[UUID, Shape]:
    """A conversation as each of its members sees it, by their ids; or as `only` one does."""
    members = conversation.members.with_unread()
    everyone = {
        "people": len(conversation.member_ids()),
        "has_link": conversation.has_link(),
        "running": conversation.has_running_answer(),
    }
    return {
        member.user_id: {**_shape(conversation), **_own(member), **everyone}
        for member in (members.filter(pk=only.pk) if only else members)
    }


def listed_shape(row: Any) -> Shape:
    """A row of `Conversation.objects.for_list(user)`."""
    everyone = {"people": row.people, "has_link": row.has_link, "running": row.running}
    return {**_shape(row), **_own(row), **everyone}


def _own(row: Any) -> Shape:
    """What is a person's own: of a membership, or of a conversation that is listed for them."""
    return {
        "role": row.role,
        "pinned": row.pinned,
        "archived": row.archived,
        "current_message": row.current_message_id,
        "read_position": row.read_position,
        "unread": row.unread,
        "draft": row.draft,
        "place": row.place,
    }


def _shape(conversation: Conversation) -> Shape:
    return {
        "id": conversation.id,
        "title": conversation.title,
        "model": conversation.model,
        "system_prompt": conversation.system_prompt,
        "parameters": conversation.parameters,
        "answering": conversation.answering,
        "default_message": conversation.default_message_id,
        "version": conversation.version,
        "created_at": conversation.created_at,
        "updated_at": conversation.active_at,
    }


def member_shape(member: Member) -> Shape:
    """Somebody in a conversation, as the others see them; the caller has selected the user with it."""
    return {
        "user": author_shape(member.user),
        "role": member.role,
        "joined_at": member.joined_at,
    }


def notification_shape(notification: Notification) -> Shape:
    """With its actor, selected by the caller. `conversation` is null where the person may not see it any more."""
    return {
        "id": notification.id,
        "kind": notification.kind,
        "conversation": notification.conversation_id,
        "message": notification.message_id,
        "actor": author_shape(notification.actor),
        "title": notification.title,
        "created_at": notification.created_at,
        "read_at": notification.read_at,
    }
