"""How often one person may change something: so many requests in each minute, counted in the cache.

The cache is shared by all nodes where there is a Valkey; while that is away nobody is counted (see cache.py).
"""

import time
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from chat.errors import TooManyRequests
from webchat import metrics

MINUTE = 60


def count_write(person_id: UUID) -> None:
    """Raises TooManyRequests for the rest of a minute in which there were too many."""
    now = time.time()
    if _increased(f"writes:{person_id}:{int(now // MINUTE)}") > settings.WRITES_PER_MINUTE:
        metrics.REFUSED.labels("too_many_requests").inc()
        raise TooManyRequests(
            settings.WRITES_PER_MINUTE, retry_after=max(1, round(MINUTE - now % MINUTE))
        )


def _increased(key: str) -> int:
    """Atomic on every node: whoever does not add the key finds it."""
    if cache.add(key, 1, timeout=2 * MINUTE):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # pushed out of a full cache in between
        return 1
