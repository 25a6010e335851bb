"""The text of one running answer on its way to the pages.

The first piece goes out at once; then at most thirty deltas a second leave for one answer, each with all that has
come since the last. When the loop is busy the pauses grow by themselves, and the batches with them.
"""

import asyncio
import uuid

from chat import events

PAUSE_SECONDS = 1 / 30


def utf16_length(text: str) -> int:
    """What JavaScript's `length` says: characters beyond U+FFFF count twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def from_utf16_offset(text: str, offset: int) -> str:
    """The text from an offset in UTF-16 code units on; half a character at the cut becomes U+FFFD."""
    if text.isascii():
        return text[offset:]
    return text.encode("utf-16-le")[2 * offset :].decode("utf-16-le", errors="replace")


class Relay:
    """`kept` is the text that was there before: nothing of it is sent again."""

    def __init__(
        self, message_id: uuid.UUID, conversation_id: uuid.UUID, *, kept: str = ""
    ) -> None:
        self.message_id = message_id
        self.conversation_id = conversation_id
        self.is_dirty = False  # something came since the last checkpoint
        self.has_news = False  # something came at all
        self._sent = [kept]
        self._pending: list[str] = []
        self._offset = utf16_length(kept)
        self._pump: asyncio.Task[None] | None = None
        self._paused: asyncio.Future[None] | None = None
        self._is_closing = False

    @property
    def text(self) -> str:
        """All that has come."""
        if len(self._sent) > 1:
            self._sent = ["".join(self._sent)]
        return "".join([*self._sent, *self._pending])

    def add(self, piece: str) -> None:
        self._pending.append(piece)
        self.is_dirty = self.has_news = True
        if self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(
                self._send_while_there_is_something()
            )

    async def _send_while_there_is_something(self) -> None:
        while self._pending:
            await self._send()
            if not self._is_closing:
                await self._pause()
        self._pump = None

    async def _pause(self) -> None:
        """Wait for more to come; `close` cuts it short."""
        loop = asyncio.get_running_loop()
        self._paused = loop.create_future()
        loop.call_later(PAUSE_SECONDS, self._resume)
        await self._paused

    def _resume(self) -> None:
        if self._paused is not None and not self._paused.done():
            self._paused.set_result(None)

    async def _send(self) -> None:
        text, self._pending = "".join(self._pending), []
        offset = self._offset
        self._sent.append(text)
        self._offset += utf16_length(text)
        delta = events.completion_delta(self.message_id, offset, text)
        await events.tell_viewers(self.conversation_id, delta)

    async def close(self) -> None:
        """Send the rest without a pause. A delta that is on its way is never cancelled: it would be lost."""
        self._is_closing = True
        self._resume()
        if self._pump is not None:
            await self._pump
