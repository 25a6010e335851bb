"""A message: a node of the conversation's tree. Editing and regenerating make siblings and lose nothing."""

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import Q

from accounts.models import User
from chat.models.conversation import Conversation
from chat.models.states import RUNNING, State

LENGTH_LIMITS = ("length", "max_tokens", "MAX_TOKENS")


class Speaker(models.TextChoices):
    USER = "user"
    ASSISTANT = "assistant"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(conversation__members__user=user)

    def with_details(self) -> Self:
        """With what a message is shown with, in the same query."""
        return self.select_related("author", "completion")

    def changed_since(self, version: int) -> Self:
        return self.filter(version__gt=version).order_by("version")

    def before(self, position: int) -> Self:
        return self.filter(position__lt=position)

    def news_to(self, user: Any, *, after: Any) -> Self:
        """What others and the model said after a position. Both may be references to an outer query.
        An answer that was stopped or taken back before its first word is nothing to read."""
        others = self.filter(Q(author=None) | ~Q(author=user))
        empty = Q(role=Speaker.ASSISTANT, status=State.STOPPED, content="")
        return others.filter(position__gt=after, deleted_at=None).exclude(empty)


class Message(models.Model):
    """`position` is the version at which the message was made: it orders a conversation totally and never changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    role = models.CharField(max_length=10, choices=Speaker.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    model = models.CharField(max_length=100, blank=True)
    content = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=State.choices, default=State.COMPLETED)
    version = models.BigIntegerField()
    position = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "position"], name="one_message_per_position"
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "version"], name="changed_since"),
            models.Index(
                fields=["conversation"],
                condition=models.Q(status__in=["queued", "streaming"]),
                name="running_answers",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def is_answer(self) -> bool:
        return self.role == Speaker.ASSISTANT

    def is_running(self) -> bool:
        return self.status in RUNNING

    def can_be_continued(self) -> bool:
        """An answer that breaks off: at the upstream's fault or ours, by a person, or at the length limit."""
        if not self.is_answer() or self.is_running() or not self.content:
            return False
        return self.status != State.COMPLETED or self.completion.finish_reason in LENGTH_LIMITS


# Written out: every message that is shown asks this, and building it anew costs several times what it takes.
_SIBLINGS = """
SELECT m.parent_id, m.id FROM chat_message m
WHERE m.conversation_id = %s AND (m.parent_id = ANY(%s) OR %s AND m.parent_id IS NULL)
  AND NOT (EXISTS (SELECT FROM chat_completion c WHERE c.continues_id = m.id)
           AND NOT EXISTS (SELECT FROM chat_message below WHERE below.parent_id = m.id))
ORDER BY m.position
"""


def sibling_ids(
    conversation: Conversation, parents: Iterable[uuid.UUID | None]
) -> dict[uuid.UUID | None, list[uuid.UUID]]:
    """Parent id (None for the roots) -> the ids of its children in order, in one query. An answer that was
    continued is not counted beside the one that begins with its text, unless somebody went on below it."""
    wanted = set(parents)
    given: list[Any] = [conversation.pk, [pk for pk in wanted if pk], None in wanted]
    children: dict[uuid.UUID | None, list[uuid.UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SIBLINGS, given)
        for parent, pk in cursor.fetchall():
            children.setdefault(parent, []).append(pk)
    return children
