"""A conversation and the questions that may be asked of the table."""

import uuid
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from chat.models.states import RUNNING, State


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> Self:
        """Only these exist for that person."""
        return self.filter(members__user=user)

    def for_list(self, user: User) -> Self:
        """What a list shows beside the row: the person's own place in it, and whether an answer is being written."""
        return self.visible_to(user).annotate(
            role=F("members__role"),
            pinned=F("members__pinned"),
            archived=F("members__archived"),
            current_message_id=F("members__current_message_id"),
            running=Exists(
                apps.get_model("chat", "Message").objects.filter(
                    conversation=OuterRef("pk"), status__in=RUNNING
                )
            ),
        )

    def archived(self, yes: bool) -> Self:
        """After `for_list`: in the person's archive, or not."""
        return self.filter(archived=yes)

    def pinned(self, yes: bool) -> Self:
        return self.filter(pinned=yes)

    def titled(self, words: str) -> Self:
        return self.filter(title__icontains=words)

    def older_than(self, activity: object, pk: object) -> Self:
        """The next page of a list that is ordered by newest activity."""
        return self.filter(Q(active_at__lt=activity) | Q(active_at=activity, pk__lt=pk))


class Conversation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(max_length=200, blank=True)
    titled_by_hand = models.BooleanField(default=False)
    model = models.CharField(max_length=100)
    system_prompt = models.TextField(blank=True)
    parameters = models.JSONField(default=dict)
    default_message = models.ForeignKey(
        "chat.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    version = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    active_at = models.DateTimeField(db_index=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-active_at", "-id"], name="newest_activity_first")]

    def __str__(self) -> str:
        return str(self.id)

    def next_version(self) -> int:
        """Raise the version; the caller holds this row's lock and stores the rows that changed under it."""
        self.version += 1
        return self.version

    def member_ids(self) -> list[uuid.UUID]:
        return [member.user_id for member in self.members.all()]

    def has_running_answer(self) -> bool:
        return self.messages.filter(status__in=(State.QUEUED, State.STREAMING)).exists()
