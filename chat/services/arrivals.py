"""What follows from every new message: its author stands at it, the conversation moves up, everyone is told."""

from django.utils import timezone

from chat import events
from chat.models import Conversation, Member, Message
from chat.shapes import message_shapes


def announce(conversation: Conversation, member: Member, created: list[Message]) -> None:
    """Under the conversation's lock, after the rows are inserted; the events go out after commit."""
    _arrive(conversation, member, created[-1])
    members = conversation.member_ids()
    for shape in message_shapes(conversation, created):
        events.publish(events.message_created(shape), to=members)


def _arrive(conversation: Conversation, member: Member, newest: Message) -> None:
    member.current_message = newest
    member.save(update_fields=["current_message"])
    conversation.active_at = timezone.now()
    conversation.save(update_fields=["version", "active_at"])
