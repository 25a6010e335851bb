"""The only getters: what is not yours is answered like what does not exist."""

from uuid import UUID

from django.db.models import prefetch_related_objects

from accounts.models import User
from chat.errors import ConversationNotFound, MessageNotFound, ReadOnly
from chat.models import Conversation, Member, Message


def conversation_for(user: User, conversation_id: UUID) -> Conversation:
    found = Conversation.objects.visible_to(user).filter(pk=conversation_id).first()
    if found is None:
        raise ConversationNotFound
    return found


def message_for(user: User, message_id: UUID) -> Message:
    found = Message.objects.visible_to(user).filter(pk=message_id).first()
    if found is None:
        raise MessageNotFound
    return found


def locked_conversation(user: User, conversation_id: UUID) -> tuple[Conversation, Member]:
    """The conversation under its row's lock, and the person's membership. Every change begins here:
    the lock orders the conversation's versions. Who was removed while they waited for it finds nothing."""
    visible = Conversation.objects.visible_to(user).filter(pk=conversation_id)
    conversation = visible.select_for_update(of=("self",)).first()
    if conversation is None:
        raise ConversationNotFound
    prefetch_related_objects([conversation], "members")
    member = next((one for one in conversation.members.all() if one.user_id == user.pk), None)
    if member is None:
        raise ConversationNotFound
    return conversation, member


def writable_conversation(user: User, conversation_id: UUID) -> tuple[Conversation, Member]:
    conversation, member = locked_conversation(user, conversation_id)
    if not member.can_write():
        raise ReadOnly
    return conversation, member
