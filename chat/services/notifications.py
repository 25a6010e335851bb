"""Tell a person what concerns them beside their conversations, and remember what they have read of it.

What is unread is counted after commit: two who store something at once do not see each other's rows before.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from chat import events
from chat.models import Conversation, Message, Notification
from chat.models.notification import Kind
from chat.shapes import notification_shape
from webchat.commits import after_commit


@transaction.atomic
def notify(
    kind: str,
    *,
    user_id: UUID,
    conversation: Conversation,
    actor: User | None,
    message: Message | None = None,
) -> None:
    """Tell one person. Who was removed keeps nothing that leads to the conversation."""
    if kind == Kind.REMOVED:
        forget(user_id, conversation)
    notify_all(kind, user_ids=[user_id], conversation=conversation, actor=actor, message=message)


@transaction.atomic
def notify_all(
    kind: str,
    *,
    user_ids: Iterable[UUID],
    conversation: Conversation,
    actor: User | None,
    message: Message | None = None,
) -> None:
    """Store it and tell each person after commit. Nobody is told what they did themselves, or twice of one message."""
    others = [user_id for user_id in user_ids if actor is None or user_id != actor.pk]
    made = [_made(kind, user_id, conversation, actor, message) for user_id in others]
    if stored := _stored(made):
        after_commit(_tell, stored)


def _made(
    kind: str,
    user_id: UUID,
    conversation: Conversation,
    actor: User | None,
    message: Message | None,
) -> Notification:
    return Notification(
        user_id=user_id,
        kind=kind,
        conversation=None if kind == Kind.REMOVED else conversation,
        message=message,
        actor=actor,
        title=conversation.title,
    )


def _stored(made: list[Notification]) -> list[Notification]:
    """Those that are new: of a message a person is told once, which is the table's own rule."""
    Notification.objects.bulk_create(made, ignore_conflicts=True)
    stored = set(
        Notification.objects.filter(pk__in=[each.pk for each in made]).values_list("pk", flat=True)
    )
    return [each for each in made if each.pk in stored]


def _tell(made: list[Notification]) -> None:
    unread = _unread_of_each([each.user_id for each in made])
    for each in made:
        told = events.notification_created(notification_shape(each), unread.get(each.user_id, 0))
        events.publish(told, to=[each.user_id])


def _tell_what_is_left(user_id: UUID) -> None:
    events.publish(events.notifications_read(unread_of(user_id)), to=[user_id])


def _unread_of_each(user_ids: Collection[UUID]) -> dict[UUID, int]:
    """Without those who have nothing unread."""
    unread = Notification.objects.visible().unread().filter(user__in=user_ids)
    return dict(unread.values_list("user_id").annotate(count=Count("pk")).order_by())


def forget(user_id: UUID, conversation: Conversation) -> None:
    """What leads to a conversation is gone with the person's place in it."""
    gone, _ = Notification.objects.filter(user=user_id, conversation=conversation).delete()
    if gone:
        after_commit(_tell_what_is_left, user_id)


def newest(user: User, *, before: tuple[datetime, UUID] | None, limit: int) -> list[Notification]:
    rows = Notification.objects.of(user.pk).select_related("actor")
    if before:
        rows = rows.older_than(*before)
    return list(rows.order_by("-created_at", "-pk")[:limit])


def unread_of(user_id: UUID) -> int:
    return Notification.objects.of(user_id).unread().count()


def mark_read(
    user: User, *, ids: Collection[UUID] | None = None, conversation_id: UUID | None = None
) -> int:
    """All of a person's, or only those that are named; how many are left unread."""
    chosen = Notification.objects.of(user.pk).unread()
    if ids is not None:
        chosen = chosen.filter(pk__in=ids)
    if conversation_id is not None:
        chosen = chosen.filter(conversation=conversation_id)
    if chosen.update(read_at=timezone.now()):
        after_commit(_tell_what_is_left, user.pk)
    return unread_of(user.pk)
