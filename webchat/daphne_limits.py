"""What daphne lacks: an end to the size of a request's body, which it spools to disk, and to what waits in memory for
a socket that does not read."""

from typing import Any

from daphne import http_protocol, server, ws_protocol

# Django refuses far less, with a better answer; this is only against filling the disk.
BODY_BYTES = 16 * 1024 * 1024
UNSENT_BYTES = 4 * 1024 * 1024  # twice the longest answer
TOO_SLOW = 4408
REFUSAL = (
    b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Type: application/json\r\n"
    b"Content-Length: 67\r\n\r\n"
    b'{"code": "body_too_large", "detail": "The request is far too large."}'
)


class LimitedRequest(http_protocol.WebRequest):
    """Cuts the connection of a request that announces, or sends, more than BODY_BYTES."""

    received = 0

    def gotLength(self, length: int | None) -> None:  # noqa: N802  Twisted's name
        super().gotLength(length)
        if length is not None and length > BODY_BYTES:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802  Twisted's name
        self.received += len(data)
        if self.received > BODY_BYTES:
            self._refuse()
        else:
            super().handleContentChunk(data)

    def _refuse(self) -> None:
        self.channel.transport.write(REFUSAL)
        self.channel.transport.loseConnection()


class LimitedSocket(ws_protocol.WebSocketProtocol):
    """Closes a socket whose reader has fallen too far behind; the page comes back and asks for what it lacks."""

    def serverSend(self, content: str, binary: bool = False) -> None:  # noqa: N802  daphne's name
        if self.state != self.STATE_OPEN:
            return  # the page has just gone; its consumer is told a moment later
        if self._unsent() > UNSENT_BYTES:
            self.serverClose(TOO_SLOW)
        else:
            super().serverSend(content, binary)

    def sendMessage(self, payload: bytes, isBinary: bool = False, **more: Any) -> None:  # noqa: N802, N803
        """Autobahn holds what we send to the limit for what we receive; a long answer is longer than that."""
        socket: Any = self
        limits = socket.maxMessagePayloadSize, socket.maxFramePayloadSize
        socket.maxMessagePayloadSize = socket.maxFramePayloadSize = 0
        try:
            super().sendMessage(payload, isBinary, **more)
        finally:
            socket.maxMessagePayloadSize, socket.maxFramePayloadSize = limits

    def _unsent(self) -> int:
        """What Twisted holds for the transport (its `FileDescriptor` says nowhere publicly how much)."""
        transport: Any = self.transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)  # noqa: SLF001


def install() -> None:
    http_protocol.WebRequest = LimitedRequest
    server.WebSocketFactory.protocol = LimitedSocket
