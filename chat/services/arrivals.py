"""What follows from every new message: its author stands at it, the conversation moves up, everyone is told."""

from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from chat import events
from chat.errors import IdTaken
from chat.models import Conversation, Member, Message
from chat.shapes import message_shapes


def insert_message(*, conversation: Conversation, **fields: Any) -> Message:
    """A new message at the conversation's next version, under its lock. An id that was used in another conversation at
    the same moment is found by the database alone; the whole transaction ends with it."""
    version = conversation.next_version()
    message = Message(conversation=conversation, version=version, position=version, **fields)
    try:
        message.save(force_insert=True)
    except IntegrityError:
        raise IdTaken from None
    return message


def announce(conversation: Conversation, member: Member, created: list[Message]) -> None:
    """Under the conversation's lock, after the rows are inserted; the events go out after commit."""
    _arrive(conversation, member, created[-1])
    members = conversation.member_ids()
    for shape in message_shapes(conversation, created):
        events.publish(events.message_created(shape), to=members)


def _arrive(conversation: Conversation, member: Member, newest: Message) -> None:
    member.current_message = newest
    member.read_position = newest.position
    member.save(update_fields=["current_message", "read_position"])
    conversation.active_at = timezone.now()
    conversation.save(update_fields=["version", "active_at"])
