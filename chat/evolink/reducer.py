"""From chunks to text and one ending, tolerating every shape that gateways were seen to send.

Once a finish_reason was seen the answer is complete and nothing that follows may change it.
"""

from typing import Any

from chat.evolink import usage
from chat.evolink.errors import Fault, fault_of_error
from chat.evolink.limits import LIMITS
from chat.evolink.mending import Mender
from chat.evolink.pieces import Piece, Thought, UsageSource
from chat.evolink.sse import Event
from chat.evolink.wire import Choice, Chunk, Delta, Malformed, Usage, decode_chunk

Text = Piece | Thought


class Reducer:
    """Takes chunks, gives text; what it has seen is read off its attributes at the end."""

    def __init__(self, asked_model: str) -> None:
        self._asked_model = asked_model
        self._answer = Mender(LIMITS.answer_bytes)
        self._thoughts = Mender(LIMITS.answer_bytes)
        self._usage: Usage | None = None
        self._had_absurd_usage = False
        self.done = False  # [DONE] was seen
        self.fault_was_told = False  # the fault is what an error object said
        self.fault: Fault | None = None
        self.finish_reason = ""
        self.upstream_id = ""
        self.model = ""
        self.flags: dict[str, None] = {}

    @property
    def closed(self) -> bool:
        """Nothing that comes now counts."""
        return self.done or self.fault is not None

    @property
    def said_something(self) -> bool:
        """Whether anybody has seen anything of this answer, be it a thought."""
        return self._answer.size + self._thoughts.size > 0

    @property
    def has_text(self) -> bool:
        return self._answer.has_text

    def take(self, event: Event) -> list[Text]:
        """Read one event of a stream."""
        if self.closed:
            return []
        if event.data.strip() == b"[DONE]":
            self.done = True
            return []
        if event.name == "error":
            return self._hear(_error_of(event))
        return self._decode(event.data)

    def add(self, chunk: Chunk) -> list[Text]:
        """Read one chunk, or a whole response."""
        self._note(chunk)
        if chunk.error or (chunk.error is not None and not chunk.choices):
            return self._hear(chunk.error)
        texts: list[Text] = []
        for choice in chunk.choices or ():
            self._choose(choice, texts)
        return texts

    def rest(self) -> list[Text]:
        """What is still held back: half a surrogate pair, of which no other half came."""
        texts: list[Text] = [Thought(text) for text in (self._thoughts.finish(),) if text]
        return texts + [Piece(text) for text in (self._answer.finish(),) if text]

    def usage(self) -> tuple[Usage | None, UsageSource]:
        """The last usage that can be believed, and where it comes from."""
        if self._usage and usage.explains(self._usage, text=self.said_something):
            return self._usage, "upstream"
        return None, "rejected" if self._usage or self._had_absurd_usage else "missing"

    def flag(self, oddity: str) -> None:
        self.flags[oddity] = None

    def _decode(self, data: bytes) -> list[Text]:
        try:
            return self.add(decode_chunk(data))
        except Malformed as malformed:
            return self._skip(malformed)

    def _skip(self, malformed: Malformed) -> list[Text]:
        """One event may be broken; with the second the stream cannot be trusted any more."""
        if "malformed" in self.flags:
            return self._fail(Fault("protocol", told=str(malformed)))
        self.flag("malformed")
        return []

    def _hear(self, error: Any) -> list[Text]:
        self.fault_was_told = True
        return self._fail(fault_of_error(error))

    def _fail(self, fault: Fault) -> list[Text]:
        if self.finish_reason:
            self.flag("error_after_finish")
            self.done = True
        else:
            self.fault = fault
        return []

    def _note(self, chunk: Chunk) -> None:
        if chunk.usage:
            self._note_usage(chunk.usage)
        if chunk.id and chunk.id != self.upstream_id:
            self._note_id(chunk.id)
        if chunk.model and not self.model:
            self._note_model(chunk.model)

    def _note_usage(self, raw: Any) -> None:
        """The last one counts: some gateways send it with every chunk, growing."""
        try:
            found = usage.normalise(raw)
        except usage.Absurd:
            self._had_absurd_usage = True
        else:
            self._usage = found if found.total_tokens else self._usage or found

    def _note_id(self, upstream_id: str) -> None:
        if self.upstream_id:
            self.flag("id_changed")
        else:
            self.upstream_id = clean(upstream_id, 200)

    def _note_model(self, model: str) -> None:
        self.model = clean(model, 200)
        if self._asked_model not in self.model:
            self.flag("other_model")

    def _choose(self, choice: Choice, texts: list[Text]) -> None:
        if choice.index:
            self.flag("extra_choices")
            return
        delta = choice.delta or choice.message
        if delta and not self.closed:
            self._read(delta, texts)
        if choice.finish_reason and not self.closed:
            self._finish(choice.finish_reason)

    def _read(self, delta: Delta, texts: list[Text]) -> None:
        if delta.tool_calls:
            self.flag("tool_calls")
        thought = delta.reasoning_content or delta.reasoning
        if thought and (text := self._thoughts.feed(thought)):
            texts.append(Thought(text))
        if self._thoughts.full:
            self.flag("thoughts_cut")
        if said := delta.content or delta.refusal:
            self._say(said, texts)

    def _say(self, said: str, texts: list[Text]) -> None:
        if self.finish_reason:
            self.flag("content_after_finish")
        elif text := self._answer.feed(said):
            texts.append(Piece(text))
        if self._answer.full:
            self._fail(Fault("too_long"))

    def _finish(self, reason: str) -> None:
        if reason == "error":
            self._fail(Fault("upstream_error", told="finish_reason error"))
        elif not self.finish_reason:
            self.finish_reason = clean(reason, 64)


def clean(text: str, most: int) -> str:
    """Text from outside, fit to be stored."""
    return text[:most].replace("\0", "").encode("utf-8", "replace").decode()


def _error_of(event: Event) -> Any:
    try:
        chunk = decode_chunk(event.data)
    except Malformed:
        return event.data.decode("utf-8", "replace")
    return chunk.error or event.data.decode("utf-8", "replace")
