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
SENTENCES = {
    State.STOPPED: "Stopped.",
    State.INTERRUPTED: "Our server restarted while this answer was being written. What had come is kept.",
}


@dataclass(frozen=True)
class End:
    """All that is known when an answer ends; without a prompt it ended before anything was sent.
    `text` is the whole answer, `written` what this run has added to it."""

    message_id: UUID
    completion: Completion
    prompt: Prompt | None
    text: str
    written: str
    reasoning: str
    state: str
    ending: Ending

    @property
    def usage(self) -> dict[str, Any] | None:
        """What the upstream reported, else an estimate of what was read and written, marked as one."""
        if reported := self.ending.usage:
            return {
                **{name: getattr(reported, name) for name in reported.__struct_fields__},
                "estimated": False,
            }
        return estimate(self.prompt, self.written) if self.prompt else None


@dataclass(frozen=True)
class Finished:
    """`is_stored` is false where the conversation was deleted meanwhile: nothing is left but the cost."""

    conversation_id: UUID
    is_stored: bool = True
    wants_title: bool = False


def estimate(prompt: Prompt, written: str) -> dict[str, Any] | None:
    """Usage at three bytes a token; None where nothing was written."""
    if not written:
        return None
    read, wrote = -(-prompt.bytes // 3), -(-len(written.encode()) // 3)
    counted = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
    return {**counted, "cached_tokens": 0, "reasoning_tokens": 0, "estimated": True}


def settle(completion: Completion, usage: dict[str, Any] | None) -> None:
    """Account for an answer; by whoever has stored its end, and nobody else."""
    spending.settle(
        user_id=completion.requested_by_id,
        completion_id=completion.pk,
        model=completion.model,
        usage=usage,
        purpose="chat",
    )


@transaction.atomic
def store(end: End) -> Finished | None:
    """The end of an answer; None if it is not ours any more."""
    conversation = Conversation.objects.select_for_update().filter(messages=end.message_id).first()
    if conversation is None:
        return Finished(end.completion.message.conversation_id, is_stored=False)
    if not _end_completion(end):
        return _stored_before(end, conversation)
    message = end_message(conversation, end.message_id, State(end.state), end.text)
    return Finished(conversation.pk, wants_title=_wants_title(conversation, message))


def _stored_before(end: End, conversation: Conversation) -> Finished | None:
    """Our own commit whose answer was lost with the connection, so that nobody was told; or somebody else's end."""
    if lease.ended_by(end.message_id, lease.NODE):
        message = Message.objects.with_details().get(pk=end.message_id)
        _tell(conversation, message)
        return Finished(conversation.pk, wants_title=_wants_title(conversation, message))
    log.warning("completion.lost", message=str(end.message_id))
    return None


def _end_completion(end: End) -> bool:
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
        usage=end.usage,
        cost_micro_usd=spending.cost_of(end.completion.model, end.usage),
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
    _tell(conversation, message)
    return message


def _tell(conversation: Conversation, message: Message) -> None:
    [shape] = message_shapes(conversation, [message])
    events.publish(events.completion_finished(shape), to=conversation.member_ids())


def _wants_title(conversation: Conversation, message: Message) -> bool:
    return (
        message.status == State.COMPLETED
        and not conversation.title
        and not conversation.titled_by_hand
    )
