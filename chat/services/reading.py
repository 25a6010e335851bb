"""Pages of messages: along one branch, or all."""

from uuid import UUID

from accounts.models import User
from chat.errors import MessageNotFound
from chat.models import Conversation, Message
from chat.models.branches import current_leaf, ids_upwards, newest_leaf


def leaf_of(conversation: Conversation, user: User, message_id: UUID | None) -> UUID | None:
    """The newest end of the branch through a message, or of the one where that person is; None if all is empty."""
    if message_id is None:
        leaf = current_leaf(conversation, conversation.members.get(user=user))
        return leaf.pk if leaf else None
    message = conversation.messages.filter(pk=message_id).first()
    if message is None:
        raise MessageNotFound
    return newest_leaf(message).pk


def known_place(conversation: Conversation, message_id: UUID) -> UUID:
    """Where a later page begins; a marker from another conversation must not show what is in it."""
    if not conversation.messages.filter(pk=message_id).exists():
        raise MessageNotFound
    return message_id


def branch_upwards(
    conversation: Conversation, start: UUID | None, limit: int
) -> tuple[list[Message], UUID | None]:
    """At most `limit` messages from `start` up, newest first, and where the next page begins."""
    ids = ids_upwards(start, limit + 1) if start else []
    found = conversation.messages.with_details().filter(pk__in=ids[:limit]).order_by("-position")
    return list(found), ids[limit] if len(ids) > limit else None


def all_before(
    conversation: Conversation, position: int | None, limit: int
) -> tuple[list[Message], int | None]:
    """All messages, newest first, and the position before which the next page begins."""
    rows = conversation.messages.with_details().order_by("-position")
    found = list((rows if position is None else rows.before(position))[: limit + 1])
    return found[:limit], found[limit - 1].position if len(found) > limit else None
