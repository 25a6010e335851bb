"""How long the client waits, and how it leaves."""

import asyncio
import time

import pytest

from chat.evolink import client
from chat.evolink.client import Ending, Piece, Waiting
from chat.evolink.limits import LIMITS
from chat.evolink.simulator import Call, Simulator
from tests.chat.evolink.conftest import QUICK, hear, script


async def until_closed(call: Call, seconds: float = 1.0) -> None:
    async with asyncio.timeout(seconds):
        while call.closed_at is None:
            await asyncio.sleep(0.01)


# Time --------------------------------------------------------------------------------------------


async def test_a_slow_reader_is_not_taken_for_a_silent_upstream(simulator: Simulator):
    texts = []
    async for fact in client.stream(script("steady chunks=4 rate=100")):
        await asyncio.sleep(QUICK["silence"] * 1.5 if not texts else 0)
        texts += [fact.text] if isinstance(fact, Piece) else []
    assert "".join(texts) == "0000 0001 0002 0003 "
    assert isinstance(fact, Ending)
    assert fact.state == "completed"


async def test_a_slow_reader_leaves_upstream_its_whole_silence(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "first_byte", 2.0)
    texts = []
    async for fact in client.stream(script("steady chunks=3 rate=1.5")):
        await asyncio.sleep(QUICK["silence"] * 1.5)
        texts += [fact.text] if isinstance(fact, Piece) else []
    assert "".join(texts) == "0000 0001 0002 "


async def test_a_slow_reader_is_never_cancelled_for_a_silent_upstream(simulator: Simulator):
    facts = []
    async for fact in client.stream(script("breaks how=hang after=text")):
        await asyncio.sleep(QUICK["silence"] * 1.5)
        facts.append(fact)
    assert (facts[-1].state, facts[-1].code) == ("truncated", "stall")


async def test_an_answer_may_not_take_for_ever(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "total", 0.4)
    heard = await hear(script("steady chunks=1000 rate=50"))
    assert (heard.ending.state, heard.ending.code) == ("truncated", "upstream_timeout")
    assert heard.text.startswith("0000 0001 ")


async def test_comments_keep_an_answer_alive_beyond_the_silence(simulator: Simulator):
    began = time.monotonic()
    assert (await hear(script("late wait=0.5"))).ending.state == "completed"
    assert time.monotonic() - began > QUICK["silence"]


@pytest.mark.parametrize(("effort", "calls"), [("low", 2), ("medium", 1), ("high", 1)])
async def test_a_model_that_was_asked_to_think_may_take_longer(
    simulator: Simulator, effort: str, calls: int
):
    line = "late wait=0.7 pings=no times=1"
    heard = await hear(script(line, reasoning_effort=effort))
    assert (heard.ending.state, len(simulator.calls)) == ("completed", calls)


# Leaving -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["steady chunks=500 rate=50", "breaks how=hang after=text"])
async def test_cancelling_closes_the_connection(simulator: Simulator, line: str):
    async def read() -> None:
        async for _ in client.stream(script(line)):
            heard.set()

    heard = asyncio.Event()
    reading = asyncio.create_task(read())
    await heard.wait()
    reading.cancel()
    cancelled_at = time.time()
    await until_closed(simulator.calls[0])
    assert simulator.calls[0].ended == "left"
    assert simulator.calls[0].closed_at - cancelled_at < 1
    with pytest.raises(asyncio.CancelledError):
        await reading


@pytest.mark.parametrize("after", ["nothing", "head", "comment"])
async def test_cancelling_before_the_first_text_closes_it_too(simulator: Simulator, after: str):
    reading = asyncio.create_task(hear(script(f"breaks how=hang after={after}")))
    while not simulator.calls:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    reading.cancel()
    await until_closed(simulator.calls[0])
    assert (simulator.calls[0].ended, len(simulator.calls)) == ("left", 1)


async def test_cancelling_while_waiting_asks_no_more(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "retry_after_most", 30.0)
    monkeypatch.setattr(LIMITS, "first_token", 120.0)
    async for fact in client.stream(script("status code=429 retry_after=20")):
        assert isinstance(fact, Waiting)
        break
    await asyncio.sleep(0.05)
    assert len(simulator.calls) == 1


async def test_closing_the_stream_closes_the_connection(simulator: Simulator):
    stream = client.stream(script("steady chunks=500 rate=50"))
    await anext(stream)
    await stream.aclose()
    await until_closed(simulator.calls[0])
    assert simulator.calls[0].ended == "left"


async def test_leaving_again_and_again_leaves_the_line_healthy(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "connections_most", 10)
    for _ in range(20):
        reading = [asyncio.create_task(hear(script("steady rate=100"))) for _ in range(10)]
        await asyncio.sleep(0.02)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    fine = await asyncio.gather(*(hear(script("well")) for _ in range(10)))
    assert [heard.ending.state for heard in fine] == ["completed"] * 10


async def test_a_connection_serves_one_answer_after_another(simulator: Simulator):
    for line in ("well", "framed style=crlf", "status code=402", "well"):
        await hear(script(line))
    assert len({call.connection for call in simulator.calls}) == 1


async def test_a_broken_connection_is_not_used_again(simulator: Simulator):
    for line in ("breaks how=hang after=text", "well"):
        await hear(script(line))
    assert len({call.connection for call in simulator.calls}) == 2
