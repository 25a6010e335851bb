"""Answers that wait in line: on a branch one is written at a time, and the next begins when the one above has ended."""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from chat import events
from chat.models import Completion, Conversation, Member, Message
from chat.models.branches import running_above
from chat.models.states import RUNNING, State
from chat.shapes import message_shapes
from webchat.commits import after_commit
from webchat.threads import on_loop

Take = Callable[[UUID], Coroutine[Any, Any, None]]
_takers: list[Take] = []


def on_turn(take: Take) -> None:
    """`take` runs an answer whose turn it is, by its completion's id, unless another node is quicker."""
    if take not in _takers:
        _takers.append(take)


def waiting(conversation: Conversation) -> QuerySet[Completion]:
    """Those that wait, and those whose turn has come and that nobody has claimed yet."""
    return Completion.objects.filter(
        message__conversation=conversation,
        waits_for__isnull=False,
        state=State.QUEUED,
        lease_owner=None,
    )


def length(conversation: Conversation) -> int:
    return waiting(conversation).filter(waits_for__status__in=RUNNING).count()


def move_on(conversation: Conversation, ended: UUID) -> None:
    """An answer (message id) has its final state: the ones that waited for it begin after commit, or wait for what is
    still written further up, if it has left the line itself. Under the conversation's lock."""
    for completion in waiting(conversation).filter(waits_for=ended).select_related("message"):
        above = running_above(conversation, completion.message.parent_id)
        if above:
            _wait_for(conversation, completion, above)
        else:
            after_commit(_begin, completion.pk)


def _wait_for(conversation: Conversation, completion: Completion, above: UUID) -> None:
    completion.waits_for_id = above
    completion.save(update_fields=["waits_for"])
    tell_anew(conversation, completion.message_id)


def _begin(completion_id: UUID) -> None:
    for take in _takers:
        on_loop(take, completion_id)


@transaction.atomic
def tell_begun(completion: Completion) -> None:
    """It has left the line: pages must not say any longer that it waits."""
    conversations = Conversation.objects.select_for_update()
    if conversation := conversations.filter(pk=completion.message.conversation_id).first():
        tell_anew(conversation, completion.message_id)


def tell_anew(conversation: Conversation, message_id: UUID) -> None:
    """Pages take the whole row again; under the conversation's lock."""
    message = Message.objects.with_details().get(pk=message_id)
    message.version = conversation.next_version()
    message.save(update_fields=["version"])
    conversation.save(update_fields=["version"])
    [shape] = message_shapes(conversation, [message])
    events.publish(events.message_updated(shape), to=conversation.member_ids())


def may_begin(completion: Completion) -> bool:
    """Much may have happened since it was asked for: whether its question is still there, and its payer may write."""
    conversation = completion.message.conversation_id
    asked = Message.objects.filter(children=completion.message_id, deleted_at=None)
    active = Member.objects.filter(user__is_active=True, conversation=conversation)
    member = active.filter(user=completion.requested_by_id).first()
    return member is not None and member.can_write() and asked.exists()
