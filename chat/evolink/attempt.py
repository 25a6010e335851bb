"""One attempt at one address: sends the request, reads the answer, closes the connection."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from typing import cast

import httpx

from chat.evolink.address import Address
from chat.evolink.body import Body
from chat.evolink.errors import Fault, fault_of_response
from chat.evolink.limits import LIMITS
from chat.evolink.line import line, timeout
from chat.evolink.pieces import Ending
from chat.evolink.reducer import Reducer, Text
from chat.evolink.trouble import TROUBLE, fault_of_trouble
from chat.evolink.verdict import conclude
from chat.evolink.watch import Overdue, Watch
from chat.evolink.wire import ChatRequest, encode

_FIRST_REFUSAL, _BUSY, _FIRST_FAILURE = 300, 429, 500
_SILENT = {"reset", "stall", "upstream_timeout", "upstream_tls", "upstream_unreachable"}


class Attempt:
    """Read `texts()` to its end, then `ending`. Raises nothing that the upstream caused."""

    def __init__(
        self,
        request: ChatRequest,
        *,
        address: Address,
        first_byte: float,
        on_first_byte: Callable[[], None] = lambda: None,
    ) -> None:
        self._request = request
        self._address = address
        self._reducer = Reducer(request.model)
        self._watch = Watch(first_byte)
        self._on_first_byte = on_first_byte
        self._got_first_byte = False
        self._status = 0
        self._fault: Fault | None = None

    @property
    def ending(self) -> Ending:
        return conclude(self._reducer, self._fault, redact=self._address.redact)

    @property
    def said_something(self) -> bool:
        return self._reducer.said_something

    @property
    def found_service(self) -> bool | None:
        """Whether the service is there at all; None where this attempt cannot tell."""
        if self._status >= _FIRST_FAILURE:
            return False
        if self._got_first_byte or _FIRST_REFUSAL <= self._status != _BUSY:
            return True
        silent = self._fault is not None and self._fault.code in _SILENT
        return False if silent else None

    async def texts(self) -> AsyncGenerator[Text, None]:
        """Answer text and thoughts, as they come."""
        body = Body(self._reducer, on_begin=self._begin, on_event=self._watch.saw_event)
        with self._faults_noted():
            async with self._response() as response, aclosing(_chunks_of(response)) as chunks:
                with self._watch.waiting():
                    async for data in chunks:
                        self._watch.pause()
                        for text in body.feed(data):
                            self._watch.saw_text()
                            yield text
                        if self._has_heard_enough():
                            break
                        self._watch.resume()
                for text in body.finish():
                    yield text
                self._note_shape(body)
                await self._finish_reading(chunks)
        for text in self._reducer.rest():
            yield text

    def _begin(self) -> None:
        self._got_first_byte = True
        self._on_first_byte()

    def _note_shape(self, body: Body) -> None:
        if body.is_whole and self._request.stream:
            self._reducer.flag("not_streamed")

    def _has_heard_enough(self) -> bool:
        if self._reducer.finish_reason:
            self._watch.allow(LIMITS.after_finish)
        return self._reducer.closed

    @contextmanager
    def _faults_noted(self) -> Iterator[None]:
        try:
            yield
        except Fault as fault:
            self._fault = fault
        except Overdue as overdue:
            self._fault = Fault(overdue.code)
        except TROUBLE as trouble:
            self._fault = fault_of_trouble(trouble, got_head=self._status > 0)
        finally:
            self._watch.stop()

    @asynccontextmanager
    async def _response(self) -> AsyncIterator[httpx.Response]:
        """A response that is an answer. Raises Fault where it is a refusal."""
        if not self._address.is_usable:
            raise Fault("upstream_auth", told="the key has characters that no header can carry")
        async with line().held() as client:
            response = await self._send(client)
            try:
                if response.status_code >= _FIRST_REFUSAL:
                    raise await self._refusal(response)
                yield response
            finally:
                await response.aclose()

    async def _send(self, client: httpx.AsyncClient) -> httpx.Response:
        request = client.build_request(
            "POST",
            self._address.url,
            content=_encoded(self._request),
            headers=self._address.headers,
            timeout=timeout(),
        )
        with self._watch.waiting():
            response = await client.send(request, stream=True)
        self._status = response.status_code
        self._watch.saw_head()
        return response

    async def _refusal(self, response: httpx.Response) -> Fault:
        body = bytearray()
        async with aclosing(_chunks_of(response)) as chunks:
            with suppress(Overdue, *TROUBLE), self._watch.waiting():  # the status has decided
                async for data in chunks:
                    body += data
                    if len(body) > LIMITS.error_body_bytes:
                        break
        headers = response.headers
        return fault_of_response(
            response.status_code,
            bytes(body[: LIMITS.error_body_bytes]),
            content_type=headers.get("content-type", ""),
            retry_after=headers.get("retry-after", ""),
        )

    async def _finish_reading(self, chunks: AsyncIterator[bytes]) -> None:
        """Wait a moment for the end of the body, so that the connection can be used again."""
        if self._reducer.done:
            self._watch.allow(LIMITS.after_done)
            with suppress(Overdue, *TROUBLE), self._watch.waiting():
                async for _ in chunks:
                    pass


def _encoded(request: ChatRequest) -> bytes:
    try:
        return encode(request)
    except UnicodeEncodeError:
        raise Fault("bad_request", told="half a surrogate pair in the request") from None


def _chunks_of(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The bytes as they come, unpacked where a gateway packs them though we did not ask for it.

    Not `aiter_raw`, which would only add a generator around the stream, for every chunk.
    """
    packed = "content-encoding" in response.headers
    stream = cast("httpx.AsyncByteStream", response.stream)
    chunks = response.aiter_bytes() if packed else aiter(stream)
    return cast("AsyncGenerator[bytes, None]", chunks)
