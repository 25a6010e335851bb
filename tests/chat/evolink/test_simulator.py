"""The simulator as a test double and a source of load."""

import asyncio
import json
import sys
import time

import aiohttp
import httpx
import pytest

from chat.evolink.client import Piece, stream
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
