"""Whether, when and where to try again: only while nothing was said, and not for ever."""

import random
import time
from collections.abc import Callable

from chat.evolink.address import Address, addresses
from chat.evolink.limits import LIMITS
from chat.evolink.pieces import Ending
from chat.evolink.verdict import retries_allowed

_TRY_ELSEWHERE_AT_ONCE = {"upstream_unreachable", "reset"}


class Plan:
    """The attempts of one request, at those addresses that are let in."""

    def __init__(self, admits: Callable[[Address], bool]) -> None:
        self._admits = admits
        self._addresses = addresses()
        self.give_up_at = time.monotonic() + LIMITS.first_token
        self.retries = 0

    @property
    def address(self) -> Address | None:
        """Where the next attempt goes; None while no address is worth asking."""
        return next(filter(self._admits, self._addresses), None)

    def wait_before_next(self, ending: Ending, at: Address) -> float | None:
        """Seconds to wait before another attempt after this one; None where its ending stands."""
        wait = self._wait(ending, at)
        too_late = time.monotonic() + wait > self.give_up_at
        if too_late or self.retries >= min(retries_allowed(ending), LIMITS.retries_most):
            return None
        self._go_on(ending, at)
        return wait if self.address else None

    def _wait(self, ending: Ending, at: Address) -> float:
        if ending.retry_after is not None:
            return min(max(ending.retry_after, LIMITS.backoff_least), LIMITS.retry_after_most)
        others = (address for address in self._addresses if address != at)
        elsewhere = self.retries == 0 and any(map(self._admits, others))
        if elsewhere and ending.code in _TRY_ELSEWHERE_AT_ONCE:
            return 0.0
        return self._backoff(LIMITS.backoff_least * (2 if ending.code == "rate_limited" else 1))

    def _backoff(self, least: float) -> float:
        """Jittered, so that those who failed together do not come back together."""
        most = min(LIMITS.backoff_most, least * 4 * 2**self.retries)
        return random.uniform(least, most)  # noqa: S311

    def _go_on(self, ending: Ending, at: Address) -> None:
        """A busy service is busy at both addresses; for everything else try the other one first."""
        self.retries += 1
        if ending.code != "rate_limited":
            self._addresses.sort(key=lambda address: address == at)
