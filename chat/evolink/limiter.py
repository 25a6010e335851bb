"""A queue for each model, so that a gateway which says 429 is not asked again and again by everyone.

Nobody waits while there was no 429. A refusal tells how many calls the gateway bears: those that are still
under way. Calls that then find no room wait their turn, first come, first served; each round of good calls lets
one more in (additive increase), each further refusal takes a quarter away (multiplicative decrease).
"""

import asyncio
import heapq
import itertools
import math
import time
from collections.abc import AsyncGenerator
from contextlib import suppress

from chat.evolink.attempt import Attempt
from chat.evolink.limits import LIMITS
from chat.evolink.per_loop import PerLoop
from webchat import metrics

_LESS = 0.75
_LEAST_SECONDS, _MOST_SECONDS = 1.0, 10.0  # after which a wait is told anew
_numbers = itertools.count()


class Queue:
    """The calls of one model that are under way, and those that wait."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._most = math.inf
        self._under_way = 0
        self._waiting: list[Place] = []
        self._rests_until = 0.0
        self._refused_at = -math.inf
        self._usual_seconds = 1.0  # that a call takes
        self._alarm: asyncio.TimerHandle | None = None

    def let_in(self, place: "Place") -> None:
        """At once if there is room and nobody is before it; otherwise it waits to be called."""
        self._forget()
        heapq.heappush(self._waiting, place)
        self._serve()

    def quit(self, place: "Place") -> None:
        """Somebody waits no longer."""
        self._waiting.remove(place)
        heapq.heapify(self._waiting)

    def leave(self) -> None:
        """A call has ended; what it taught was said before."""
        self._under_way -= 1
        self._serve()

    def grow(self, seconds: float) -> None:
        """A call went well and took so long. Where as many as may be are under way, perhaps one more fits."""
        self._usual_seconds += (seconds - self._usual_seconds) / 8
        if self._under_way > self._most - 1:
            self._limit(self._most + 1 / self._most)

    def shrink(self, sent_at: float, retry_after: float | None) -> None:
        """A call was refused that is still counted. Those sent before the last refusal were not its fault."""
        less = self._most * _LESS if sent_at > self._refused_at else self._most
        self._limit(max(1.0, min(self._under_way - 1, less)))
        self._refused_at = now = time.monotonic()
        rest = min(retry_after or 0.0, LIMITS.retry_after_most)
        self._rests_until = max(self._rests_until, now + rest)

    def seconds_to_wait(self, place: "Place") -> float:
        """A guess for people; of a long wait only the first part."""
        rest = max(0.0, self._rests_until - time.monotonic())
        before = sum(other < place for other in self._waiting)
        guess = rest + self._usual_seconds * (1 + before) / min(self._most, 1 + before)
        return min(max(guess, _LEAST_SECONDS), _MOST_SECONDS)

    def _has_room(self) -> bool:
        return self._under_way <= self._most - 1 and time.monotonic() >= self._rests_until

    def _serve(self) -> None:
        while self._waiting and self._has_room():
            self._under_way += 1
            heapq.heappop(self._waiting).call_in()
        if self._waiting and time.monotonic() < self._rests_until:
            self._wake_at(self._rests_until)

    def _wake_at(self, when: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_later(when - time.monotonic(), self._serve)

    def _forget(self) -> None:
        quiet = time.monotonic() - self._refused_at > LIMITS.calm
        if quiet and not self._waiting and self._most < math.inf:
            self._limit(math.inf)

    def _limit(self, most: float) -> None:
        self._most = most
        metrics.CALLS_AT_ONCE.labels(self._model).set(most)


_queues = PerLoop(Queue)


class Place:
    """One answer's place in its model's queue. It keeps its number through all its attempts."""

    def __init__(self, model: str) -> None:
        self._queue = _queues.named(model)
        self._number = next(_numbers)
        self._called = asyncio.Event()
        self._is_waiting = False
        self._came_in_at = 0.0

    def __lt__(self, other: "Place") -> bool:
        return self._number < other._number

    @property
    def is_in(self) -> bool:
        return self._called.is_set()

    async def turn(self, *, give_up_at: float) -> AsyncGenerator[float, None]:
        """Come in; while that takes, yield how many more seconds it may, and again when they are over.

        `is_in` says afterwards whether the turn came in time. Always `close` at the end.
        """
        self._is_waiting = True
        self._queue.let_in(self)
        while not self.is_in and (left := give_up_at - time.monotonic()) > 0:
            seconds = min(self._queue.seconds_to_wait(self), left)
            yield seconds
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._called.wait()

    def call_in(self) -> None:
        self._is_waiting, self._came_in_at = False, time.monotonic()
        self._called.set()

    def note(self, attempt: Attempt) -> None:
        """What a call that has ended teaches, while it is still counted."""
        ending = attempt.ending
        if ending.code == "rate_limited":
            self._queue.shrink(self._came_in_at, ending.retry_after)
        elif attempt.said_something:
            self._queue.grow(time.monotonic() - self._came_in_at)

    def close(self) -> None:
        """Free what this answer holds: its call, or its turn."""
        if self._is_waiting:
            self._is_waiting = False
            self._queue.quit(self)
        elif self.is_in:
            self._called.clear()
            self._queue.leave()
