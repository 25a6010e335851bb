"""Who takes part in a conversation, and what is that person's own about it."""

from django.conf import settings
from django.db import models

from chat.models.conversation import Conversation


class Role(models.TextChoices):
    OWNER = "owner"
    WRITER = "writer"
    READER = "reader"


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
    joined_at = models.DateTimeField(auto_now_add=True)

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
