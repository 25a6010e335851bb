"""A TCP proxy on loopback that spoils what goes through it. Its toxics are named as toxiproxy names them.

It stands before anything that speaks TCP: Evolink, Valkey, a node, or PostgreSQL (whose unix socket it may go on to).
Its loop runs in a thread of its own, so that a test which waits does not hold it up.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

BLOCK = 64 * 1024
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
Address = tuple[str, int] | Path


@dataclass(frozen=True)
class Toxics:
    """What happens to every connection. Seconds, bytes, and bytes a second; zero does nothing."""

    latency: float = 0  # each block is late by this
    jitter: float = 0  # and by up to this more
    bandwidth: float = 0
    slicer: int = 0  # blocks are cut to about this size
    slicer_delay: float = 0
    limit_data: int = 0  # the connection is closed after so many bytes of replies
    timeout: bool = False  # nothing goes through, and nothing is closed
    reset_peer: bool = False  # who sends anything is reset
    slow_close: float = 0  # the end is told this late
    down: bool = False  # nobody is let in

    def is_clean(self) -> bool:
        return self == Toxics()


class Proxy:
    """Change its `toxics` at any time: the next block of every connection obeys."""

    def __init__(self, to: Address, *, chance: random.Random) -> None:
        self.to = to
        self.toxics = Toxics()
        self.chance = chance
        self.port = 0
        self._links: set[_Link] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def open(self) -> int:
        """How many connections go through it."""
        return len(self._links)

    def start(self) -> None:
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def poison(self, **toxics: Any) -> None:
        """Add toxics to those that are there."""
        self.toxics = replace(self.toxics, **toxics)

    def heal(self) -> None:
        self.toxics = Toxics()

    def cut(self, caller: int = 0) -> int:
        """Reset all connections, or that of the caller's port, now; how many there were."""
        return self._do(self._cut(caller))

    def _do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=BLOCK)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        if self._server:
            self._server.close()
        await self._cut()

    async def _cut(self, caller: int = 0) -> int:
        links = [link for link in self._links if caller in {0, link.caller}]
        for link in links:
            link.reset()
        await asyncio.gather(*(link.over.wait() for link in links))
        return len(links)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(self, reader, writer)
        if self.toxics.down:
            link.reset()
            return
        self._links.add(link)
        try:
            await link.carry()
        finally:
            self._links.discard(link)

    async def dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.to, Path):
            return await asyncio.open_unix_connection(self.to, limit=BLOCK)
        return await asyncio.open_connection(*self.to, limit=BLOCK)


class _Link:
    """One connection and the one behind it."""

    def __init__(
        self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.over = asyncio.Event()
        self._proxy = proxy
        self._reader, self._writer = reader, writer
        self.caller = int(writer.get_extra_info("peername")[1])
        self._far: asyncio.StreamWriter | None = None
        self._replied = 0
        self._task: asyncio.Task[Any] | None = None

    async def carry(self) -> None:
        """Until both sides have said their last, or either breaks."""
        self._task = asyncio.current_task()
        try:
            with suppress(asyncio.CancelledError):
                reader, self._far = await self._proxy.dial()
                there = self._pump(self._reader, self._far, is_reply=False)
                back = self._pump(reader, self._writer, is_reply=True)
                async with asyncio.TaskGroup() as both:
                    both.create_task(there)
                    both.create_task(back)
        except* OSError:
            pass
        finally:
            self._close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_reply: bool
    ) -> None:
        while block := await reader.read(BLOCK):
            for part in self._sliced(block):
                await self._spoil(part)
                writer.write(self._limited(part) if is_reply else part)
                await writer.drain()
                self._break_at_the_limit()
        await asyncio.sleep(self._proxy.toxics.slow_close)
        with suppress(OSError, RuntimeError):
            writer.write_eof()

    def _sliced(self, block: bytes) -> Iterator[bytes]:
        while size := self._proxy.toxics.slicer:
            cut = max(1, round(size * self._proxy.chance.uniform(0.5, 1.5)))
            if cut >= len(block):
                break
            yield block[:cut]
            block = block[cut:]
        yield block

    async def _spoil(self, part: bytes) -> None:
        toxics = self._proxy.toxics
        if toxics.is_clean():
            return
        if toxics.reset_peer:
            self.reset()
        while self._proxy.toxics.timeout:
            await asyncio.sleep(0.02)
        pause = toxics.latency + toxics.jitter * self._proxy.chance.random()
        pause += toxics.slicer_delay + (len(part) / toxics.bandwidth if toxics.bandwidth else 0)
        await asyncio.sleep(pause)

    def _limited(self, part: bytes) -> bytes:
        limit = self._proxy.toxics.limit_data
        rest = part[: max(0, limit - self._replied)] if limit else part
        self._replied += len(part)
        return rest

    def _break_at_the_limit(self) -> None:
        limit = self._proxy.toxics.limit_data
        if limit and self._replied >= limit:
            raise ConnectionAbortedError

    def reset(self) -> None:
        """Break off without a goodbye: both sides see a reset."""
        for writer in (self._writer, self._far):
            if writer and (raw := writer.get_extra_info("socket")) and raw.family == socket.AF_INET:
                with suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        if self._task:
            self._task.cancel()
        else:
            self._close()

    def _close(self) -> None:
        for writer in (self._writer, self._far):
            if writer:
                writer.close()
        self.over.set()


@contextmanager
def proxy(to: Address, *, chance: random.Random) -> Iterator[Proxy]:
    made = Proxy(to, chance=chance)
    made.start()
    try:
        yield made
    finally:
        made.stop()
