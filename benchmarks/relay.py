"""What our relay costs beside a bare one that stores nothing: `make bench`.

For 1, 10, 50 and 100 streams at 50 chunks a second: CPU seconds of the whole process tree (PostgreSQL's beside it) for
1,000 chunks, the delay of a chunk, the time from the question to its first chunk, and the wall time against the ideal.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from socket import create_connection
from typing import Any
from uuid import uuid4

import httpx
import websockets

from benchmarks import cpu, load, stage
from tests import processes, services

CSRF = "a" * 32
Run = Coroutine[Any, Any, list[load.Seen]]
HEAD = "streams  relay    CPU s/1000  (PostgreSQL)  p50 ms  p95 ms  p99 ms  first ms  wall s (ideal)  lost"


@contextmanager
def bare(upstream_url: str) -> Iterator[tuple[int, int]]:
    """(pid, port) of the floor."""
    port = 18_732
    command = [sys.executable, "-m", "benchmarks.bare", str(port), upstream_url]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            processes.wait_for(lambda: _listens(port), 20)
            yield process.pid, port
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    try:
        create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


async def through_bare(port: int, wanted: load.Load) -> list[load.Seen]:
    async def ask(socket: websockets.ClientConnection) -> None:
        await socket.send(json.dumps({"question": wanted.question}))

    addresses = [f"ws://127.0.0.1:{port}/"] * wanted.streams
    sockets = await asyncio.gather(
        *(websockets.connect(url, max_size=None, max_queue=None) for url in addresses)
    )
    return await _all_at_once(list(zip(sockets, [ask] * wanted.streams, strict=True)))


async def through_product(url: str, sessions: list[str], wanted: load.Load) -> list[load.Seen]:
    """A person for each stream: facts go to every socket of a person, so one person would hear them all."""
    async with AsyncExitStack() as stack:
        pairs = []
        for session in sessions[: wanted.streams]:
            cookie = f"sessionid={session}; csrftoken={CSRF}"
            http = await stack.enter_async_context(_browser(url, cookie))
            pairs.append(await _conversation(http, url, cookie, wanted))
        return await _all_at_once(pairs)


@asynccontextmanager
async def _browser(url: str, cookie: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Cookie": cookie, "X-CSRFToken": CSRF, "Origin": url}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http:
        yield http


async def _conversation(
    http: httpx.AsyncClient, url: str, cookie: str, wanted: load.Load
) -> tuple[websockets.ClientConnection, load.Ask]:
    """A conversation of its own with a title (so that none is asked for), on screen in a socket of its own."""
    made = await http.post("/api/v1/conversations", json={"title": "Benchmark"})
    conversation = made.json()["id"]
    socket = await websockets.connect(
        f"{url.replace('http', 'ws')}/ws/",
        origin=websockets.Origin(url),
        subprotocols=[websockets.Subprotocol("webchat.v1")],
        additional_headers={"Cookie": cookie},
        max_size=None,
        max_queue=None,
    )
    await socket.send(json.dumps({"type": "conversation.open", "conversation": conversation}))

    # Commands are obeyed in order: the answer to a wrong one says that the conversation is open.
    await socket.send('{"type": "are.you.there"}')
    while "unknown_command" not in await socket.recv():
        pass

    async def ask(_: websockets.ClientConnection) -> None:
        body = {"id": str(uuid4()), "parent": None, "content": wanted.question}
        await http.post(f"/api/v1/conversations/{conversation}/messages", json=body)

    return socket, ask


async def _all_at_once(
    pairs: list[tuple[websockets.ClientConnection, load.Ask]],
) -> list[load.Seen]:
    start = asyncio.Event()
    watching = [asyncio.create_task(load.watch(socket, ask, start)) for socket, ask in pairs]
    await asyncio.sleep(0.5)
    start.set()
    seen = await asyncio.gather(*watching)
    await asyncio.gather(*(socket.close() for socket, _ in pairs))
    return seen


def measured(name: str, wanted: load.Load, pid: int, database: set[int], run: Run) -> None:
    """Run once and print one line."""
    before = _spent(pid, database)
    seen = asyncio.run(run)
    time.sleep(0.3)
    server, stored = (after - was for after, was in zip(_spent(pid, database), before, strict=True))
    thousands = wanted.streams * wanted.chunks / 1000
    f = load.figures(wanted, seen)
    print(
        f"{wanted.streams:7}  {name:7} {server / thousands:11.3f}  {stored / thousands:12.3f}"
        f"  {f.p50:6.1f}  {f.p95:6.1f}  {f.p99:6.1f}  {f.first:8.0f}"
        f"  {f.wall:6.2f} ({wanted.ideal_seconds:.2f})  {f.lost:4}",
        flush=True,
    )


def _spent(pid: int, database: set[int]) -> tuple[float, float]:
    return cpu.seconds(cpu.tree(pid)), cpu.seconds(database)


def postgres() -> set[int]:
    """The processes of the tests' own PostgreSQL."""
    pid = next((services.DATA_DIR / "postgres").rglob("postmaster.pid")).read_text().split()[0]
    return cpu.tree(int(pid))


def main() -> None:
    options = _options()
    services.begin()
    with ExitStack() as stack:
        url = stack.enter_context(stage.upstream())
        pid, port = stack.enter_context(bare(url))
        served = stack.enter_context(stage.product(url))
        sessions = stage.sessions(served, max(options.streams))
        print(f"{options.chunks} chunks a stream at {load.RATE} a second\n{HEAD}", flush=True)
        for streams in options.streams:
            wanted = load.Load(streams, options.chunks)
            measured("bare", wanted, pid, set(), through_bare(port, wanted))
            ours = through_product(served.url, sessions, wanted)
            measured("webchat", wanted, served.process.pid, postgres(), ours)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relay", description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 10, 50, 100])
    parser.add_argument("--chunks", type=int, default=200, help="chunks in each stream")
    return parser.parse_args()


if __name__ == "__main__":
    assert Path("manage.py").is_file(), "Run it from the project's folder."
    main()
