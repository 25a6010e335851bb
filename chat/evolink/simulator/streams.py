"""Streams that come to a good end, in every shape that gateways were seen to give them."""

import gzip
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from chat.evolink.simulator.replies import DONE, Beat, Reply, chunk, json_reply, sse, usage_fields
from chat.evolink.wire import Usage

COUNTED = Usage(prompt_tokens=13, completion_tokens=1891, reasoning_tokens=1480, total_tokens=1904)
HELLO = ("Hello", " world")
TRICKY = "naïve 日本語 👩‍👩‍👧 \N{LINE SEPARATOR}\N{NEXT LINE} end"


def said(model: str, *texts: str) -> list[bytes]:
    """Content chunks, opened by the role as the format wants it."""
    role = chunk(model, {"role": "assistant", "content": ""})
    return [role, *(chunk(model, {"content": text}) for text in texts)]


def finished(model: str, reason: Any = "stop") -> bytes:
    return chunk(model, {}, finish=reason)


def counted(model: str, usage: Any = None) -> bytes:
    fields = usage_fields(COUNTED) if usage is None else usage
    return chunk(model, choices=[], usage=fields)


def ending(model: str) -> list[bytes]:
    return [finished(model), counted(model), DONE]


def well(model: str) -> Reply:
    return Reply(steps=[*said(model, *HELLO), *ending(model)])


def steady(model: str, chunks: int = 200, rate: float = 50, size: int = 5) -> Reply:
    """Numbered pieces of `size` characters, `rate` times a second."""
    return Reply(beat=Beat(iter(_numbered(model, chunks, size)), rate), last=ending(model))


def stamp(model: str, chunks: int = 200, rate: float = 50) -> Reply:
    """Each piece is the time at which it was written, in nanoseconds since the epoch."""
    return Reply(beat=Beat(_stamped(model, chunks), rate), last=ending(model))


def speak(model: str, finish: str = "stop", usage: str = "", done: str = "yes") -> Reply:
    """Text, then this finish_reason ("none": nothing), this usage (see USAGES) and [DONE] or not."""
    end = [] if finish == "none" else [finished(model, finish)]
    count = [] if usage == "none" else [counted(model, USAGES[usage] if usage else None)]
    return Reply(steps=[*said(model, *HELLO), *end, *count, *([DONE] if done == "yes" else [])])


def silent(model: str, finish: str = "stop") -> Reply:
    """A finish without a text."""
    return Reply(steps=[*said(model), finished(model, finish), counted(model), DONE])


def tricky(model: str) -> Reply:
    """Characters of every length, unescaped, and line ends that are none."""
    return Reply(steps=[*said(model, *TRICKY.split("|")), *ending(model)])


def many(model: str, chunks: int = 100_000) -> Reply:
    """One character a chunk, as fast as it goes."""
    return Reply(steps=[*[chunk(model, {"content": "x"})] * chunks, *ending(model)])


def whole(model: str, kind: str = "application/json", text: str = "Hello_world") -> Reply:
    """A whole response, though a stream was asked for."""
    message = {"role": "assistant", "content": text.replace("_", " ")}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": "chatcmpl-whole", "object": "chat.completion", "created": 1, "model": model}
    reply = json_reply({**body, "choices": [choice], "usage": usage_fields(COUNTED)})
    reply.kind = kind
    return reply


def zipped(model: str) -> Reply:
    """Compressed, though we did not ask for it."""
    body = gzip.compress(b"".join([*said(model, *HELLO), *ending(model)]))
    return Reply(headers={"Content_Encoding": "gzip"}, steps=[body])


def framed(model: str, style: str) -> Reply:
    """The same events in another of the spellings that the event stream format allows."""
    text = b"".join([*said(model, *HELLO), *ending(model)])
    return Reply(steps=[STYLES[style](text)])


def shaped(model: str, shape: str) -> Reply:
    """Chunks of an odd shape around "Hello world"."""
    return Reply(steps=[*SHAPES[shape](model), *ending(model)])


