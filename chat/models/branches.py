"""Walks through the tree of messages: up to the root, down to the newest leaf."""

from typing import NamedTuple
from uuid import UUID

from django.db import connection

from chat.models.conversation import Conversation
from chat.models.member import Member
from chat.models.message import Message

LONGEST = 1_000_000
# Walks up from a message; `depth` stops a page in time on a conversation of thousands.
_UP = """
WITH RECURSIVE branch(id, parent_id, position, depth) AS (
    SELECT id, parent_id, position, 1 FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, m.position, b.depth + 1
    FROM chat_message m JOIN branch b ON m.id = b.parent_id WHERE b.depth < %s
)
SELECT id FROM branch ORDER BY position DESC
"""
_TURNS_UP = _UP.replace(
    "SELECT id FROM branch ORDER BY position DESC",
    "SELECT branch.id, role, content, author_id, CASE WHEN p.deleted_at IS NULL THEN p.name END"
    " FROM branch JOIN chat_message USING (id) LEFT JOIN accounts_user p ON p.id = author_id"
    " WHERE content <> '' ORDER BY branch.position",
)
_PLACES_UP = _UP.replace(
    "SELECT id FROM branch ORDER BY position DESC",
    "SELECT branch.id, role, author_id, version, status FROM branch JOIN chat_message USING (id)"
    " ORDER BY branch.position",
)
# Nothing above the oldest answer that is being written can be one, and mostly none is: then there is no walk at all.
_RUNNING_UP = """
WITH RECURSIVE running AS (
    SELECT id, position FROM chat_message WHERE conversation_id = %s AND status IN ('queued', 'streaming')
), branch(id, parent_id, position) AS (
    SELECT id, parent_id, position FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, m.position
    FROM chat_message m JOIN branch b ON m.id = b.parent_id WHERE m.position >= (SELECT min(position) FROM running)
)
SELECT id FROM branch JOIN running USING (id) ORDER BY branch.position DESC LIMIT 1
"""
_DOWN = """
WITH RECURSIVE newest(id, depth) AS (
    SELECT %s::uuid, 1
    UNION ALL
    SELECT child.id, n.depth + 1 FROM newest n CROSS JOIN LATERAL (
        SELECT id FROM chat_message WHERE parent_id = n.id ORDER BY position DESC LIMIT 1
    ) child
)
SELECT id FROM newest ORDER BY depth DESC LIMIT 1
"""


def newest_leaf(message: Message) -> Message:
    """The end of the branch that goes on from a message through its newest children."""
    return Message.objects.get(pk=_leaf_id(message.pk))


def end_of_branch(message: Message) -> Message:
    """Where somebody goes on who was at that message: its newest leaf, or what goes on from that if it broke off."""
    return Message.objects.get(pk=end_id(message.pk))


def end_id(message_id: UUID) -> UUID:
    """Of `end_of_branch`. In the place of an answer that broke off stands the newest that goes on from it."""
    leaf = _leaf_id(message_id)
    while newer := _newest_continuing(leaf):
        leaf = _leaf_id(newer)
    return leaf


def _leaf_id(message_id: UUID) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute(_DOWN, [message_id])
        row = cursor.fetchone()
    return row[0] if row else message_id


def _newest_continuing(answer: UUID) -> UUID | None:
    going_on = Message.objects.filter(completion__continues=answer).order_by("-position")
    return going_on.values_list("pk", flat=True).first()


def newest_end(conversation: Conversation) -> Message | None:
    """The end of the branch below the newest beginning; None if all is empty."""
    root = conversation.messages.filter(parent=None).order_by("position").last()
    return end_of_branch(root) if root else None


def running_above(conversation: Conversation, question_id: UUID | None) -> UUID | None:
    """The nearest answer on the branch up from a question that is being written, or waits to be."""
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING_UP, [conversation.pk, question_id])
        row = cursor.fetchone()
    return row[0] if row else None


class Turn(NamedTuple):
    """`author` and `name` are None where there is no such person any more."""

    id: UUID
    role: str
    content: str
    author: UUID | None = None
    name: str | None = None


def turns_upwards(message_id: UUID | None, limit: int) -> list[Turn]:
    """A message and what is above it, oldest first, without what is empty or deleted: what a model is told."""
    with connection.cursor() as cursor:
        cursor.execute(_TURNS_UP, [message_id, limit])
        return [Turn(*row) for row in cursor.fetchall()]


class Place(NamedTuple):
    """What a message is, without its text."""

    id: UUID
    role: str
    author: UUID | None
    version: int
    status: str


def places_upwards(message_id: UUID) -> list[Place]:
    """The whole branch, root first."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES_UP, [message_id, LONGEST])
        return [Place(*row) for row in cursor.fetchall()]


def ids_upwards(message_id: UUID, limit: int) -> list[UUID]:
    """The message and what it answers, newest first, at most `limit` of them."""
    with connection.cursor() as cursor:
        cursor.execute(_UP, [message_id, limit])
        return [row[0] for row in cursor.fetchall()]


def current_leaf(conversation: Conversation, member: Member) -> Message | None:
    """Where that person is: the remembered place, else the conversation's default, else its newest message."""
    at = member.current_message or conversation.default_message
    if at is not None:
        return end_of_branch(at)
    return conversation.messages.order_by("-position").first()
