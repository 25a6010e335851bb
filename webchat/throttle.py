"""How often something may be done: so many times in each span of time, counted in the cache.

The cache is shared by all nodes where there is a Valkey; while that is away nobody is counted (see cache.py).
"""

import time
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from chat.errors import TooManyRequests
from webchat import metrics

MINUTE = 60


class Count(NamedTuple):
    """How often it was done in the span that is running, and in how many seconds that ends (at least 1)."""

    so_far: int
    ends_in: int


def count_write(person_id: UUID) -> None:
    """Raises TooManyRequests for the rest of a minute in which there were too many."""
    so_far, ends_in = count(f"writes:{person_id}", MINUTE)
    if so_far > settings.WRITES_PER_MINUTE:
        metrics.REFUSED.labels("too_many_requests").inc()
        raise TooManyRequests(settings.WRITES_PER_MINUTE, retry_after=ends_in)


def count(name: str, seconds: int) -> Count:
    """Once more."""
    key, ends_in = _span(name, seconds)
    return Count(_increased(key, 2 * seconds), ends_in)


def counted(name: str, seconds: int) -> Count:
    """Without doing it."""
    key, ends_in = _span(name, seconds)
    return Count(cache.get(key) or 0, ends_in)


def uncount(name: str, seconds: int) -> None:
    """Once less: it was counted before anybody knew whether it counts."""
    _increased(_span(name, seconds)[0], 2 * seconds, by=-1)


def _span(name: str, seconds: int) -> tuple[str, int]:
    now = time.time()
    return f"{name}:{int(now // seconds)}", max(1, round(seconds - now % seconds))


def _increased(key: str, timeout: int, *, by: int = 1) -> int:
    """Atomic on every node: whoever does not add the key finds it."""
    if cache.add(key, max(by, 0), timeout=timeout):
        return max(by, 0)
    try:
        return cache.incr(key, by)
    except ValueError:  # pushed out of a full cache in between
        return max(by, 0)
