"""Who takes part in a conversation, and what is that person's own about it."""

from typing import Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import OuterRef

from accounts.models import Invitation
from chat.models.conversation import UNREAD_AT_MOST, Conversation, CountOf


class Role(models.TextChoices):
    OWNER = "owner"
    WRITER = "writer"
    READER = "reader"


class MemberQuerySet(models.QuerySet["Member"]):
    def with_unread(self) -> Self:
        messages = apps.get_model("chat", "Message").objects.filter(
            conversation=OuterRef("conversation_id")
        )
        unread = messages.news_to(OuterRef("user_id"), after=OuterRef("read_position"))
        return self.annotate(unread=CountOf(unread.values("pk")[:UNREAD_AT_MOST]))


class Member(models.Model):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    pinned = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    current_message = models.ForeignKey(
        "chat.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    read_position = models.BigIntegerField(default=0)  # every message up to there was on screen
    place = models.UUIDField(null=True, blank=True)  # the message at the top of their screen
    draft = models.TextField(blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "user"], name="one_membership_per_person"
            ),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(role="owner"),
                name="one_owner_per_conversation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"

    def can_write(self) -> bool:
        return self.role in (Role.OWNER, Role.WRITER)

    def is_owner(self) -> bool:
        return self.role == Role.OWNER


class InvitedMember(models.Model):
    """A place that waits for somebody without an account, until the invitation is accepted."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="places")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="invited")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "conversation"], name="one_place_per_invitation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id} in {self.conversation_id}"
