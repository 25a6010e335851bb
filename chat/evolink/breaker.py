"""A circuit for each address, so that an outage answers at once instead of after everyone's whole patience.

It opens when ten answers in a row could not connect, got a 5xx, or had no first byte in time. After five
seconds one answer is let through to see. Whatever else the service says, it is there; a 429 says nothing.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import structlog

from chat.evolink.address import Address
from chat.evolink.limits import LIMITS
from chat.evolink.per_loop import PerLoop
from webchat import metrics

logger = structlog.get_logger(__name__)


class Circuit:
    """Whether one address is worth asking."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self._failures = 0
        self._opened_at: float | None = None
        self._scout: Trial | None = None  # the answer that is let through to see

    @property
    def is_closed(self) -> bool:
        return self._opened_at is None

    @property
    def lets_one_through(self) -> bool:
        if self._opened_at is None:
            return True
        return self._scout is None and time.monotonic() >= self._opened_at + LIMITS.skip

    def enter(self, trial: "Trial") -> None:
        if not self.is_closed:
            self._scout = trial

    def leave(self, trial: "Trial") -> None:
        """However it went: a scout that was stopped leaves its place to the next."""
        if self._scout is trial:
            self._scout = None

    def has_scout(self, trial: "Trial") -> bool:
        return self._scout is trial

    def close(self) -> None:
        self._failures = 0
        if not self.is_closed:
            self._opened_at = None
            self._tell("closed")

    def count_failure(self) -> None:
        self._failures += 1
        if self.is_closed and self._failures >= LIMITS.failures_most:
            self.open()

    def open(self) -> None:
        self._opened_at, self._scout = time.monotonic(), None
        self._tell("open")

    def _tell(self, state: str) -> None:
        metrics.CIRCUITS.labels(self._host).set(not self.is_closed)
        logger.warning("evolink.circuit", host=self._host, state=state)


_circuits = PerLoop(Circuit)


class Trial:
    """What one answer finds out about the addresses.

    An address that fails it counts once, when the answer has ended or is heard from elsewhere: a blip that
    its own retries survive is no outage. Being stopped by a person counts for nothing.
    """

    def __init__(self) -> None:
        self._failed: set[Circuit] = set()
        self._counted: set[Circuit] = set()

    def admits(self, address: Address) -> bool:
        return _circuits.named(address.url).lets_one_through

    @contextmanager
    def asking(self, address: Address, *, late: float) -> Iterator["Hearing"]:
        """While one attempt is under way; `late` are the seconds after which its first byte is."""
        circuit = _circuits.named(address.url)
        circuit.enter(self)
        hearing = Hearing(self, circuit, late)
        try:
            yield hearing
        finally:
            hearing.stop()
            circuit.leave(self)

    def worked(self, circuit: Circuit) -> None:
        circuit.close()
        self._failed.discard(circuit)
        self.conclude()

    def failed(self, circuit: Circuit) -> None:
        """A scout has seen enough, so that nobody else waits for it to try again."""
        if circuit.has_scout(self):
            circuit.open()
        else:
            self._failed.add(circuit)

    def conclude(self) -> None:
        for circuit in self._failed - self._counted:
            circuit.count_failure()
        self._counted |= self._failed
        self._failed.clear()


class Bystander(Trial):
    """A title's part: it keeps off a circuit that is not closed, and says nothing about it.

    Nobody waits for a title, and every conversation asks for one, so that counting them would halve the ten
    answers; and a whole response shows its first byte so late that it would make a poor scout.
    """

    def admits(self, address: Address) -> bool:
        return _circuits.named(address.url).is_closed

    def worked(self, circuit: Circuit) -> None:
        pass

    def failed(self, circuit: Circuit) -> None:
        pass


class Hearing:
    """One attempt at one address, and what it says about it."""

    def __init__(self, trial: Trial, circuit: Circuit, late: float) -> None:
        self._trial = trial
        self._circuit = circuit
        self._is_late = asyncio.get_running_loop().call_later(late, self._overdue)

    def stop(self) -> None:
        self._is_late.cancel()

    def heard(self) -> None:
        """The first byte has come."""
        self.stop()
        self._trial.worked(self._circuit)

    def ended(self, was_there: bool | None) -> None:
        """Whether the service was there; None where nothing can be said."""
        if was_there:
            self._trial.worked(self._circuit)
        elif was_there is False:
            self._trial.failed(self._circuit)

    def _overdue(self) -> None:
        self._trial.failed(self._circuit)
        self._trial.conclude()
