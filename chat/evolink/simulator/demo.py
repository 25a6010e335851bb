"""The demo model: a pleasant answer that shows what the page can do, at a readable pace."""

import re
import time
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

from chat.evolink.simulator import prose
from chat.evolink.simulator.questions import pictures_in, taken_apart, text_of
from chat.evolink.simulator.replies import (
    DONE,
    Beat,
    Reply,
    Step,
    json_reply,
    sse,
    usage_fields,
)
from chat.evolink.wire import ChatRequest, Usage

CHUNKS_A_SECOND = 60
_MOST_TOKENS = 65_536
_PICTURE_TOKENS = 258
_REASONING_TOKENS = {None: 96, "low": 32, "medium": 480, "high": 480}
_NOTHING_LEFT = "\n\nThat was all."  # a request to go on behind the end
_PIECES = re.compile(r"\S+\s*|\s+")


def reply(request: ChatRequest) -> Reply:
    """The demo answer, streamed or whole."""
    answer = _Answer(request)
    return answer.streamed() if request.stream else answer.whole()


class _Answer:
    """What the demo model says to one request, and what it counts for it."""

    def __init__(self, request: ChatRequest) -> None:
        self._request = request
        self._id = f"chatcmpl-{time.strftime('%Y%m%d%H%M%S')}{token_hex(8)}"
        asked, kept = taken_apart(request)
        text = _stopped(prose.answer_to(asked), request.stop).removeprefix(kept) or _NOTHING_LEFT
        self._text = _shortened(text, self._room())
        self._finish_reason = "stop" if self._text == text else "length"

    def streamed(self) -> Reply:
        begin = self._chunk({"role": "assistant", "content": ""})
        beat = Beat(self._chunks(), CHUNKS_A_SECOND)
        return Reply(steps=[begin], beat=beat, last=list(self._closing()))

    def whole(self) -> Reply:
        message = {"role": "assistant", "content": self._text}
        choices = [
            {"index": index, "message": message, "finish_reason": self._finish_reason}
            for index in range(self._request.n or 1)
        ]
        return json_reply(self._frame("chat.completion", choices, usage=self._usage()))

    def _chunks(self) -> Iterator[bytes]:
        for thought in prose.thoughts_about(self._request):
            yield self._chunk({"reasoning_content": thought})
        for piece in _PIECES.findall(self._text):
            yield self._chunk({"content": piece})

    def _closing(self) -> Iterator[Step]:
        yield self._chunk({}, finish=self._finish_reason)
        options = self._request.stream_options
        if options and options.include_usage:
            yield sse(self._frame("chat.completion.chunk", [], usage=self._usage()))
        yield DONE

    def _chunk(self, delta: dict[str, str], finish: str | None = None) -> bytes:
        """One chunk with the same delta for each of the n choices."""
        choices = [
            {"index": index, "delta": delta, "finish_reason": finish}
            for index in range(self._request.n or 1)
        ]
        return sse(self._frame("chat.completion.chunk", choices))

    def _frame(self, kind: str, choices: list[Any], **more: Any) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": kind,
            "created": int(time.time()),
            "model": self._request.model,
            "choices": choices,
            **more,
        }

    def _room(self) -> int:
        """Characters that fit, since reasoning counts against the cap too."""
        return (self._cap() - self._reasoning()) * 4

    def _cap(self) -> int:
        return self._request.max_completion_tokens or self._request.max_tokens or _MOST_TOKENS

    def _reasoning(self) -> int:
        return min(_REASONING_TOKENS[self._request.reasoning_effort], self._cap() // 2)

    def _usage(self) -> dict[str, Any]:
        prompt = sum(4 + _tokens(text_of(message)) for message in self._request.messages)
        prompt += _PICTURE_TOKENS * pictures_in(self._request)
        output = self._reasoning() + _tokens(self._text) * (self._request.n or 1)
        return usage_fields(
            Usage(
                prompt_tokens=prompt,
                completion_tokens=output,
                reasoning_tokens=self._reasoning(),
                total_tokens=prompt + output,
            )
        )


def _tokens(text: str) -> int:
    return -(-len(text) // 4)


def _stopped(text: str, stop: str | list[str] | None) -> str:
    for sequence in [stop] if isinstance(stop, str) else stop or []:
        text = text.partition(sequence)[0] if sequence else text
    return text


def _shortened(text: str, room: int) -> str:
    return text[: max(room, 0)]
