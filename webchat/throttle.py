"""How often one person may change something: so many requests in each minute, counted in the cache.

The cache is shared by all nodes where there is a Valkey. While it is away nobody is counted and nobody waits for it.
"""

import time
from uuid import UUID

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from chat.errors import TooManyRequests
from webchat import metrics

log = structlog.get_logger(__name__)
MINUTE = 60
ASK_AGAIN_SECONDS = 5.0
_state = {"away_until": 0.0}


def count_write(person_id: UUID) -> None:
    """Raises TooManyRequests for the rest of a minute in which there were too many."""
    now = time.time()
    if _counted(f"writes:{person_id}:{int(now // MINUTE)}") > settings.WRITES_PER_MINUTE:
        metrics.REFUSED.labels("too_many_requests").inc()
        raise TooManyRequests(
            settings.WRITES_PER_MINUTE, retry_after=max(1, round(MINUTE - now % MINUTE))
        )


def _counted(key: str) -> int:
    """The count with this one; 0 while the cache is away."""
    if time.monotonic() < _state["away_until"]:
        return 0
    try:
        return _increased(key)
    except (RedisError, OSError) as problem:
        _state["away_until"] = time.monotonic() + ASK_AGAIN_SECONDS
        log.warning("cache.away", problem=type(problem).__name__)
        return 0


def _increased(key: str) -> int:
    """Atomic on every node: whoever does not add the key finds it."""
    if cache.add(key, 1, timeout=2 * MINUTE):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # pushed out of a full cache in between
        return 1
