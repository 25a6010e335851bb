"""The bytes of HTTP/1.1 under our control: what no server library lets a test do."""

import asyncio
import socket
import struct
from collections.abc import Callable
from http import HTTPStatus

from msgspec import Struct

from chat.evolink.simulator.replies import Reply

HEAD_MOST, BODY_MOST = 64 * 1024, 64 * 1024 * 1024
_BUFFER_MOST = 1024 * 1024


class Request(Struct):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Broken(ValueError):
    """What came is not a request that we read."""


class Reader(asyncio.StreamReader):
    """Tells at once when the client has gone, even while nobody reads."""

    def __init__(self) -> None:
        super().__init__(limit=HEAD_MOST)
        self.on_gone: Callable[[], object] | None = None

    def feed_eof(self) -> None:
        super().feed_eof()
        self._gone()

    def set_exception(self, exc: Exception) -> None:
        super().set_exception(exc)
        self._gone()

    def _gone(self) -> None:
        if self.on_gone:
            self.on_gone()


async def read_request(reader: asyncio.StreamReader) -> Request:
    """The next request of the connection. Raises Broken, or EOFError at its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    try:
        method, path, _version = head[0].split(" ")
        headers = dict(_header(line) for line in head[1:] if line)
        length = int(headers.get("content-length", "0"))
    except ValueError:
        raise Broken from None
    if not 0 <= length <= BODY_MOST:
        raise Broken
    return Request(method, path, headers, await reader.readexactly(length))


def _header(line: str) -> tuple[str, str]:
    name, value = line.split(":", 1)
    return name.strip().lower(), value.strip()


class Outlet:
    """Writes one reply's bytes in its framing."""

    def __init__(self, writer: asyncio.StreamWriter, reply: Reply, slice_size: int) -> None:
        self._writer = writer
        self._reply = reply
        self._slice_size = slice_size

    def head(self) -> None:
        reply = self._reply
        lines = [
            f"HTTP/1.1 {reply.status} {_phrase(reply.status)}",
            f"Content-Type: {reply.kind}",
            "Cache-Control: no-cache",
            *(f"{name.replace('_', '-')}: {value}" for name, value in reply.headers.items()),
            self._framing(),
        ]
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def send(self, data: bytes) -> bool:
        """Write; False once the client has gone or has stopped reading."""
        if self._reply.framing == "chunked":
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self._writer.write(data)
        transport = self._writer.transport
        return not transport.is_closing() and transport.get_write_buffer_size() < _BUFFER_MOST

    async def send_sliced(self, data: bytes) -> None:
        """Write, in as small parts as the script asked for."""
        size = self._slice_size or len(data) or 1
        for at in range(0, len(data), size):
            self.send(data[at : at + size])
            await self._writer.drain()
            if self._slice_size:
                await asyncio.sleep(0)

    async def finish(self) -> None:
        if self._reply.framing == "chunked":
            self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def _framing(self) -> str:
        if self._reply.framing == "chunked":
            return "Transfer-Encoding: chunked"
        if self._reply.framing == "length":
            return f"Content-Length: {sum(map(_length, self._reply.steps))}"
        return "Connection: close"


def _length(step: object) -> int:
    return len(step) if isinstance(step, bytes) else 0


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unheard Of"
