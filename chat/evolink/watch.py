"""Ends a read that has waited too long.

One timer for a whole stream looks at times that each read only notes down: a timeout set
for every read would cost more than reading a chunk does.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chat.evolink.limits import LIMITS

_LOOK_AGAIN_SECONDS = 0.5


class Overdue(Exception):
    """Waited too long; `code` says for what."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Watch:
    """The deadlines of one attempt. Start it in the loop, and always stop it."""

    def __init__(self, first_byte: float) -> None:
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self._patience = max(first_byte, LIMITS.silence)  # while the model may still be thinking
        self._first_byte_due = now + first_byte
        self._ending_due = now + LIMITS.total
        self._got_head = False
        self._last_byte: float | None = None  # the times are shifted by what `pause` leaves out
        self._last_event = now
        self._paused_at = now
        self._reader: asyncio.Task[Any] | None = None
        self._cancelling = 0
        self._struck = ""
        self._timer = self._loop.call_later(0, self._look)

    def stop(self) -> None:
        self._timer.cancel()

    def saw_head(self) -> None:
        """The response's status and headers are there."""
        self._got_head = True

    def saw_event(self) -> None:
        """Among the bytes that made us pause was a whole event."""
        self._last_event = self._paused_at

    def saw_text(self) -> None:
        """From now on silence is not thinking any more."""
        self._patience = LIMITS.silence

    def allow(self, seconds: float) -> None:
        """Only so much more: what still comes is not needed for the text."""
        due = self._loop.time() + seconds
        if due < self._ending_due:
            self._ending_due = due
            self._look_at(self._due()[0])

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Inside, time counts, but for what is between `pause` and `resume`. Raises Overdue."""
        self._wait()
        try:
            yield
        except asyncio.CancelledError:
            if self._struck and self._uncancelled():
                raise Overdue(self._struck) from None
            raise
        finally:
            self._reader = None

    def pause(self) -> None:
        """Bytes came; until `resume` somebody else is busy with them."""
        self._reader = None
        self._paused_at = self._loop.time()

    def resume(self) -> None:
        """Wait for more bytes."""
        self._last_byte = now = self._loop.time()
        self._last_event += now - self._paused_at
        self._wait()

    def _wait(self) -> None:
        self._reader = task = asyncio.current_task()
        self._cancelling = task.cancelling() if task else 0

    def _uncancelled(self) -> bool:
        """Take our own cancelling back; whether nobody else cancelled the task as well."""
        task = asyncio.current_task()
        return task is not None and task.uncancel() <= self._cancelling

    def _due(self) -> tuple[float, str]:
        return min((self._ending_due, "upstream_timeout"), self._silence_due())

    def _silence_due(self) -> tuple[float, str]:
        if self._last_byte is None:
            return self._first_byte_due, "stall" if self._got_head else "upstream_timeout"
        keep_alive = max(self._patience, LIMITS.keep_alive)
        return min(self._last_byte + self._patience, self._last_event + keep_alive), "stall"

    def _look(self) -> None:
        now = self._loop.time()
        due, code = self._due()
        if due > now:
            self._look_at(min(due, now + LIMITS.silence))  # bytes may yet bring a nearer deadline
        elif self._reader is None:  # whoever reads us is busy: that is not upstream's silence
            self._look_at(now + _LOOK_AGAIN_SECONDS)
        else:
            self._struck = code
            self._reader.cancel()

    def _look_at(self, when: float) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_at(when, self._look)
