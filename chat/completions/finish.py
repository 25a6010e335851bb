"""The end of an answer: the cost is settled, the text and the final state are stored once, and everyone is told."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from accounts.services import spending
from chat import events
from chat.completions import lease
from chat.evolink.pieces import Ending
from chat.models import Conversation, Message
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
    """All that is known when an answer ends. `prompt_bytes` serves an estimate when no usage was reported."""

    message_id: UUID
    completion_id: UUID
    payer_id: UUID | None
    model: str
    prompt_bytes: int
    text: str
    reasoning: str
    left_out: int
    state: str
    ending: Ending


@dataclass(frozen=True)
class Finished:
    conversation_id: UUID
    wants_title: bool


def store(end: End) -> Finished | None:
    """Settle, then store; None if the answer is not ours any more."""
    usage = _usage(end)
    cost = spending.settle(
        user_id=end.payer_id,
        completion_id=end.completion_id,
        model=end.model,
        usage=usage,
        purpose="chat",
    )
    if end.state in UNSTORED:
        return None
    return _store(end, usage, cost)


@transaction.atomic
def _store(end: End, usage: dict[str, Any] | None, cost: int | None) -> Finished | None:
    conversation = Conversation.objects.select_for_update().filter(messages=end.message_id).first()
    if conversation is None or not _end_completion(end, usage, cost):
        log.warning("completion.lost", message=str(end.message_id))
        return None
    message = end_message(conversation, end.message_id, State(end.state), end.text)
    return Finished(conversation.pk, wants_title=_wants_title(conversation, message))


def _end_completion(end: End, usage: dict[str, Any] | None, cost: int | None) -> bool:
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
        left_out=end.left_out,
        usage=usage,
        cost_micro_usd=cost,
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
    if not end.text:
        return None
    prompt, written = -(-end.prompt_bytes // 3), -(-len(end.text.encode()) // 3)
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
