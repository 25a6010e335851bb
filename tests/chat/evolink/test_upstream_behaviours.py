"""Everything that an upstream was seen to do, and what becomes of it."""

from dataclasses import dataclass, field

import pytest

from chat.evolink.simulator import Simulator
from chat.evolink.simulator.streams import TRICKY
from tests.chat.evolink.conftest import hear, script

HELLO = "Hello world"


@dataclass
class Row:
    """What the script leads to. `flags` are those that must be there."""

    script: str
    state: str = "completed"
    code: str = ""
    text: str | None = HELLO
    finish: str = "stop"
    usage: str = "upstream"
    calls: int = 1
    flags: set[str] = field(default_factory=set)


def failed(script: str, code: str, *, calls: int = 1, finish: str = "", **more: object) -> Row:
    usage = more.pop("usage", "missing")
    return Row(script, "failed", code, "", finish, usage, calls, **more)


def cut(script: str, code: str, text: str | None = HELLO, **more: object) -> Row:
    return Row(script, "truncated", code, text, "", "missing", **more)


GOOD = [
    Row("well"),
    Row("well slice=1"),
    Row("well slice=3"),
    Row("well slice=7"),
    Row("tricky", text=TRICKY),
    Row("tricky slice=1", text=TRICKY),
    Row("many", text="x" * 100_000),
    Row("early"),
    Row("zipped"),
    Row("whole", flags={"not_streamed"}),
    Row("whole kind=text/event-stream", flags={"not_streamed"}),
    Row("whole kind=application/octet-stream slice=5", flags={"not_streamed"}),
    Row("whole text=", "failed", "empty_answer", ""),
    Row("late wait=0.5"),
    Row("late wait=0.3 pings=no"),
]

STYLES = [
    *(Row(f"framed style={style}") for style in ("no_space", "many_lines", "cr", "crlf", "bom")),
    *(Row(f"framed style={style} slice=1") for style in ("many_lines", "cr", "crlf", "bom")),
    *(Row(f"framed style={style}") for style in ("fields", "named", "comments", "blank_lines")),
    Row("framed style=no_blank_end"),
    Row("framed style=no_line_end"),
]

SHAPES = [
    Row("shaped shape=delta_missing"),
    Row("shaped shape=delta_null"),
    Row("shaped shape=content_null"),
    Row("shaped shape=content_number"),
    Row("shaped shape=role_only"),
    Row("shaped shape=parts"),
    Row("shaped shape=refusal"),
    Row("shaped shape=messages"),
    Row("shaped shape=thoughts"),
    Row("shaped shape=reasoning"),
    Row("shaped shape=tools", flags={"tool_calls"}),
    Row("shaped shape=choices_null"),
    Row("shaped shape=choices_odd"),
    Row("shaped shape=second_choice", flags={"extra_choices"}),
    Row("shaped shape=error_null"),
    Row("shaped shape=unrelated"),
    Row("shaped shape=one_malformed", flags={"malformed"}),
    Row("shaped shape=other_id", flags={"id_changed"}),
    Row("shaped shape=other_model", flags={"other_model"}),
    Row("shaped shape=nonsense_time"),
    Row("shaped shape=usage_early"),
    Row("shaped shape=usage_then_absurd"),
    Row("shaped shape=finish_twice"),
    Row("shaped shape=finish_with_text"),
    Row("shaped shape=text_after_finish", flags={"content_after_finish"}),
    Row("shaped shape=error_after_finish", flags={"error_after_finish"}),
    Row("shaped shape=after_done"),
    Row("shaped shape=split_pair", text="Hello \N{GRINNING FACE} world"),
    Row("shaped shape=lone_high", text="Hello \ufffdworld"),
    Row("shaped shape=lone_high_last", text="Hello \ufffd"),
    Row("shaped shape=lone_low", text="Hello \ufffdworld"),
    Row("shaped shape=nul"),
    Row("shaped shape=bad_bytes", text="Hello\ufffd world"),
    Row("shaped shape=raw_control", text="Hello\x01 world"),
]

ENDS = [
    Row("speak done=no", flags={"no_done"}),
    Row("speak finish=none", finish="", flags={"unknown_finish"}),
    Row("speak finish=length", finish="length"),
    Row("speak finish=content_filter", finish="content_filter"),
    Row("speak finish=because", finish="because"),
    Row(f"speak finish={'z' * 200}", finish="z" * 64),
    Row("silent", "failed", "empty_answer", ""),
    Row("silent finish=length", "failed", "empty_answer", "", "length"),
    Row("silent finish=content_filter", "failed", "filtered", "", "content_filter"),
    Row("silent finish=tool_calls", "failed", "empty_answer", "", "tool_calls"),
    Row("breaks how=reset after=finish", usage="missing", flags={"no_done"}),
    Row("breaks how=cut after=usage", flags={"no_done"}),
    Row("breaks how=hang after=usage", flags={"no_done"}),
    Row("breaks how=hang after=finish", usage="missing", flags={"no_done"}),
    Row("breaks how=eof after=finish", usage="missing", flags={"no_done"}),
]

USAGES = [
    Row("speak usage=none", usage="missing"),
    Row("speak usage=empty", usage="missing"),
    *(
        Row(f"speak usage={kind}", usage="rejected")
        for kind in ("zero", "unwritten", "negative", "huge", "endless", "over")
    ),
    *(
        Row(f"speak usage={kind}", usage="rejected")
        for kind in ("floats", "strings", "flags", "list", "text")
    ),
    *(Row(f"speak usage={kind}") for kind in ("bare", "apart", "odd_details")),
]

