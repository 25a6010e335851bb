"""Streams that break: silence, resets, errors, nonsense, and answers without end."""

from collections.abc import Callable, Iterator
from typing import Any

from chat.evolink.simulator.replies import (
    DONE,
    Act,
    Reply,
    Step,
    chunk,
    error_fields,
    json_reply,
    sse,
)
from chat.evolink.simulator.streams import (
    HELLO,
    counted,
    ending,
    finished,
    said,
    steady,
)

_TICK = 0.03  # lets what was sent arrive before the connection breaks
_PING = b": ping\n\n"
_HOW = {"hang": Act.HANG, "reset": Act.RESET, "cut": Act.CUT, "eof": Act.CUT}


def breaks(model: str, how: str, after: str = "text") -> Reply:
    """Break the connection after nothing, the head, a comment, a thought, text or the finish.

    `how`: hang, reset, cut (chunked body without its end), eof (a body that only its end frames).
    """
    steps: list[Step] = [*_BEFORE[after](model), _TICK]
    framing = "none" if how == "eof" else "chunked"
    return Reply(has_head=after != "nothing", framing=framing, steps=[*steps, _HOW[how]])


def partly(
    model: str,
    chunks: int = 60,
    rate: float = 50,
    size: int = 6,
    after: int = 20,
    how: str = "reset",
) -> Reply:
    """The first `after` of the numbered pieces, then a break as above or (`length`) the cap.
    Asked to go on, all is well."""
    begun = steady(model, after, rate, size)
    if how == "length":
        begun.last = [finished(model, "length"), counted(model), DONE]
    else:
        begun.last = [_TICK, _HOW[how]]
    return begun


def _unbroken(model: str, chunks: int = 60, rate: float = 50, size: int = 6, **_: object) -> Reply:
    return steady(model, chunks, rate, size)


def pings(model: str, text: str = "no", every: float = 0.02) -> Reply:
    """Only comments, for ever; after some text or none."""
    begin: list[Step] = [*said(model, *HELLO)] if text == "yes" else []
    return Reply(steps=_followed_by_pings(begin, every))


def late(model: str, wait: float, pings: str = "yes") -> Reply:
    """All is well after so many seconds of comments, or of silence."""
    quiet: list[Step] = [0.02, _PING] * int(wait / 0.02) if pings == "yes" else [wait]
    return Reply(steps=[*quiet, *said(model, *HELLO), *ending(model)])


def empty(model: str, done: str = "no", framing: str = "chunked") -> Reply:
    """No event, or none but [DONE]."""
    return Reply(framing=framing, steps=[DONE] if done == "yes" else [])


def error(model: str, shape: str = "object", after: str = "head", status: int = 500) -> Reply:
    """An error inside the stream, after text or before, followed by more that must not count."""
    return Reply(steps=[*_BEFORE[after](model), _ERRORS[shape](model, status), *ending(model)])


def json_error(model: str, status: int = 500, kind: str = "application/json") -> Reply:
    """A 200 whose body is an error."""
    reply = json_reply(error_fields(status, "wrapped", ""))
    reply.kind = kind
    return reply


def page(model: str, kind: str = "text/html") -> Reply:
    """A 200 with somebody's HTML."""
    steps = [b"<!doctype html><title>Maintenance</title><script>alert(1)</script>"]
    return Reply(kind=kind, framing="length", steps=steps)


def malformed(model: str, after: str = "text") -> Reply:
    """Two events that are no JSON objects."""
    return Reply(steps=[*_BEFORE[after](model), sse(b"{oops"), sse(b"[1]"), *ending(model)])


def long_line(model: str, megabytes: float = 1.5, after: str = "text") -> Reply:
    """One delta that is too large for a line."""
    huge = chunk(model, {"content": "x" * int(megabytes * 2**20)})
    return Reply(steps=[*_BEFORE[after](model), huge, *ending(model)])


def long_answer(model: str, megabytes: float = 2.5, name: str = "content") -> Reply:
    """More text than any answer may have, in chunks of 64 KiB."""
    part = chunk(model, {name: "é" * 2**15})
    return Reply(steps=[*[part] * int(megabytes * 16), *said(model, "!"), *ending(model)])


def bad_framing(model: str) -> Reply:
    """A chunk size that is no number."""
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    body = b"".join(said(model, *HELLO))
    steps: list[Step] = [head, b"%x\r\n%b\r\n" % (len(body), body), _TICK, b"zz\r\n", _TICK]
    return Reply(framing="raw", has_head=False, steps=[*steps, Act.CUT])


def bad_head(model: str) -> Reply:
    """Something that is not HTTP."""
    return Reply(framing="raw", has_head=False, steps=[b"SSH-2.0-OpenSSH_9.6\r\n", _TICK, Act.CUT])


def _followed_by_pings(begin: list[Step], every: float) -> Iterator[Step]:
    yield from begin
    while True:
        yield every
        yield _PING


_BEFORE: dict[str, Callable[[str], list[bytes]]] = {
    "nothing": lambda _: [],
    "head": lambda _: [],
    "comment": lambda _: [_PING],
    "thought": lambda model: [chunk(model, {"reasoning_content": "Hm."})],
    "space": lambda model: said(model, " \n"),
    "half": lambda model: said(model, HELLO[0]),
    "text": lambda model: said(model, *HELLO),
    "finish": lambda model: [*said(model, *HELLO), finished(model)],
    "usage": lambda model: [*said(model, *HELLO), finished(model), counted(model)],
}


def _told(status: int) -> dict[str, Any]:
    return error_fields(status, "The upstream says: secret prompt text", "")


_ERRORS: dict[str, Callable[[str, int], bytes]] = {
    "object": lambda _, status: sse(_told(status)),
    "event": lambda _, status: b"event: error\n" + sse(_told(status)),
    "bare_event": lambda _, __: b"event: error\ndata: it broke\n\n",
    "string": lambda _, __: sse({"error": "it broke"}),
    "nested": lambda _, status: sse({"error": f'{{"error": {{"code": {status}}}}}'}),
    "with_choices": lambda model, status: chunk(model, {"content": "x"}, **_told(status)),
    "finish": lambda model, _: finished(model, "error"),
    "empty": lambda _, __: sse({"error": {}}),
    "typed": lambda _, __: sse({"error": {"type": "rate_limit_error", "code": None}}),
}

SCRIPTS: dict[str, Callable[..., Reply]] = {
    script.__name__: script
    for script in (
        breaks,
        partly,
        pings,
        late,
        empty,
        error,
        json_error,
        page,
        malformed,
        long_line,
        long_answer,
        bad_framing,
        bad_head,
    )
}

MENDED: dict[str, Callable[..., Reply]] = {"partly": _unbroken}  # when they are asked to go on
