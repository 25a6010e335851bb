"""What a conversation is to one person: pinned, archived, their branch and place, what they have read, their draft.

Whoever reads the last message of their branch has read the conversation: what is said on other branches, which they may
never look at, does not stay unread for ever.

No lock of the conversation is taken: twenty people who read the same answer do not wait for each other.
"""

from typing import Any
from uuid import UUID

from django.db.models import Max

from accounts.models import User
from chat import events
from chat.errors import ConversationNotFound, UnknownMessage
from chat.models import Conversation, Member, Message
from chat.models.branches import newest_leaf
from chat.shapes import conversation_shapes


def change(conversation: Conversation, user: User, own: dict[str, Any]) -> None:
    """In the caller's transaction. Tells the person's other pages, unless nothing is new."""
    member = conversation.members.select_for_update().filter(user=user).first()
    if member is None:
        raise ConversationNotFound
    values = _values(conversation, member, own)
    fresh = {name: value for name, value in values.items() if getattr(member, name) != value}
    if fresh:
        Member.objects.filter(pk=member.pk).update(**fresh)
        shape = conversation_shapes(conversation, only=member)[user.pk]
        events.publish(events.conversation_updated(shape), to=[user.pk])


def _values(conversation: Conversation, member: Member, own: dict[str, Any]) -> dict[str, Any]:
    """By the names of the membership's fields."""
    values = dict(own)
    if (at := values.pop("current_message", None)) is not None:
        values["current_message_id"] = newest_leaf(message_in(conversation, at)).pk
    if (read := values.pop("read", None)) is not None:
        values["read_position"] = max(member.read_position, _read_up_to(conversation, read))
    if values.get("place"):
        message_in(conversation, values["place"])
    return values


def _read_up_to(conversation: Conversation, message_id: UUID) -> int:
    message = message_in(conversation, message_id)
    if message.children.exists():
        return message.position
    return int(conversation.messages.aggregate(newest=Max("position"))["newest"])


def message_in(conversation: Conversation, message_id: UUID) -> Message:
    message = conversation.messages.filter(pk=message_id).first()
    if message is None:
        raise UnknownMessage
    return message
