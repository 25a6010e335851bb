"""What a person is told beside their conversations: that they are named, invited, given another role or removed."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from chat.models.conversation import Conversation
from chat.models.message import Message


class Kind(models.TextChoices):
    MENTION = "mention"
    INVITED = "invited"
    ROLE = "role"
    OWNER = "owner"
    REMOVED = "removed"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible(self) -> Self:
        """What those who were told may see of it: nothing of a conversation that they are not in any more."""
        theirs = Conversation.objects.filter(
            pk=OuterRef("conversation"), members__user=OuterRef("user")
        )
        return self.filter(Q(conversation=None) | Exists(theirs))

    def of(self, user_id: uuid.UUID) -> Self:
        return self.visible().filter(user=user_id)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def older_than(self, created_at: datetime, pk: uuid.UUID) -> Self:
        """The next page of a list that begins with the newest."""
        return self.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))


class Notification(models.Model):
    """`title` is the conversation's as it was: who was removed may not see it any more."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.CASCADE, related_name="+"
    )
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notifications_of_a_person"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="unread_notifications"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "message", "kind"],
                condition=Q(message__isnull=False),
                name="told_once_of_a_message",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"
