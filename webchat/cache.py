"""A shared cache that is missed, not needed: while Valkey is away nobody is kept from signing in or writing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

P = ParamSpec("P")
T = TypeVar("T")
log = structlog.get_logger(__name__)


def _or(instead: Any) -> Callable[[Callable[P, T]], Callable[P, T | Any]]:
    """Answer so when Valkey does not."""

    def forgiving(method: Callable[P, T]) -> Callable[P, T | Any]:
        @wraps(method)
        def tried(*args: P.args, **kwargs: P.kwargs) -> T | Any:
            try:
                return method(*args, **kwargs)
            except (RedisError, OSError) as problem:
                log.warning("cache.away", problem=type(problem).__name__)
                return instead

        return tried

    return forgiving


class ForgivingCache(RedisCache):
    """Everything that is asked is unknown, everything that is told is forgotten, and counters stay at one."""

    add: Any = _or(True)(RedisCache.add)
    get: Any = _or(None)(RedisCache.get)
    set: Any = _or(None)(RedisCache.set)
    touch: Any = _or(False)(RedisCache.touch)
    delete: Any = _or(False)(RedisCache.delete)
    has_key: Any = _or(False)(RedisCache.has_key)
    incr: Any = _or(1)(RedisCache.incr)
    get_many: Any = _or({})(RedisCache.get_many)
    set_many: Any = _or([])(RedisCache.set_many)
    delete_many: Any = _or(None)(RedisCache.delete_many)
    clear: Any = _or(False)(RedisCache.clear)
