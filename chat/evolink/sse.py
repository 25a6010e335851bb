"""Server-sent events from bytes, as the WHATWG specification reads them.

Works on bytes because only CR, LF and CRLF end a line: U+2028 inside a text does not, and a
character cut in two by the network is never looked at before its line is whole.
"""

import re

from msgspec import Struct

LINE_MOST = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"[\r\n]")


class Event(Struct, frozen=True, gc=False):
    """`data` is what the data lines held, joined by LF; `name` is empty for plain messages."""

    data: bytes
    name: str = ""


class LineTooLong(ValueError):
    """A line, or the data of one event, passed LINE_MOST bytes."""


class EventParser:
    """Feed it bytes as they come; it returns the events that are complete."""

    def __init__(self) -> None:
        self._unread = bytearray()  # the line that has not ended yet
        self._searched = 0  # so much of it holds no line end
        self._data: list[bytes] = []
        self._size = 0
        self._name = ""
        self._at_start = True
        self._is_idle = False  # between two events, so that the quick way may be taken
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes. Raises LineTooLong."""
        if self._is_idle and chunk.startswith(b"data: ") and chunk.endswith(b"\n\n"):
            parts = chunk[6:-2].split(b"\n\ndata: ")
            if _are_lines(parts, chunk):
                return [Event(part) for part in parts]
        self._unread += chunk
        return self._events()

    def finish(self) -> list[Event]:
        """What the end of the body completes: a last event that lacks its blank line."""
        return self.feed(b"\n\n")

    def _events(self) -> list[Event]:
        self._skip_mark()
        events: list[Event] = []
        while (line := self._next_line()) is not None:
            if line:
                self._field(line)
            elif event := self._dispatch():
                events.append(event)
        if len(self._unread) > LINE_MOST:
            raise LineTooLong
        self._is_idle = not (self._unread or self._data or self._name or self._after_cr)
        return events

    def _skip_mark(self) -> None:
        """Drop a byte order mark, waiting while the first bytes may still become one."""
        if self._at_start and not (_BOM.startswith(self._unread) and len(self._unread) < len(_BOM)):
            self._at_start = False
            self._searched = 0
            self._unread = self._unread.removeprefix(_BOM)

    def _next_line(self) -> bytes | None:
        if self._after_cr and self._unread:
            self._after_cr = False
            self._unread = self._unread.removeprefix(b"\n")
        found = None if self._at_start else _LINE_END.search(self._unread, self._searched)
        if not found:
            self._searched = len(self._unread)
            return None
        line = bytes(self._unread[: found.start()])
        self._after_cr = found.group() == b"\r"
        del self._unread[: found.end()]
        self._searched = 0
        return line

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._add(value)
        elif name == b"event":
            self._name = value.decode("utf-8", "replace")

    def _add(self, value: bytes) -> None:
        self._size += len(value) + 1
        if self._size > LINE_MOST + 1:
            raise LineTooLong
        self._data.append(value)

    def _dispatch(self) -> Event | None:
        data, name = self._data, self._name
        self._data, self._size, self._name = [], 0, ""
        return Event(b"\n".join(data), name) if data else None


def _are_lines(parts: list[bytes], chunk: bytes) -> bool:
    """Whether the chunk is whole events of one `data: ` line each, as almost all are."""
    lines = 2 * len(parts)
    return chunk.count(b"\n") == lines and b"\r" not in chunk and len(chunk) <= LINE_MOST
