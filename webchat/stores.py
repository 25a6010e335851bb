"""How PostgreSQL and Valkey are reached: with an end to waiting, so that one that hangs holds up nobody for long."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from redis.backoff import NoBackoff
from redis.retry import Retry

from webchat import embedded, patience

# Who waits for a lock holds a connection of the pool: better a 503 soon than nothing for everyone.
LIMITS = "-c lock_timeout=4s -c idle_in_transaction_session_timeout=15s"
# A machine that is gone answers nothing: notice it before who waits for us gives up.
KEEPALIVE = {
    "connect_timeout": 3,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
}
CONNECTIONS = 250  # of all processes; the embedded PostgreSQL takes 300


def databases(url: str, data_dir: Path, processes: int) -> dict[str, Any]:
    """Persistent connections leak under ASGI (a thread a request), so a pool keeps them instead."""
    at = _database_from_url(url) if url else embedded.database_settings(data_dir)
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"pool": _pool(processes), "options": LIMITS, **KEEPALIVE},
            **at,
        }
    }


def _pool(processes: int) -> dict[str, Any]:
    return {
        "min_size": 2,
        "max_size": max(4, min(20, CONNECTIONS // processes)),
        "timeout": 5,
        "max_lifetime": 1800,
        # Its pauses between attempts double; giving up early, the next request tries afresh.
        "reconnect_timeout": 2,
        "connection_class": patience.Connection,
    }


def _database_from_url(address: str) -> dict[str, object]:
    parts = urlsplit(address)
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
    }


def channel_layers(redis_url: str) -> dict[str, Any]:
    """In memory for one process."""
    if not redis_url:
        memory = "channels.layers.InMemoryChannelLayer"
        return {"default": {"BACKEND": memory, "CONFIG": {"capacity": 1000}}}
    shared = "webchat.layer.BoundedPubSubLayer"
    return {"default": {"BACKEND": shared, "CONFIG": {"hosts": [redis_url]}}}


def caches(redis_url: str) -> dict[str, Any]:
    """Counts the limits of signing in and writing, together where there are several processes."""
    if not redis_url:
        # The default of 300 would let a flood of attempts push the counts of the limits out.
        memory = "django.core.cache.backends.locmem.LocMemCache"
        return {"default": {"BACKEND": memory, "OPTIONS": {"MAX_ENTRIES": 100_000}}}
    patient = {
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
        "retry": Retry(NoBackoff(), 0),
    }
    shared = "webchat.cache.ForgivingCache"
    return {"default": {"BACKEND": shared, "LOCATION": redis_url, "OPTIONS": patient}}
