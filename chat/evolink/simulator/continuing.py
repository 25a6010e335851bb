"""A reply that goes on with an answer that was cut off: what was said already is not said again."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from chat.evolink.simulator.replies import Beat, Reply, Step, sse

T = TypeVar("T", bytes, Step)


def going_on(reply: Reply, kept: str) -> Reply:
    """The reply without `kept`, if its text begins with that; else as it is, and so is one that is no stream."""
    if not kept or reply.framing == "length":
        return reply
    known = _Known(kept)
    reply.steps, reply.last = known.left_out_of(reply.steps), known.left_out_of(reply.last)
    if reply.beat:
        reply.beat = Beat(known.left_out_of(reply.beat.chunks), reply.beat.rate)
    return reply


class _Known:
    """The kept text, while it is found again at the begin of a reply. What is held back is given
    out after all, should the reply turn out to say something else."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._held = b""

    def left_out_of(self, steps: Iterable[T]) -> Iterator[T]:
        for step in steps:
            yield from self._new_in(step) if self._text and isinstance(step, bytes) else [step]

    def _new_in(self, event: bytes) -> Iterator[bytes]:
        said = _text_in(event)
        if said and self._text.startswith(said):
            self._text, self._held = self._text[len(said) :], self._held + event
        elif said.startswith(self._text):
            yield _with_text(event, said[len(self._text) :])
            self._text = ""
        elif said:
            yield self._held + event
            self._text = ""
        else:
            yield event


def _text_in(event: bytes) -> str:
    try:
        said = _delta_in(_fields(event)).get("content")
    except (ValueError, LookupError, AttributeError, TypeError):
        return ""  # the end of the stream, or an event that is odd on purpose
    return said if isinstance(said, str) else ""


def _with_text(event: bytes, text: str) -> bytes:
    fields = _fields(event)
    _delta_in(fields)["content"] = text
    return sse(fields)


def _fields(event: bytes) -> Any:
    return json.loads(event.removeprefix(b"data: "))


def _delta_in(fields: Any) -> Any:
    return fields["choices"][0]["delta"]
