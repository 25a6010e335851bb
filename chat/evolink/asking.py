"""One request on its way: through the queue of its model and the circuits of the addresses, until its first text."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, closing, contextmanager

from chat.evolink.address import Address
from chat.evolink.attempt import Attempt
from chat.evolink.breaker import Trial
from chat.evolink.errors import KINDS
from chat.evolink.limiter import Place
from chat.evolink.limits import LIMITS
from chat.evolink.pieces import Ending, Fact, Waiting
from chat.evolink.plan import Plan
from chat.evolink.record import count, record
from chat.evolink.wire import ChatRequest

_BUSY, _DOWN = "rate_limited", "upstream_down"


class Asking:
    """Read `facts` once, in the loop in which it was made."""

    def __init__(self, request: ChatRequest, *, first_byte: float, trial: Trial) -> None:
        self._request = request
        self._first_byte = first_byte
        self._trial = trial
        self._plan = Plan(trial.admits)
        self._place = Place(request.model)
        self._wait: float | None = 0.0 if self._plan.address else None
        self._ending = _not_asked("upstream_down")
        self._host = ""  # the last one that was asked

    async def facts(self) -> AsyncGenerator[Fact, None]:
        """Text as it comes, with fallback and retries until the first of it; one Ending, last."""
        with closing(self._place):
            while self._wait is not None:
                async for waiting in self._turn(self._wait):
                    yield waiting
                if not (address := self._way_in()):
                    break
                with self._attempt(address) as attempt:
                    async with aclosing(attempt.texts()) as texts:
                        async for text in texts:
                            yield text
        self._trial.conclude()
        record(self._ending, self._request.model, host=self._host, retries=self._plan.retries)
        yield self._ending

    async def _turn(self, wait: float) -> AsyncGenerator[Waiting, None]:
        """Wait as the plan says, then for a place among the calls of this model."""
        if wait:
            yield Waiting(wait, self._ending.code)
            await asyncio.sleep(wait)
        async for seconds in self._place.turn(give_up_at=self._plan.give_up_at):
            yield Waiting(seconds, _BUSY)

    def _way_in(self) -> Address | None:
        """Where to ask; None where no turn came in time, or every address was given up meanwhile."""
        if self._place.is_in:
            return self._plan.address
        if not self._host:
            self._ending = _not_asked(_BUSY)
        return None

    @contextmanager
    def _attempt(self, address: Address) -> Iterator[Attempt]:
        """One attempt, and what it taught; a reader who leaves has learnt nothing."""
        self._host = address.host
        late = LIMITS.late * self._first_byte / LIMITS.first_byte
        with closing(self._place), self._trial.asking(address, late=late) as hearing:
            attempt = Attempt(
                self._request,
                address=address,
                first_byte=self._first_byte,
                on_first_byte=hearing.heard,
            )
            yield attempt
            hearing.ended(attempt.found_service)
            self._place.note(attempt)
        self._conclude(attempt, address)

    def _conclude(self, attempt: Attempt, address: Address) -> None:
        self._ending = attempt.ending
        count(self._ending.code)
        done = attempt.said_something
        self._wait = None if done else self._plan.wait_before_next(self._ending, address)


def _not_asked(code: str) -> Ending:
    return Ending(state="failed", code=code, detail=KINDS[code].failed)
