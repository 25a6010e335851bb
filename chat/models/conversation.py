"""A conversation and the questions that may be asked of the table."""

import uuid
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from accounts.models import User
from chat.models.states import RUNNING, State

UNREAD_AT_MOST = 100
# What is a person's own in a conversation, by the names of the membership's fields.
OWN = ("role", "pinned", "archived", "current_message_id", "read_position", "draft", "place")


class Answering(models.TextChoices):
    """To which messages the model answers where the person does not say it: to all, or to those that name it."""

    ALWAYS = "always"
    ADDRESSED = "addressed"


class CountOf(Subquery):
    """How many rows a query has, which may be cut off at so many."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = models.IntegerField()


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> Self:
        """Only these exist for that person."""
        return self.filter(members__user=user)

    def for_list(self, user: User) -> Self:
        """What a list shows beside the row: the person's own place in it, what they have not read, who else is in it,
        whether a link leads to it, and whether an answer is being written."""
        table = apps.get_model
        messages = table("chat", "Message").objects.filter(conversation=OuterRef("pk"))
        links = table("chat", "ShareLink").objects.filter(conversation=OuterRef("pk"))
        members = table("chat", "Member").objects.filter(conversation=OuterRef("pk"))
        unread = messages.news_to(user, after=OuterRef("read_position"))
        return self.visible_to(user).annotate(
            **{name: F(f"members__{name}") for name in OWN},
            unread=CountOf(unread.values("pk")[:UNREAD_AT_MOST]),
            people=CountOf(members.values("pk")),
            has_link=Exists(links.open()),
            running=Exists(messages.filter(status__in=RUNNING)),
        )

    def archived(self, yes: bool) -> Self:
        """After `for_list`: in the person's archive, or not."""
        return self.filter(archived=yes)

    def pinned(self, yes: bool) -> Self:
        return self.filter(pinned=yes)

    def owned(self, yes: bool) -> Self:
        """After `for_list`: the person's own, or those that others share with them."""
        return self.filter(role="owner") if yes else self.exclude(role="owner")

    def about(self, words: str, user: User) -> Self:
        """Whose title has these words, or the name of somebody else who takes part."""
        members = apps.get_model("chat", "Member").objects.filter(conversation=OuterRef("pk"))
        named = members.filter(user__name__icontains=words).exclude(user=user)
        return self.filter(Q(title__icontains=words) | Exists(named))

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
    answering = models.CharField(max_length=9, choices=Answering.choices, default=Answering.ALWAYS)
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

    def has_link(self) -> bool:
        return self.links.open().exists()
