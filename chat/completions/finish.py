"""The end of an answer: the cost is settled, the text and the final state are stored once, and everyone is told."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from accounts.prices import Tokens
from accounts.services import spending
from accounts.services.spending import Hold, Source
from chat import events
from chat.completions import calling, lease, line
from chat.completions.prompt import Prompt
from chat.evolink.pieces import Ending
from chat.models import Completion, Conversation, Message
from chat.models.states import State
from chat.shapes import message_shapes

# What a model thinks and writes at most, in nearly every second that it takes; for estimates of what was cut off.
TOKENS_A_SECOND = 150
log = structlog.get_logger(__name__)
TAKEN_BACK = "Taken back before it began."
SENTENCES = {
    State.STOPPED: "Stopped.",
    State.INTERRUPTED: "Our server restarted while this answer was being written. What had come is kept.",
}


@dataclass(frozen=True)
class End:
    """All that is known when an answer ends; without a hold no call was made. `text` is the whole answer, `written`
    what this run has added to it in `seconds`."""

    message_id: UUID
    completion: Completion
    prompt: Prompt | None
    hold: Hold | None
    seconds: float
    text: str
    written: str
    reasoning: str
    state: str
    ending: Ending

    def used(self) -> tuple[Tokens | None, Source]:
        """What was reported, else an estimate of what was read, thought and written; None where it was refused."""
        reported = calling.counted(self.ending.usage) if self.ending.usage else None
        if reported and self.state != State.TRUNCATED:
            return reported, "upstream"
        if self.hold is None or not (self.written or self.reasoning or self._was_cut_by_us()):
            return reported, "upstream" if reported else "none"
        estimate = spending.within(self.hold, self._estimate())
        if reported and reported.total >= estimate.total:
            return reported, "upstream"
        return estimate, "estimate"

    def _was_cut_by_us(self) -> bool:
        """By a person, a deletion or a restart, perhaps while it was still thinking."""
        return self.ending.state == "truncated" and not self.ending.code

    def _estimate(self) -> Tokens:
        """Three bytes a token; or, if that is more, what a model writes in the time that it took, thoughts included."""
        read = -(-self.prompt.bytes // 3) if self.prompt else 0
        wrote = -(-len((self.written + self.reasoning).encode()) // 3)
        return Tokens(prompt=read, output=max(wrote, int(self.seconds * TOKENS_A_SECOND)))


@dataclass(frozen=True)
class Finished:
    """`is_stored` is false where the conversation was deleted meanwhile: nothing is left but the cost."""

    conversation_id: UUID
    is_stored: bool = True
    wants_title: bool = False


def usage_shown(used: Tokens | None, source: Source) -> dict[str, Any] | None:
    """As it is stored beside the answer."""
    if used is None:
        return None
    return {
        "prompt_tokens": used.prompt,
        "cached_tokens": used.cached,
        "completion_tokens": used.output,
        "reasoning_tokens": used.reasoning,
        "total_tokens": used.total,
        "estimated": source != "upstream",
    }


def settle(end: End) -> None:
    """Book the call; by whoever has stored the end of the answer, and nobody else."""
    used, source = end.used()
    spending.settle(end.completion.pk, end.completion.restarts, used, source)


@transaction.atomic
def store(end: End) -> Finished | None:
    """The end of an answer; None if it is not ours any more."""
    conversation = Conversation.objects.select_for_update().filter(messages=end.message_id).first()
    if conversation is None:
        return Finished(end.completion.message.conversation_id, is_stored=False)
    if not _end_completion(end):
        return _stored_before(end, conversation)
    message = end_message(conversation, end.message_id, State(end.state), end.text)
    settle(end)  # together with the end, so that what is shown is what is booked
    return Finished(conversation.pk, wants_title=_wants_title(conversation, message))


def _stored_before(end: End, conversation: Conversation) -> Finished | None:
    """Our own commit whose answer was lost with the connection, so that nobody was told; or somebody else's end."""
    if lease.ended_by(end.message_id, lease.NODE):
        message = Message.objects.with_details().get(pk=end.message_id)
        _tell(conversation, message)
        line.move_on(conversation, message.pk)
        return Finished(conversation.pk, wants_title=_wants_title(conversation, message))
    log.warning("completion.lost", message=str(end.message_id))
    return None


def _end_completion(end: End) -> bool:
    # The message's row first: a checkpoint that is under way takes the locks in the same order.
    Message.objects.select_for_update().values_list("pk").get(pk=end.message_id)
    ending, (used, source) = end.ending, end.used()
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
        max_output=end.hold.max_output if end.hold and end.hold.is_smaller else None,
        prompt_key=end.prompt.key if end.prompt else "",
        usage=usage_shown(used, source),
        cost_micro_usd=spending.charge_of(end.hold, used) if end.hold and used else None,
    )


def end_message(
    conversation: Conversation, message_id: UUID, state: State, text: str | None
) -> Message:
    """Store the final text (None: keep what is saved), tell every member, and let the next in line begin; under the
    conversation's lock."""
    message = Message.objects.with_details().get(pk=message_id)
    message.content = message.content if text is None else text
    message.status = state
    message.version = conversation.next_version()
    message.save(update_fields=["content", "status", "version"])
    conversation.save(update_fields=["version"])
    _tell(conversation, message)
    line.move_on(conversation, message_id)
    return message


def take_back(conversation: Conversation, answer: Message) -> Message | None:
    """End an answer that waits in line, of which nothing is held; None if it does not wait (any more). Under the
    conversation's lock, and with its completion."""
    if not answer.is_answer() or not answer.completion.is_waiting():
        return None
    if not lease.end(answer.pk, owner=None, state=State.STOPPED, detail=TAKEN_BACK):
        return None
    return end_message(conversation, answer.pk, State.STOPPED, None)


def _tell(conversation: Conversation, message: Message) -> None:
    [shape] = message_shapes(conversation, [message])
    events.publish(events.completion_finished(shape), to=conversation.member_ids())


def _wants_title(conversation: Conversation, message: Message) -> bool:
    return (
        message.status == State.COMPLETED
        and not conversation.title
        and not conversation.titled_by_hand
    )
