"""Sends chunks on the beat for any number of streams, with one timer for all of them."""

import asyncio
import heapq
from collections.abc import Callable, Iterator
from itertools import count

Send = Callable[[bytes], bool]


class _Beat:
    def __init__(self, send: Send, chunks: Iterator[bytes], period: float, begin: float) -> None:
        self._send = send
        self._chunks = chunks
        self._period = period
        self.due = begin + period
        self.over = asyncio.get_running_loop().create_future()

    def strike(self) -> bool:
        """Send the next chunk; whether there may be another."""
        chunk = None if self.over.done() else next(self._chunks, None)
        if chunk is None or not self._send(chunk):
            self._finish()
            return False
        self.due += self._period
        return True

    def _finish(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


class Metronome:
    """A chunk's time is counted from its stream's begin, so that lateness does not add up."""

    def __init__(self) -> None:
        self._beats: list[tuple[float, int, _Beat]] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None

    async def play(self, send: Send, chunks: Iterator[bytes], rate: float) -> None:
        """Give `send` a chunk `rate` times a second, until they end or it returns False."""
        loop = asyncio.get_running_loop()
        beat = _Beat(send, chunks, 1 / rate, loop.time())
        self._push(beat)
        self._wake_at(self._beats[0][0])
        await beat.over

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _strike(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._beats and self._beats[0][0] <= now:
            beat = heapq.heappop(self._beats)[2]
            if beat.strike():
                self._push(beat)
        if self._beats:
            self._wake_at(self._beats[0][0])

    def _push(self, beat: _Beat) -> None:
        heapq.heappush(self._beats, (beat.due, next(self._numbers), beat))

    def _wake_at(self, when: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._strike)
