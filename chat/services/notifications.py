"""Tell a person what concerns them beside their conversations, and remember what they have read of it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat import events
from chat.models import Conversation, Message, Notification
from chat.models.notification import Kind
from chat.shapes import notification_shape


@transaction.atomic
def notify(
    kind: str,
    *,
    user_id: UUID,
    conversation: Conversation,
    actor: User | None,
    message: Message | None = None,
) -> None:
    """Store it and tell the person after commit. Nobody is told what they did themselves, or twice of one message.
    Who was removed keeps nothing that leads to the conversation."""
    if kind == Kind.REMOVED:
        forget(user_id, conversation)
    if actor is not None and actor.pk == user_id:
        return
    made = Notification(
        user_id=user_id,
        kind=kind,
        conversation=None if kind == Kind.REMOVED else conversation,
        message=message,
        actor=actor,
        title=conversation.title,
    )
    if not _is_told(made):
        made.save(force_insert=True)
        shape = notification_shape(made)
        events.publish(events.notification_created(shape, unread_of(user_id)), to=[user_id])


def _is_told(made: Notification) -> bool:
    """Whoever tells of a message holds the lock of its conversation, so that nobody comes in between."""
    same = Notification.objects.filter(user=made.user_id, message=made.message_id, kind=made.kind)
    return made.message_id is not None and same.exists()


def forget(user_id: UUID, conversation: Conversation) -> None:
    """What leads to a conversation is gone with the person's place in it."""
    gone, _ = Notification.objects.filter(user=user_id, conversation=conversation).delete()
    if gone:
        events.publish(events.notifications_read(unread_of(user_id)), to=[user_id])


def newest(user: User, *, before: tuple[datetime, UUID] | None, limit: int) -> list[Notification]:
    rows = Notification.objects.of(user.pk).select_related("actor")
    if before:
        rows = rows.older_than(*before)
    return list(rows.order_by("-created_at", "-pk")[:limit])


def unread_of(user_id: UUID) -> int:
    return Notification.objects.of(user_id).unread().count()


@transaction.atomic
def mark_read(
    user: User, *, ids: Collection[UUID] | None = None, conversation_id: UUID | None = None
) -> int:
    """All of a person's, or only those that are named; how many are left unread."""
    chosen = Notification.objects.of(user.pk).unread()
    if ids is not None:
        chosen = chosen.filter(pk__in=ids)
    if conversation_id is not None:
        chosen = chosen.filter(conversation=conversation_id)
    changed = chosen.update(read_at=timezone.now())
    unread = unread_of(user.pk)
    if changed:
        events.publish(events.notifications_read(unread), to=[user.pk])
    return unread
