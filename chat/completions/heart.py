"""What a node does all the time: saves the running texts every second, renews its leases every five,
and looks after the answers of nodes that are gone."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError

from chat.completions import lease, recovery
from chat.completions.run import Run
from webchat.threads import in_thread, spawn

log = structlog.get_logger(__name__)
SAVE_SECONDS = 1.0
AWAY_SECONDS = 30.0  # so long answers go on without a database

running: dict[UUID, Run] = {}  # by message id: what this node is writing
_last = {"round": 0.0, "renewal": 0.0}


async def beat_for_ever(take: Callable[[UUID], Coroutine[Any, Any, None]]) -> None:
    """`take` runs an answer that nobody has claimed, by its completion's id."""
    spawn(_every(SAVE_SECONDS, save))
    spawn(_every(lease.RENEW_SECONDS, renew))
    spawn(_every(lease.RENEW_SECONDS, partial(reap, take)))


async def _every(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await act()
        except DatabaseError as problem:
            log.warning("heart.skipped", act=str(act), problem=type(problem).__name__)
        except Exception:
            log.exception("heart.broke", act=str(act))
        await asyncio.sleep(seconds)


async def save() -> None:
    """Checkpoint every answer that has grown; an answer that is not ours any more is let go."""
    grown = [run for run in running.values() if run.relay.is_dirty]
    if not grown:
        return
    for run in grown:
        run.relay.is_dirty = False
    texts = {run.message_id: run.relay.text for run in grown}
    try:
        saved = await in_thread(lease.save_texts)(texts)
    except DatabaseError:
        for run in grown:
            run.relay.is_dirty = True
        raise
    _let_go(texts.keys() - saved)


async def renew() -> None:
    if not running:
        _last["renewal"] = time.monotonic()
        return
    asked = set(running)
    try:
        renewed = await in_thread(lease.renew)(asked)
    except DatabaseError:
        _give_up_after_a_while()
        raise
    _last["renewal"] = time.monotonic()
    _let_go(asked - renewed.owned)
    for message_id in renewed.to_stop & running.keys():
        running[message_id].end_early("stopped")


def _give_up_after_a_while() -> None:
    """What is in memory only gets more, and dearer, while nobody can ask for it: end it, and save it when we can."""
    if time.monotonic() - _last["renewal"] > AWAY_SECONDS:
        for run in running.values():
            run.end_early("interrupted")


def _let_go(lost: set[UUID]) -> None:
    """Somebody else has ended these; one that has just ended by itself is not running here any more."""
    for message_id in lost & running.keys():
        running[message_id].end_early("lost")


async def reap(take: Callable[[UUID], Coroutine[Any, Any, None]]) -> None:
    """A node whose last good round is long ago waits one lease first, so that living owners can renew."""
    before = _last["round"]
    if before and time.monotonic() - before > 2 * lease.RENEW_SECONDS:
        await asyncio.sleep(lease.LEASE_SECONDS)
    if found := await in_thread(recovery.recover_expired)():
        log.warning("leases.expired", answers=found)
    for completion_id in await in_thread(lease.unclaimed)():
        spawn(take(completion_id))
    _last["round"] = time.monotonic()
