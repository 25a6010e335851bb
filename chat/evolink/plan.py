"""Whether, when and where to try again: only while nothing was said, and not for ever."""

import random
import time

from chat.evolink.address import Address, addresses
from chat.evolink.limits import LIMITS
from chat.evolink.pieces import Ending
from chat.evolink.verdict import retries_allowed

_TRY_ELSEWHERE_AT_ONCE = {"upstream_unreachable", "reset"}


class Plan:
    """The attempts of one request."""

    def __init__(self) -> None:
        self._addresses = addresses()
        self._give_up_at = time.monotonic() + LIMITS.first_token
        self.retries = 0

    @property
    def address(self) -> Address:
        return self._addresses[0]

    def wait_before_next(self, ending: Ending) -> float | None:
        """Seconds to wait before another attempt; None where this ending stands."""
        wait = self._wait(ending)
        too_late = time.monotonic() + wait > self._give_up_at
        if too_late or self.retries >= min(retries_allowed(ending), LIMITS.retries_most):
            return None
        self._go_on(ending)
        return wait

    def _wait(self, ending: Ending) -> float:
        if ending.retry_after is not None:
            return min(max(ending.retry_after, LIMITS.backoff_least), LIMITS.retry_after_most)
        elsewhere = len(self._addresses) > 1 and self.retries == 0
        if elsewhere and ending.code in _TRY_ELSEWHERE_AT_ONCE:
            return 0.0
        return self._backoff(LIMITS.backoff_least * (2 if ending.code == "rate_limited" else 1))

    def _backoff(self, least: float) -> float:
        """Jittered, so that those who failed together do not come back together."""
        most = min(LIMITS.backoff_most, least * 4 * 2**self.retries)
        return random.uniform(least, most)  # noqa: S311

    def _go_on(self, ending: Ending) -> None:
        """A busy service is busy at both addresses; for everything else try the other one."""
        self.retries += 1
        if ending.code != "rate_limited":
            self._addresses = [*self._addresses[1:], self._addresses[0]]
