"""What changed since a version: one indexed query, however much was missed."""

from uuid import UUID

from accounts.models import User
from chat.models import Message
from chat.services.access import conversation_for
from chat.shapes import Shape, message_shapes

AT_ONCE = 200


def changes_since(user: User, conversation_id: UUID, since: int) -> Shape:
    """`version` is how far this answer reaches: the conversation's own, unless there is `more`.

    The conversation is read before its messages: a change that lands in between is told again, never left out.
    """
    conversation = conversation_for(user, conversation_id)
    rows = Message.objects.filter(conversation=conversation).changed_since(since).with_details()
    found = list(rows[: AT_ONCE + 1])
    messages, more = found[:AT_ONCE], len(found) > AT_ONCE
    return {
        "version": messages[-1].version if more else conversation.version,
        "messages": message_shapes(conversation, messages),
        "deleted": [message.pk for message in messages if message.deleted_at],
        "more": more,
    }
