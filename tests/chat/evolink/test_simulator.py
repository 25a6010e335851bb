"""The simulator as a test double and a source of load."""

import asyncio
import json
import sys
import time

import aiohttp
import httpx
import pytest

from chat.completions.prompt import GO_ON
from chat.evolink.client import ChatMessage, ChatRequest, Piece, stream
from chat.evolink.simulator import Act, Reply, Simulator
from tests.chat.evolink.conftest import KEY, MODEL, hear, script


async def test_stamps_are_the_time_of_writing(simulator: Simulator):
    delays = [
        time.time_ns() - int(fact.text)
        async for fact in stream(script("stamp chunks=20 rate=100"))
        if isinstance(fact, Piece)
    ]
    assert len(delays) == 20
    assert 0 < sorted(delays)[10] < 50e6


async def test_calls_can_be_asked_for(simulator: Simulator):
    await hear(script("well"))
    async with httpx.AsyncClient() as http:
        call = (await http.get(f"{simulator.url}/__calls")).json()[0]
    assert call["request"]["model"] == MODEL
    assert call["ended"] == "finished"
    assert call["closed_at"] >= call["opened_at"] > time.time() - 60
    assert "authorization" not in call["headers"]


async def test_a_test_can_bring_its_own_transcript(simulator: Simulator):
    simulator.transcripts["mine"] = lambda: Reply(steps=[b"data: [DONE]\n\n", 0.01, Act.RESET])
    ending = (await hear(script("mine"))).ending
    assert ending.code == "empty_answer"


async def test_a_script_that_nobody_wrote_is_refused(simulator: Simulator):
    assert "there is no script" in (await hear(script("missing"))).ending.upstream_detail


async def test_a_hundred_streams_keep_their_pace(simulator: Simulator):
    async def read(http: aiohttp.ClientSession) -> int:
        question = {"role": "user", "content": "!script steady chunks=50 rate=50 size=8"}
        body = {"model": MODEL, "messages": [question], "stream": True}
        async with http.post(f"{simulator.url}/v1/chat/completions", json=body) as response:
            return (await response.read()).count(b'"content"')

    headers = {"Authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        began = time.monotonic()
        counts = await asyncio.gather(*(read(http) for _ in range(100)))
    assert counts == [50] * 100
    assert 1.0 <= time.monotonic() - began < 2.0


async def test_it_runs_alone(point_at):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chat.evolink.simulator", "--scripts"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient() as http:
            calls = await http.get(f"{url}/__calls")
    finally:
        process.terminate()
    assert json.loads(calls.text) == []
    assert await asyncio.wait_for(process.wait(), 5) == 0


@pytest.mark.parametrize(
    "bad", [b"NONSENSE\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"x" * 100_000]
)
async def test_what_is_not_http_is_dropped(simulator: Simulator, bad: bytes):
    host, port = simulator.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(bad)
    assert await asyncio.wait_for(reader.read(), 2) == b""
    writer.close()


def going_on(line: str, kept: str) -> ChatRequest:
    """What is sent to go on with an answer that was cut off."""
    [question] = script(line).messages
    answer, order = ChatMessage("assistant", kept), ChatMessage("user", GO_ON)
    return ChatRequest(model=MODEL, messages=[question, answer, order])


@pytest.mark.parametrize("length", [1, 6, 7, 50, 118])
async def test_asked_to_go_on_it_says_only_what_is_missing(simulator: Simulator, length: int):
    whole = (await hear(script("steady chunks=20 rate=2000 size=6"))).text
    rest = await hear(going_on("steady chunks=20 rate=2000 size=6", whole[:length]))
    assert whole[:length] + rest.text == whole
    assert rest.ending.state == "completed"


@pytest.mark.parametrize(
    ("how", "state", "finish"),
    [("reset", "truncated", ""), ("cut", "truncated", ""), ("length", "completed", "length")],
)
async def test_a_part_and_what_goes_on_from_it_make_the_whole(
    simulator: Simulator, how: str, state: str, finish: str
):
    line = f"partly chunks=20 after=8 rate=2000 size=6 how={how}"
    part = await hear(script(line))
    assert (part.ending.state, part.ending.finish_reason) == (state, finish)
    rest = await hear(going_on(line, part.text))
    whole = (await hear(script("steady chunks=20 rate=2000 size=6"))).text
    assert part.text + rest.text == whole


async def test_a_script_that_breaks_once_goes_on_well(simulator: Simulator):
    line = "breaks how=reset after=half times=1"
    part = await hear(script(line))
    rest = await hear(going_on(line, part.text))
    assert (part.text, rest.text) == ("Hello", " world")


async def test_what_is_no_beginning_of_the_answer_gets_a_whole_one(simulator: Simulator):
    for kept in ("Goodbye", "Hello moon", "Hell no"):
        assert (await hear(going_on("well", kept))).text == "Hello world"
