"""A shared cache that is missed, not needed: while Valkey is away nobody is kept from signing in or writing."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
ASK_AGAIN_SECONDS = 5.0
_away = {"until": 0.0}


def _or(instead: Any, method: Callable[..., Any]) -> Any:
    """Answer so while Valkey does not. After a failure it is left alone for a while: one that hangs costs a second."""

    @wraps(method)
    def tried(*args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < _away["until"]:
            return instead
        try:
            return method(*args, **kwargs)
        except (RedisError, OSError) as problem:
            _away["until"] = time.monotonic() + ASK_AGAIN_SECONDS
            log.warning("cache.away", problem=type(problem).__name__)
            return instead

    return tried


class ForgivingCache(RedisCache):
    """Everything that is asked is unknown then, everything that is told is forgotten, and counters stay at one."""

    add = _or(True, RedisCache.add)
    get = _or(None, RedisCache.get)
    set = _or(None, RedisCache.set)
    touch = _or(False, RedisCache.touch)
    delete = _or(False, RedisCache.delete)
    has_key = _or(False, RedisCache.has_key)
    incr = _or(1, RedisCache.incr)
    get_many = _or({}, RedisCache.get_many)
    set_many = _or([], RedisCache.set_many)
    delete_many = _or(None, RedisCache.delete_many)
    clear = _or(False, RedisCache.clear)