STREAM_FAULTS = [
    failed("breaks how=hang after=nothing", "upstream_timeout", calls=2),
    failed("breaks how=hang after=head", "stall", calls=2),
    failed("breaks how=hang after=comment", "stall", calls=2),
    failed("pings", "stall", calls=2),
    failed("breaks how=hang after=thought", "stall"),
    Row("breaks how=hang after=space", "failed", "stall", " \n", "", "missing"),
    cut("breaks how=hang after=text", "stall"),
    cut("pings text=yes", "stall"),
    failed("breaks how=reset after=nothing", "reset", calls=3),
    failed("breaks how=cut after=nothing", "reset", calls=3),
    failed("breaks how=reset after=head", "reset", calls=3),
    failed("breaks how=cut after=head", "reset", calls=3),
    cut("breaks how=reset after=text", "reset"),
    cut("breaks how=cut after=text", "reset"),
    cut("breaks how=eof after=text", "eof"),
    failed("breaks how=eof after=head", "empty_answer", calls=2),
    failed("empty", "empty_answer", calls=2),
    failed("empty framing=none", "empty_answer", calls=2),
    failed("empty done=yes", "empty_answer", calls=2),
    failed("bad_head", "protocol"),
    cut("bad_framing", "stall"),
    failed("error", "upstream_error", calls=3),
    failed("error shape=event", "upstream_error", calls=3),
    failed("error shape=bare_event", "upstream_error", calls=3),
    failed("error shape=string", "upstream_error", calls=3),
    failed("error shape=nested status=429", "rate_limited", calls=3),
    failed("error shape=with_choices", "upstream_error", calls=3),
    failed("error shape=finish", "upstream_error", calls=3),
    failed("error shape=empty", "upstream_error", calls=3),
    failed("error shape=typed", "rate_limited", calls=3),
    failed("error status=401", "upstream_auth"),
    failed("error status=402", "upstream_quota"),
    failed("error after=thought", "upstream_error"),
    *(
        cut(f"error after=text shape={shape}", "upstream_error")
        for shape in ("object", "event", "bare_event", "string", "with_choices", "finish")
    ),
    cut("error after=text status=429", "upstream_error"),
    failed("malformed after=head", "protocol"),
    cut("malformed after=text", "protocol"),
    failed("long_line after=head", "protocol"),
    cut("long_line after=text", "protocol"),
    failed("long_line megabytes=5 after=head", "protocol"),
    cut("long_answer", "too_long", "é" * 2**20),
    Row("long_answer name=reasoning_content", text="!", flags={"thoughts_cut"}),
]

REFUSALS = [
    failed("status code=400", "bad_request"),
    failed("status code=400 param=temperature", "bad_request"),
    failed("status code=400 body=unknown_param", "bad_request"),
    failed("status code=400 body=too_long", "context_length"),
    failed("status code=400 body=too_long_code", "context_length"),
    failed("status code=400 body=too_many", "context_length"),
    failed("status code=400 body=policy", "filtered"),
    failed("status code=403 body=policy_code", "filtered"),
    failed("status code=401", "upstream_auth"),
    failed("status code=403", "upstream_auth"),
    failed("status code=403 param=model", "model_denied"),
    failed("status code=402", "upstream_quota"),
    failed("status code=404 param=model", "model_gone"),
    failed("status code=404 body=page", "protocol"),
    failed("status code=408 body=empty", "upstream_timeout", calls=2),
    failed("status code=504 body=page", "upstream_timeout", calls=2),
    *(failed(f"status code={code}", "bad_request") for code in (405, 409, 413, 422, 451)),
    failed("status code=429", "rate_limited", calls=3),
    *(failed(f"status code={code}", "upstream_error", calls=3) for code in (500, 502, 503, 529)),
    *(failed(f"status code={code}", "upstream_error", calls=3) for code in range(520, 525)),
    *(failed(f"status code={code} body=page", "upstream_error", calls=3) for code in (502, 503)),
    *(
        failed(f"status code=500 body={body}", "upstream_error", calls=3)
        for body in ("string", "missing", "null", "list", "odd", "nested", "empty", "bytes")
    ),
    *(
        failed(f"status code=402 body={body}", "upstream_quota")
        for body in ("deep", "long", "bomb", "unfinished", "bytes")
    ),
    failed("moved", "upstream_redirect"),
    failed("moved code=301", "upstream_redirect"),
    failed("json_error", "upstream_error", calls=3),
    failed("json_error status=401", "upstream_auth"),
    failed("json_error status=404", "model_gone"),
    failed("json_error status=429 kind=text/event-stream", "rate_limited", calls=3),
    failed("page", "protocol"),
    failed("page kind=text/event-stream", "protocol"),
]

RECOVERIES = [
    Row("status code=503 times=1", calls=2),
    Row("status code=503 times=2", calls=3),
    Row("status code=429 times=1", calls=2),
    Row("empty times=1", calls=2),
    Row("pings times=1", calls=2),
    Row("error times=1", calls=2),
    Row("breaks how=reset after=nothing times=2", calls=3),
]

TABLE = GOOD + STYLES + SHAPES + ENDS + USAGES + STREAM_FAULTS + REFUSALS + RECOVERIES


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.script)
async def test_an_upstream_behaviour(simulator: Simulator, row: Row):
    heard = await hear(script(row.script))
    ending = heard.ending
    assert (ending.state, ending.code, heard.text) == (row.state, row.code, row.text)
    assert (ending.finish_reason, ending.usage_source) == (row.finish, row.usage)
    assert len(simulator.calls) == row.calls
    assert row.flags <= set(ending.flags)
    assert bool(ending.detail) == (row.state != "completed")
    assert "secret" not in ending.detail