def early(model: str) -> Reply:
    """An interim response before the real one, and trailers after it."""
    body = b"".join([*said(model, *HELLO), *ending(model)])
    head = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n"
    fields = (
        b"Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nTrailer: Took\r\n\r\n"
    )
    end = b"\r\n0\r\nTook: 1\r\n\r\n"
    steps = [head + fields, b"%x\r\n%b" % (len(body), body), end]
    return Reply(framing="raw", has_head=False, steps=steps)


USAGES: dict[str, Any] = {
    "zero": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    "unwritten": {"prompt_tokens": 13, "completion_tokens": 0, "total_tokens": 13},
    "negative": {"prompt_tokens": 13, "completion_tokens": -5, "total_tokens": 8},
    "huge": {"prompt_tokens": 13, "completion_tokens": 10**9, "total_tokens": 10**9 + 13},
    "endless": {"prompt_tokens": 13, "completion_tokens": 10**30, "total_tokens": 10**30},
    "over": {"prompt_tokens": 1_048_577, "completion_tokens": 5, "total_tokens": 1_048_582},
    "floats": {"prompt_tokens": 13.5, "completion_tokens": 5.0, "total_tokens": 18.5},
    "strings": {"prompt_tokens": "13", "completion_tokens": "5", "total_tokens": "18"},
    "flags": {"prompt_tokens": True, "completion_tokens": True, "total_tokens": True},
    "list": [13, 5, 18],
    "text": "many",
    "empty": {},
    "bare": {"prompt_tokens": 13, "completion_tokens": 5},
    "apart": {
        "prompt_tokens": 13,
        "completion_tokens": 0,
        "total_tokens": 81,
        "completion_tokens_details": {"reasoning_tokens": 60},
    },
    "odd_details": {
        "prompt_tokens": 13,
        "completion_tokens": 5,
        "total_tokens": 0,
        "prompt_tokens_details": {"cached_tokens": 99},
        "completion_tokens_details": None,
    },
}

STYLES: dict[str, Callable[[bytes], bytes]] = {
    "no_space": lambda text: text.replace(b"data: ", b"data:"),
    "many_lines": lambda text: text.replace(b',"choices"', b'\ndata: ,"choices"'),
    "cr": lambda text: text.replace(b"\n", b"\r"),
    "crlf": lambda text: text.replace(b"\n", b"\r\n"),
    "bom": lambda text: b"\xef\xbb\xbf" + text,
    "fields": lambda text: text.replace(b"data: ", b"id: 7\nretry: 10\nfoo: bar\nbaz\ndata: "),
    "named": lambda text: text.replace(b"data: ", b"event: message\ndata: "),
    "comments": lambda text: text.replace(b"data: ", b": ping\n\n:\n\ndata: "),
    "no_blank_end": lambda text: text.removesuffix(b"\n\n"),
    "no_line_end": lambda text: text.removesuffix(b" [DONE]\n\n") + b"[DONE]",
    "blank_lines": lambda text: b"\n\n\n" + text.replace(b"\n\n", b"\n\n\n\n\n"),
}

