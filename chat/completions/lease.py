"""Who may write a running answer: leases by PostgreSQL's clock, and the guarded updates that respect them.

A node owns an answer while its lease lasts (15 s, renewed every 5 s by one statement for all answers of the node).
Every write names the owner in its WHERE; a write that touches no row tells the node that it has lost the answer.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from chat.models import Completion
from chat.models.states import RUNNING, State
from webchat.threads import loop_is_attached

NODE = uuid.uuid4()
LEASE_SECONDS = 15
RENEW_SECONDS = 5
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_CLAIM = """
UPDATE chat_completion SET lease_owner = %s, lease_until = now() + make_interval(secs => %s), started_at = now()
WHERE id = %s AND state = 'queued' AND lease_owner IS NULL AND NOT EXISTS (
  SELECT FROM chat_message above WHERE above.id = waits_for_id AND above.status IN ('queued', 'streaming')
) RETURNING id
"""
# A row that somebody has locked just now is still ours, and is renewed the next time: it must not hold up the others.
_RENEW = """
WITH free AS (
  SELECT id FROM chat_completion
  WHERE lease_owner = %(node)s AND message_id = ANY(%(running)s) AND state IN ('queued', 'streaming')
  FOR NO KEY UPDATE SKIP LOCKED
), renewed AS (
  UPDATE chat_completion c SET lease_until = now() + make_interval(secs => %(seconds)s)
  FROM free WHERE c.id = free.id
)
SELECT message_id, stop_requested FROM chat_completion
WHERE lease_owner = %(node)s AND message_id = ANY(%(running)s) AND state IN ('queued', 'streaming')
"""
# The message's own status is in the WHERE too: it is read again after waiting for the row's lock,
# so that a checkpoint which waited behind the end of an answer writes nothing.
_SAVE = """
WITH locked AS (
  SELECT id FROM chat_message WHERE id = ANY(%s) ORDER BY id FOR UPDATE
)
UPDATE chat_message m SET content = saved.content, status = 'streaming'
FROM unnest(%s::uuid[], %s::text[]) AS saved(message_id, content), chat_completion c, locked
WHERE m.id = saved.message_id AND m.id = locked.id AND c.message_id = m.id AND c.lease_owner = %s
  AND c.state IN ('queued', 'streaming') AND m.status IN ('queued', 'streaming')
RETURNING m.id
"""


def of_this_node() -> dict[str, Any]:
    """The fields of a completion that this node takes as it stores it; none where nobody runs answers."""
    if not loop_is_attached():
        return {}
    until = Now() + timedelta(seconds=LEASE_SECONDS)
    return {"lease_owner": NODE, "lease_until": until, "started_at": timezone.now()}


def claim(completion_id: uuid.UUID) -> bool:
    """Take an answer that nobody owns; False when somebody was quicker, its turn has not come, or it is over."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [NODE, LEASE_SECONDS, completion_id])
        return cursor.fetchone() is not None


@dataclass(frozen=True)
class Renewed:
    """What this node still owns, and which of it a person wants stopped (message ids)."""

    owned: frozenset[uuid.UUID]
    to_stop: frozenset[uuid.UUID]


def renew(running: Collection[uuid.UUID]) -> Renewed:
    """Renew what this node is really writing (message ids): a row that nobody runs must expire, so that it is seen."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, {"seconds": LEASE_SECONDS, "node": NODE, "running": list(running)})
        rows = cursor.fetchall()
    return Renewed(frozenset(pk for pk, _ in rows), frozenset(pk for pk, stop in rows if stop))


def save_texts(texts: dict[uuid.UUID, str]) -> set[uuid.UUID]:
    """Checkpoint running answers (message id -> whole text so far) in one statement; the ids that were ours to save."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SAVE, [list(texts), list(texts), list(texts.values()), NODE])
        saved = {row[0] for row in cursor.fetchall()}
        Completion.objects.filter(
            message_id__in=saved, state=State.QUEUED, lease_owner=NODE
        ).update(state=State.STREAMING)
    return saved


def end(message_id: uuid.UUID, *, owner: uuid.UUID | None, state: State, **fields: Any) -> bool:
    """The one way into a final state: True for exactly one caller."""
    running = Completion.objects.filter(message_id=message_id, state__in=RUNNING, lease_owner=owner)
    return running.update(state=state, finished_at=Now(), **fields) == 1


def ended_by(message_id: uuid.UUID, owner: uuid.UUID) -> bool:
    """Whether that node has stored the end: whoever ends an answer is its last owner."""
    of_owner = Completion.objects.filter(message_id=message_id, lease_owner=owner)
    return of_owner.exclude(state__in=RUNNING).exists()


def request_stop(message_id: uuid.UUID) -> bool:
    """Note that a person wants this answer to end; False if it has ended."""
    running = Completion.objects.filter(message_id=message_id, state__in=RUNNING)
    return running.update(stop_requested=True) == 1


def request_stop_of(user: User) -> list[uuid.UUID]:
    """The same for all that a person has asked for; the message ids."""
    running = Completion.objects.filter(requested_by=user, state__in=RUNNING)
    asked = list(running.values_list("message_id", flat=True))
    running.update(stop_requested=True)
    return asked


def expired(*, surely: bool = False) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(conversation id, message id) of answers that nobody has renewed; `surely`: whose node is known to be gone."""
    rows = _unrenewed(surely=surely).values_list("message__conversation_id", "message_id")
    return list(rows[:50])


def locked_if_expired(message_id: uuid.UUID) -> Completion | None:
    """The completion under its row's lock; None if its owner has renewed it or holds it, or it has ended."""
    free = _unrenewed().select_for_update(of=("self",), skip_locked=True)
    rows = free.select_related("message")
    return rows.filter(message_id=message_id).first()


def _unrenewed(*, surely: bool = False) -> QuerySet[Completion]:
    running = Completion.objects.filter(state__in=RUNNING, lease_until__lt=Now())
    return running.filter(lease_until__lte=LONG_AGO) if surely else running


def is_gone(message_id: uuid.UUID) -> bool:
    """Deleted with its conversation."""
    return not Completion.objects.filter(message_id=message_id).exists()


def release(message_id: uuid.UUID, *, owner: uuid.UUID | None) -> bool:
    """Let any node begin an answer again of which nothing was shown; False if it was not `owner`'s."""
    waiting = Completion.objects.filter(
        message_id=message_id, state=State.QUEUED, lease_owner=owner, stop_requested=False
    )
    freed = waiting.update(lease_owner=None, lease_until=None, restarts=F("restarts") + 1)
    return freed == 1


def expire_all(of: uuid.UUID | None = None) -> int:
    """The leases of a process that is known to be dead; or all, where a server that is alone on its database has just
    started, so that nobody can be writing anything."""
    running = Completion.objects.filter(state__in=RUNNING, lease_owner__isnull=False)
    if of:
        running = running.filter(lease_owner=of)
    return running.update(lease_until=LONG_AGO)


def unclaimed() -> list[uuid.UUID]:
    """Completions that nobody owns: the node that stored them, or ended the one that they waited for, went away at
    once, or gave them back."""
    old = Now() - timedelta(seconds=RENEW_SECONDS)
    waiting = Completion.objects.filter(
        Q(created_at__lt=old) | Q(restarts__gt=0), state=State.QUEUED, lease_owner=None
    ).exclude(waits_for__status__in=RUNNING)
    return list(waiting.values_list("pk", flat=True)[:50])
