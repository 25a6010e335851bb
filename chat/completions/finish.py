"""The end of an answer: the cost is settled, the text and the final state are stored once, and everyone is told."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from accounts.services import spending
from chat import events
from chat.completions import lease
from chat.completions.prompt import Prompt
from chat.evolink.pieces import Ending
from chat.models import Completion, Conversation, Message
from chat.models.states import State
from chat.shapes import message_shapes

log = structlog.get_logger(__name__)
UNSTORED = ("abandoned", "lost")
SENTENCES = {
    State.STOPPED: "Stopped.",
    State.INTERRUPTED: "Our server restarted while this answer was being written. What had come is kept.",
}


@dataclass(frozen=True)
class End:
    """All that is known when an answer ends; without a prompt it ended before anything was sent."""

    message_id: UUID
    completion: Completion
    prompt: Prompt | None
    text: str
    reasoning: str
    state: str
    ending: Ending


@dataclass(frozen=True)
class Finished:
    conversation_id: UUID
    wants_title: bool


@dataclass(frozen=True)
class Account:
    """What an answer used up, and its cost in micro-dollars; settled once, however often storing is tried."""

    usage: dict[str, Any] | None
    cost: int | None


def settle(end: End) -> Account:
    usage = _usage(end)
    cost = spending.settle(
        user_id=end.completion.requested_by_id,
        completion_id=end.completion.pk,
        model=end.completion.model,
        usage=usage,
        purpose="chat",
    )
    return Account(usage, cost)


@transaction.atomic
def store(end: End, account: Account) -> Finished | None:
    """The end of an answer; None if it is not ours any more."""
    conversation = Conversation.objects.select_for_update().filter(messages=end.message_id).first()
    if conversation is None or not _end_completion(end, account):
        log.warning("completion.lost", message=str(end.message_id))
        return None
    message = end_message(conversation, end.message_id, State(end.state), end.text)
    return Finished(conversation.pk, wants_title=_wants_title(conversation, message))


def _end_completion(end: End, account: Account) -> bool:
    # The message's row first: a checkpoint that is under way takes the locks in the same order.
    Message.objects.select_for_update().values_list("pk").get(pk=end.message_id)
    ending = end.ending
    return lease.end(
        end.message_id,
        owner=lease.NODE,
        state=State(end.state),
        finish_reason=ending.finish_reason[:64],
        code=ending.code,
        detail=ending.detail or SENTENCES.get(State(end.state), ""),
        upstream_id=ending.upstream_id[:200],
        model_used=ending.model[:100],
        reasoning=end.reasoning,
        left_out=end.prompt.left_out if end.prompt else 0,
        usage=account.usage,
        cost_micro_usd=account.cost,
    )


def end_message(
    conversation: Conversation, message_id: UUID, state: State, text: str | None
) -> Message:
    """Store the final text (None: keep what is saved) and tell every member; under the conversation's lock."""
    message = Message.objects.with_details().get(pk=message_id)
    message.content = message.content if text is None else text
    message.status = state
    message.version = conversation.next_version()
    message.save(update_fields=["content", "status", "version"])
    conversation.save(update_fields=["version"])
    [shape] = message_shapes(conversation, [message])
    events.publish(events.completion_finished(shape), to=conversation.member_ids())
    return message


def interrupt_expired() -> int:
    """Answers whose node is gone become `interrupted` with the text that was saved; how many."""
    return sum(_interrupt(*ids) for ids in lease.expired())


@transaction.atomic
def _interrupt(conversation_id: UUID, message_id: UUID) -> bool:
    """Conversation, message, completion: the lock order of everyone. Another reaper's rows are skipped."""
    free = Conversation.objects.select_for_update(skip_locked=True)
    conversation = free.filter(pk=conversation_id).first()
    if conversation is None or not lease.end_expired(
        message_id, detail=SENTENCES[State.INTERRUPTED]
    ):
        return False
    end_message(conversation, message_id, State.INTERRUPTED, None)
    return True


def _usage(end: End) -> dict[str, Any] | None:
    """What the upstream reported, else an estimate of what was read and written, marked as one."""
    if reported := end.ending.usage:
        return {
            **{name: getattr(reported, name) for name in reported.__struct_fields__},
            "estimated": False,
        }
    if not end.text or end.prompt is None:
        return None
    prompt, written = -(-end.prompt.bytes // 3), -(-len(end.text.encode()) // 3)
    estimate = {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
    }
    return {**estimate, "cached_tokens": 0, "reasoning_tokens": 0, "estimated": True}


def _wants_title(conversation: Conversation, message: Message) -> bool:
    return (
        message.status == State.COMPLETED
        and not conversation.title
        and not conversation.titled_by_hand
    )
