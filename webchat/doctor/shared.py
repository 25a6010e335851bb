"""What several processes share: the channel layer that carries events, and the cache that counts limits."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

from channels.layers import channel_layers
from django.conf import settings
from django.core.cache import cache

from webchat.doctor.finding import Finding, note, ok, problem

SECONDS = 4.0
ONE_PROCESS = "Events stay in the memory of one process (no REDIS_URL)."
_WAY_OUT = "Look whether Valkey runs at REDIS_URL, and at its password."


def look_at_events() -> Iterator[Finding]:
    """A message through the layer as it is configured, in a group, as events travel."""
    try:
        milliseconds = asyncio.run(_round_trip())
    except Exception as trouble:  # whatever the layer's own library raises
        says = f"A message did not come through the channel layer ({_name(trouble)})."
        yield problem("Events", says, _WAY_OUT)
        return
    if settings.REDIS_URL:
        yield ok("Events", f"A message came through Valkey in {milliseconds:.0f} ms.")
    else:
        yield note("Events", ONE_PROCESS, "Set REDIS_URL before a second machine joins.")


async def _round_trip() -> float:
    # A layer of our own, with connections of its own: nothing of the server's is touched or closed.
    layer = channel_layers.make_backend("default")
    group = f"doctor.{uuid4().hex}"
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(SECONDS):
        try:
            channel = await layer.new_channel()
            await layer.group_add(group, channel)
            began = loop.time()
            await layer.group_send(group, {"type": "doctor.look"})
            await layer.receive(channel)
            return 1000 * (loop.time() - began)
        finally:
            await layer.flush()


def look_at_cache() -> Iterator[Finding]:
    key, value = f"doctor.{uuid4().hex}", uuid4().hex
    try:
        cache.set(key, value, timeout=10)
        came_back = cache.get(key) == value
        cache.delete(key)
    except Exception as trouble:  # whatever the cache's own library raises
        yield problem("Cache", f"It does not answer ({_name(trouble)}).", _WAY_OUT)
        return
    if came_back:
        where = "Valkey keeps it" if settings.REDIS_URL else "This process keeps it"
        yield ok("Cache", f"{where}: what is put in comes out again.")
    else:
        says = "What was put in did not come out again."
        yield problem("Cache", says, "Look at Valkey's memory limit (maxmemory).")


def _name(trouble: Exception) -> str:
    return type(trouble).__name__
