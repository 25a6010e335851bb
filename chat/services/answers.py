"""Have the model answer, answer again, stop."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from chat.completions import calling, finish, lease, line, prompt, runner
from chat.errors import (
    CannotAnswer,
    CannotContinue,
    IdTaken,
    NotYours,
    ShuttingDown,
    TooManyWaiting,
)
from chat.models import Completion, Conversation, Member, Message
from chat.models.branches import running_above
from chat.models.message import Speaker
from chat.models.states import State
from chat.services import admission
from chat.services.access import locked_conversation, message_for, writable_conversation
from chat.services.arrivals import announce, insert_message
from chat.services.parameters import known_model

MOST_WAITING = 20  # in one conversation


def insert_answer(
    conversation: Conversation,
    question: Message,
    *,
    by: User,
    model: str | None = None,
    parameters: dict[str, Any] | None = None,
    answer_id: UUID | None = None,
    continues: Message | None = None,
) -> Message:
    """The answer and its completion, under the conversation's lock. What the person chose for this answer wins over
    the conversation's own settings. It is empty, or begins with the text that it `continues`. While an answer above it
    is being written it waits in line."""
    if runner.is_draining():
        raise ShuttingDown
    chosen = known_model(model or conversation.model)
    answer = insert_message(
        **({"id": answer_id} if answer_id else {}),
        conversation=conversation,
        parent=question,
        role=Speaker.ASSISTANT,
        model=chosen,
        content=continues.content if continues else "",
        status=State.QUEUED,
    )
    merged = {**conversation.parameters, **(parameters or {})}
    Completion.objects.create(
        message=answer,
        requested_by=by,
        model=chosen,
        parameters=merged,
        continues=continues,
        **_place_of(conversation, question),
    )
    return answer


def _place_of(conversation: Conversation, question: Message) -> dict[str, Any]:
    """In line behind the nearest answer above, or with this node at once."""
    above = running_above(conversation, question.pk)
    if above is None:
        return lease.of_this_node()
    if line.length(conversation) >= MOST_WAITING:
        raise TooManyWaiting(MOST_WAITING)
    return {"waits_for_id": above}


def reserve_and_run(answer: Message, *, payer: User) -> None:
    """Last before commit: the budget is held, and after commit this node's runner takes the answer. One that waits
    in line is only asked whether it could be paid."""
    completion = answer.completion
    built = prompt.build(completion, answer.content)
    if completion.waits_for_id:
        calling.refuse_unpayable(completion, built, payer=payer)
    else:
        calling.reserve(completion, built, payer=payer)
        transaction.on_commit(partial(runner.start, completion, built))
    admission.admit(payer)


@transaction.atomic
def answer_again(
    question_id: UUID,
    *,
    by: User,
    model: str | None,
    parameters: dict[str, Any] | None,
    answer_id: UUID | None,
) -> Message:
    """Another answer beside the ones that are there. The same id again returns the same answer."""
    conversation, member = writable_conversation(by, message_for(by, question_id).conversation_id)
    question = conversation.messages.get(pk=question_id)
    if question.role != Speaker.USER or question.deleted_at:
        raise CannotAnswer
    if known := _known(answer_id):
        return _asked_before(known, question, model)
    answer = insert_answer(
        conversation, question, by=by, model=model, parameters=parameters, answer_id=answer_id
    )
    announce(conversation, member, [answer])
    reserve_and_run(answer, payer=by)
    return answer


@transaction.atomic
def continue_answer(
    message_id: UUID,
    *,
    by: User,
    model: str | None,
    parameters: dict[str, Any] | None,
    answer_id: UUID | None,
) -> Message:
    """An answer beside the one that broke off, which begins with its text and goes on. The old one stays as it is.
    The same id again returns the same answer."""
    conversation, member = writable_conversation(by, message_for(by, message_id).conversation_id)
    broken = conversation.messages.with_details().get(pk=message_id)
    if known := _known(answer_id):
        return _continued_before(known, broken)
    if broken.parent is None or not broken.can_be_continued():
        raise CannotContinue
    answer = insert_answer(
        conversation,
        broken.parent,
        by=by,
        model=model or broken.completion.model,
        parameters={**broken.completion.parameters, **(parameters or {})},
        answer_id=answer_id,
        continues=broken,
    )
    announce(conversation, member, [answer])
    reserve_and_run(answer, payer=by)
    return answer


def _known(answer_id: UUID | None) -> Message | None:
    return Message.objects.with_details().filter(pk=answer_id).first() if answer_id else None


def _continued_before(known: Message, broken: Message) -> Message:
    if not known.is_answer() or known.completion.continues_id != broken.pk:
        raise IdTaken
    return known


def _asked_before(known: Message, question: Message, model: str | None) -> Message:
    if known.parent_id != question.pk or not known.is_answer() or (model and model != known.model):
        raise IdTaken
    return known


def stop_all_of(user: User) -> None:
    """A person who may not sign in any more has nothing written any more, on any node."""
    if User.objects.filter(pk=user.pk, is_active=True).exists():
        return
    for message_id in lease.request_stop_of(user):
        runner.stop(message_id)
    waiting = Completion.objects.filter(requested_by=user, state=State.QUEUED, lease_owner=None)
    for conversation_id in set(waiting.values_list("message__conversation_id", flat=True)):
        _leave_line(conversation_id, user)


@transaction.atomic
def _leave_line(conversation_id: UUID, user: User) -> None:
    locked = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
    if locked is not None:
        take_back_all(locked, user)


def take_back_all(conversation: Conversation, user: User) -> None:
    """What a person has in line in a conversation, under its lock; the last first, so that none moves up in between."""
    asked = conversation.messages.filter(completion__requested_by=user, status=State.QUEUED)
    for answer in asked.with_details().order_by("-position"):
        finish.take_back(conversation, answer)


def take_back_below(conversation: Conversation, question: Message) -> None:
    """The answers to a question that wait in line, whoever asked for them; under the conversation's lock."""
    for answer in question.children.filter(status=State.QUEUED).with_details():
        finish.take_back(conversation, answer)


@transaction.atomic
def stop_answer(message_id: UUID, *, by: User) -> Message:
    """Ask the node that writes the answer to stop: for who asked for it, the owner, and staff who take part. One that
    waits in line ends at once. Stopping twice, or after the end, changes nothing."""
    conversation, member = locked_conversation(by, message_for(by, message_id).conversation_id)
    answer = conversation.messages.with_details().get(pk=message_id)
    if answer.is_running() and not _may_stop(answer, member, by):
        raise NotYours
    if ended := finish.take_back(conversation, answer):
        return ended
    if lease.request_stop(message_id):
        transaction.on_commit(partial(runner.stop, message_id))
    return answer


def _may_stop(answer: Message, member: Member, by: User) -> bool:
    return answer.completion.requested_by_id == by.pk or member.is_owner() or by.is_staff
