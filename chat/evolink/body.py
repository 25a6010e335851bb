"""A response's bytes, given to the reducer: a stream of events or a whole JSON response.

The first byte tells which, because gateways mislabel both and some do not stream when asked to.
"""

from collections.abc import Callable

from chat.evolink.errors import Fault
from chat.evolink.limits import LIMITS
from chat.evolink.reducer import Reducer, Text
from chat.evolink.sse import Event, EventParser, LineTooLong
from chat.evolink.wire import Malformed, decode_chunk


class Body:
    """Feed it bytes as they come. Raises Fault where they cannot be understood."""

    def __init__(
        self,
        reducer: Reducer,
        *,
        on_event: Callable[[], None],
        on_begin: Callable[[], None] = lambda: None,
    ) -> None:
        self._reducer = reducer
        self._on_begin = on_begin
        self._on_event = on_event
        self._parser = EventParser()
        self._whole = bytearray()
        self._feed: Callable[[bytes], list[Text]] = self._begin

    @property
    def is_whole(self) -> bool:
        """It was one JSON document, not a stream of events."""
        return bool(self._whole)

    def feed(self, data: bytes) -> list[Text]:
        return self._feed(data)

    def finish(self) -> list[Text]:
        """The body has ended."""
        return self._read_whole() if self._whole else self._take(self._parser.finish())

    def _begin(self, data: bytes) -> list[Text]:
        first = data.lstrip()[:1]
        if first == b"<":
            raise Fault("protocol", told="a page instead of an answer")
        if first:
            self._on_begin()
            self._feed = self._collect if first == b"{" else self._read
        return self._feed(data) if first else []

    def _read(self, data: bytes) -> list[Text]:
        try:
            return self._take(self._parser.feed(data))
        except LineTooLong:
            raise Fault("protocol", told="a line of over 1 MiB") from None

    def _take(self, events: list[Event]) -> list[Text]:
        if not events:
            return []
        self._on_event()
        if len(events) == 1:
            return self._reducer.take(events[0])
        return [text for event in events for text in self._reducer.take(event)]

    def _collect(self, data: bytes) -> list[Text]:
        self._whole += data
        if len(self._whole) > LIMITS.whole_body_bytes:
            raise Fault("too_long", told="a whole response that does not end")
        return []

    def _read_whole(self) -> list[Text]:
        try:
            chunk = decode_chunk(bytes(self._whole))
        except Malformed as malformed:
            raise Fault("protocol", told=str(malformed)) from None
        texts = self._reducer.add(chunk)
        self._reducer.done = True
        return texts
