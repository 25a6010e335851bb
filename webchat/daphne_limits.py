"""What daphne lacks: an end to the size of a request's body, which it spools to disk."""

from daphne import http_protocol

# Django refuses far less, with a better answer; this is only against filling the disk.
BODY_BYTES = 16 * 1024 * 1024
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


def install() -> None:
    http_protocol.WebRequest = LimitedRequest
