"""The simulator itself: takes connections, lets the gate and the scripts answer, remembers."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chat.evolink.simulator import demo, gate, scripts
from chat.evolink.simulator.calls import Call, without_secrets
from chat.evolink.simulator.http import Broken, Outlet, Reader, Request, read_request
from chat.evolink.simulator.metronome import Metronome
from chat.evolink.simulator.playing import play
from chat.evolink.simulator.questions import taken_apart
from chat.evolink.simulator.replies import Reply, json_reply
from chat.evolink.wire import ChatRequest, Malformed, decode_loosely

_PATH = "/v1/chat/completions"


class Simulator:
    """Plays Evolink on a port of its own.

    `scripts` lets a request choose its answer by a line `!script NAME key=value`;
    `key` is the only key to accept; `transcripts` are further scripts, by name.
    """

    def __init__(self, *, scripts: bool = False, key: str = "") -> None:
        self.url = ""  # where it listens, once it does
        self.calls: list[Call] = []
        self.transcripts: dict[str, Callable[[], Reply]] = {}
        self._obeys_scripts = scripts
        self._key = key
        self._asked: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._metronome = Metronome()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the base URL."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, host, port, backlog=1024)
        self.url = f"http://{host}:{self._server.sockets[0].getsockname()[1]}"
        return self.url

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server:
            self._server.close()
        self._metronome.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(Reader(), self._connected)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._serve_one(reader, writer):
                pass
        except (EOFError, OSError, Broken, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection may serve another."""
        request = await read_request(reader)
        call = self._remember(request, _port_of(writer))
        reply, slice_size = self._reply_to(request)
        with _leaving_noticed(reader, call):
            call.close(await play(reply, Outlet(writer, reply, slice_size), self._metronome))
        return call.ended == "finished" and reply.framing in {"chunked", "length"}

    def _remember(self, request: Request, connection: int) -> Call:
        headers = without_secrets(request.headers)
        call = Call(request.path, _json(request.body), headers, connection)
        if request.method == "POST" and self._obeys_scripts:  # the demo runs too long to remember
            self.calls.append(call)
        return call

    def _reply_to(self, request: Request) -> tuple[Reply, int]:
        """The reply, and in how small parts to send it (0: as it comes)."""
        if self._obeys_scripts and request.path == "/__calls":
            return json_reply(self.calls), 0
        if (request.method, request.path) != ("POST", _PATH):
            return gate.not_found(), 0
        try:
            gate.check_key(request.headers.get("authorization", ""), key=self._key)
            return self._answer(gate.read_request(request.body))
        except gate.Refused as refused:
            return refused.reply, 0

    def _answer(self, request: ChatRequest) -> tuple[Reply, int]:
        asked, kept = taken_apart(request)
        script = scripts.chosen(asked) if self._obeys_scripts else None
        if script is None:
            return demo.reply(request), 0
        self._asked[script.line] += 1
        transcript = self.transcripts.get(script.name)
        reply = transcript() if transcript else script.reply(self._asked[script.line], kept)
        return reply, script.slice_size


def _json(body: bytes) -> Any:
    try:
        return decode_loosely(body)
    except Malformed:
        return None


@contextmanager
def _leaving_noticed(reader: asyncio.StreamReader, call: Call) -> Iterator[None]:
    """While a reply is written: should the client go, note when and write no more."""
    task = asyncio.current_task()
    assert isinstance(reader, Reader) and task  # noqa: S101, PT018

    def leave() -> None:
        if not call.ended:
            call.close("left")
            task.cancel()

    reader.on_gone = leave
    if reader.at_eof():
        leave()
    try:
        yield
    finally:
        reader.on_gone = None


def _port_of(writer: asyncio.StreamWriter) -> int:
    peer = writer.get_extra_info("peername")
    return int(peer[1]) if peer else 0
