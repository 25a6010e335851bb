"""What a script answers: a head and steps, and the builders of chunks that scripts share."""

import enum
import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from chat.evolink.wire import Usage, encode


class Act(enum.Enum):
    """What a step may do to the connection, other than send."""

    RESET = "reset"  # RST
    CUT = "cut"  # FIN without the end that the framing promises
    HANG = "hang"  # keep it open and silent


Step = bytes | float | Act  # float: seconds to wait


class Beat(Struct, frozen=True):
    """Chunks sent at an even rate."""

    chunks: Iterator[bytes]
    rate: float  # a second


class Reply(Struct, kw_only=True):
    """One answer. `steps` come first, then the `beat`, then `last`."""

    status: int = 200
    kind: str = "text/event-stream"
    framing: str = "chunked"  # or "length", "none" (the end of file ends it), "raw" (by steps)
    headers: dict[str, str] = field(default_factory=dict)
    steps: Iterable[Step] = ()
    beat: Beat | None = None
    last: Iterable[Step] = ()
    has_head: bool = True


DONE = b"data: [DONE]\n\n"
ANSWER_ID = "chatcmpl-20251010015944503180122WJNB8Eid"


def sse(value: Any) -> bytes:
    """One event of one data line."""
    return b"data: %b\n\n" % (value if isinstance(value, bytes) else _json(value))


def _json(value: Any) -> bytes:
    """Compact JSON; unlike msgspec's it takes integers of any size."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def chunk(model: str, delta: Any = msgspec.UNSET, *, finish: Any = None, **more: Any) -> bytes:
    """A chat.completion.chunk as an event; `more` overwrites any of its fields."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    if delta is msgspec.UNSET:
        del choice["delta"]
    return sse(
        {
            "id": ANSWER_ID,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
            "choices": [choice],
            **more,
        }
    )


def usage_fields(usage: Usage) -> dict[str, Any]:
    """Usage with every field that the documents show."""
    written = usage.completion_tokens - usage.reasoning_tokens
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "text_tokens": usage.prompt_tokens,
            "audio_tokens": 0,
            "image_tokens": 0,
        },
        "completion_tokens_details": {
            "text_tokens": written,
            "audio_tokens": 0,
            "reasoning_tokens": usage.reasoning_tokens,
        },
        "input_tokens": 0,
        "output_tokens": 0,
        "input_tokens_details": None,
    }


def json_reply(value: Any, status: int = 200, **headers: str) -> Reply:
    body = value if isinstance(value, bytes) else encode(value)
    return Reply(
        status=status, kind="application/json", framing="length", headers=headers, steps=[body]
    )


def error_fields(status: int, message: str, kind: str, **more: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "type": kind, **more}}
