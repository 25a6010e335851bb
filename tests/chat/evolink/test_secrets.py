"""The key goes into one header and nowhere else; texts go into no log."""

import logging

import pytest
from structlog.testing import capture_logs

from chat.evolink import address
from chat.evolink.simulator import Simulator
from tests.chat.evolink.conftest import KEY, PointAt, complete, hear, script

TROUBLES = [
    "well",
    f"echo_key key={KEY}",
    f"echo_key key=Bearer_{KEY}",
    f"echo_key key={'x' * 1990}{KEY}",
    "status code=401",
    "status code=500 body=bytes",
    "moved",
    "bad_head",
    "bad_framing",
    "breaks how=reset after=nothing",
    "breaks how=reset after=text",
    "breaks how=hang after=nothing",
    "error after=text",
    "error shape=bare_event",
    "malformed",
    "page",
]


@pytest.mark.parametrize("line", TROUBLES)
async def test_the_key_is_nowhere(
    simulator: Simulator, caplog: pytest.LogCaptureFixture, line: str
):
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        heard = await hear(script(line))
        whole = await complete(script(line))
    everything = f"{heard!r} {whole!r} {logs!r} {caplog.text} {caplog.records!r}"
    assert KEY not in everything
    assert KEY[:20] not in everything
    assert all(KEY not in repr(call) for call in simulator.calls if "echo" not in line)


@pytest.mark.parametrize("line", ["well", "error after=text", "status code=400", "page"])
async def test_no_text_is_logged(simulator: Simulator, caplog: pytest.LogCaptureFixture, line: str):
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        await hear(script(line))
    told = f"{logs!r} {caplog.text}"
    assert not any(text in told for text in ("Hello", "Please", "!script", "secret prompt"))


async def test_what_upstream_says_is_for_staff_only(simulator: Simulator):
    ending = (await hear(script("error after=text"))).ending
    assert "secret prompt text" in ending.upstream_detail
    assert "secret" not in ending.detail


async def test_a_long_story_is_cut_short(simulator: Simulator):
    ending = (await hear(script("status code=402 body=long"))).ending
    assert 1000 < len(ending.upstream_detail) <= 2000


async def test_a_malformed_chunk_is_described_and_not_quoted(simulator: Simulator):
    ending = (await hear(script("malformed"))).ending
    assert ending.upstream_detail == "3 bytes that are no JSON object"


async def test_the_key_does_not_follow_a_redirect(simulator: Simulator):
    await hear(script("moved"))
    assert [call.path for call in simulator.calls] == ["/v1/chat/completions"]


async def test_no_key_means_no_header(simulator: Simulator, point_at: PointAt):
    point_at(simulator.url, key="")
    assert (await hear(script("well"))).ending.code == "upstream_auth"


def test_an_address_does_not_show_its_key(point_at: PointAt):
    point_at("https://evolink.example")
    assert KEY not in repr(address.addresses())


async def test_the_call_is_logged_with_what_helps(simulator: Simulator):
    with capture_logs() as logs:
        await hear(script("status code=503"))
    assert logs == [
        {
            "event": "evolink.finished",
            "log_level": "info",
            "state": "failed",
            "code": "upstream_error",
            "finish_reason": "",
            "usage_source": "missing",
            "upstream_id": "",
            "flags": (),
            "host": simulator.url.removeprefix("http://"),
            "retries": 2,
        }
    ]