SHAPES: dict[str, Callable[[str], list[bytes]]] = {
    "delta_missing": lambda m: [chunk(m), *said(m, *HELLO)],
    "delta_null": lambda m: [chunk(m, None), *said(m, *HELLO)],
    "content_null": lambda m: [chunk(m, {"content": None}), *said(m, *HELLO)],
    "content_number": lambda m: [chunk(m, {"content": 42}), *said(m, *HELLO)],
    "role_only": lambda m: [chunk(m, {"role": "assistant"}), *said(m, *HELLO)],
    "parts": lambda m: [chunk(m, {"content": [{"type": "text", "text": t}]}) for t in HELLO],
    "refusal": lambda m: [chunk(m, {"refusal": text}) for text in HELLO],
    "messages": lambda m: [sse({"choices": [{"message": {"content": t}}]}) for t in HELLO],
    "thoughts": lambda m: [chunk(m, {"reasoning_content": "Hm."}), *said(m, *HELLO)],
    "reasoning": lambda m: [chunk(m, {"reasoning": "Hm."}), *said(m, *HELLO)],
    "tools": lambda m: [chunk(m, {"tool_calls": [{"id": "1"}]}), *said(m, *HELLO)],
    "choices_null": lambda m: [chunk(m, choices=None), *said(m, *HELLO)],
    "choices_odd": lambda m: [chunk(m, choices=[None, 3, "x"]), *said(m, *HELLO)],
    "second_choice": lambda m: [
        sse({"choices": [{"index": 1, "delta": {"content": "No"}}]}),
        *said(m, *HELLO),
        sse({"choices": [{"index": 1, "delta": {}, "finish_reason": "length"}]}),
    ],
    "error_null": lambda m: [chunk(m, {"content": text}, error=None) for text in HELLO],
    "unrelated": lambda m: [sse({"type": "ping"}), sse({}), *said(m, *HELLO)],
    "one_malformed": lambda m: [sse(b'{"choices":[{'), *said(m, *HELLO)],
    "other_id": lambda m: [*said(m, "Hello"), chunk(m, {"content": " world"}, id="chatcmpl-2")],
    "other_model": lambda _: said("gemini-9", *HELLO),
    "nonsense_time": lambda m: [chunk(m, {"content": t}, created=-1e300) for t in HELLO],
    "usage_early": lambda m: [
        chunk(m, {"content": text}, usage={"prompt_tokens": 13, "completion_tokens": at})
        for at, text in enumerate(HELLO, 1)
    ],
    "usage_then_absurd": lambda m: [
        *said(m, *HELLO),
        finished(m),
        counted(m),
        counted(m, USAGES["negative"]),
        counted(m, USAGES["zero"]),
        DONE,
    ],
    "finish_twice": lambda m: [*said(m, *HELLO), finished(m), finished(m, "length")],
    "finish_with_text": lambda m: [
        chunk(m, {"content": "Hello"}),
        chunk(m, {"content": " world"}, finish="stop"),
    ],
    "text_after_finish": lambda m: [*said(m, *HELLO), finished(m), *said(m, " again")],
    "error_after_finish": lambda m: [*said(m, *HELLO), finished(m), counted(m), _error()],
    "after_done": lambda m: [*said(m, *HELLO), *ending(m), *said(m, " again")],
    "split_pair": lambda m: _escaped(m, r"Hello \ud83d", r"\ude00 world"),
    "lone_high": lambda m: _escaped(m, r"Hello \ud83d", "world"),
    "lone_high_last": lambda m: _escaped(m, r"Hello \ud83d"),
    "lone_low": lambda m: _escaped(m, r"Hello \ude00world"),
    "nul": lambda m: _escaped(m, r"Hel\u0000lo", r"\u0000", " world"),
    "bad_bytes": lambda m: [part.replace(b"#", b"\xff") for part in said(m, "Hello", "# world")],
    "raw_control": lambda m: [part.replace(b"#", b"\x01") for part in said(m, "Hello", "# world")],
}


def _error() -> bytes:
    return sse({"error": {"code": 500, "message": "late", "type": "internal_server_error"}})


def _escaped(model: str, *texts: str) -> list[bytes]:
    """Chunks whose text holds JSON escapes as they are written here."""
    return [chunk(model, {"content": "@"}).replace(b'"@"', f'"{text}"'.encode()) for text in texts]


@lru_cache(maxsize=16)
def _numbered(model: str, chunks: int, size: int) -> list[bytes]:
    return [chunk(model, {"content": f"{at:0{size - 1}d} "}) for at in range(chunks)]


def _stamped(model: str, chunks: int) -> Iterator[bytes]:
    before, after = chunk(model, {"content": "@ "}).split(b"@")
    for _ in range(chunks):
        yield b"%b%d%b" % (before, time.time_ns(), after)


SCRIPTS: dict[str, Callable[..., Reply]] = {
    script.__name__: script
    for script in (
        well,
        steady,
        stamp,
        speak,
        silent,
        tricky,
        many,
        whole,
        zipped,
        framed,
        shaped,
        early,
    )
}
