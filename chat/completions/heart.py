"""What a node does all the time: saves the running texts every second, renews its leases every five,
and looks after the answers of nodes that are gone."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError

from accounts.services import spending
from chat.completions import lease, recovery
from chat.completions.run import Run
from webchat.threads import in_thread, spawn

log = structlog.get_logger(__name__)
SAVE_SECONDS = 1.0
SWEEP_SECONDS = 15.0
AWAY_SECONDS = 30.0  # so long answers go on without a database

running: dict[UUID, Run] = {}  # by message id: what this node is writing
_shown: dict[str, asyncio.Event] = {}
_last = {"round": float("-inf"), "renewal": 0.0}


async def beat_for_ever(take: Callable[[UUID], Coroutine[Any, Any, None]]) -> None:
    """`take` runs an answer that nobody has claimed, by its completion's id."""
    _shown["first"] = asyncio.Event()
    spawn(_every(SAVE_SECONDS, save, sooner=_shown["first"]))
    spawn(_every(lease.RENEW_SECONDS, renew))
    spawn(_every(lease.RENEW_SECONDS, partial(reap, take)))
    spawn(_every(SWEEP_SECONDS, _sweep))


def shown_first() -> None:
    """People see the first words of an answer. Until a checkpoint says so, a node's death would begin it again."""
    if first := _shown.get("first"):
        first.set()


async def _every(
    seconds: float, act: Callable[[], Awaitable[None]], *, sooner: asyncio.Event | None = None
) -> None:
    while True:
        try:
            await act()
        except DatabaseError as problem:
            log.warning("heart.skipped", act=str(act), problem=type(problem).__name__)
        except Exception:
            log.exception("heart.broke", act=str(act))
        if sooner is None:
            await asyncio.sleep(seconds)
        else:
            await asyncio.sleep(seconds / 10)
            await _wait_for(sooner, seconds * 9 / 10)


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    event.clear()


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
        renewed = await in_thread(_renew)(asked, [run.completion.pk for run in running.values()])
    except DatabaseError:
        _give_up_after_a_while()
        raise
    _last["renewal"] = time.monotonic()
    _let_go(asked - renewed.owned)
    for message_id in renewed.to_stop & running.keys():
        running[message_id].end_early("stopped")


async def _sweep() -> None:
    """Holds that nobody has settled: the node died in between, or before the call."""
    if swept := await in_thread(spending.sweep)():
        log.warning("holds.swept", holds=swept)


def _renew(message_ids: set[UUID], completion_ids: list[UUID]) -> lease.Renewed:
    """The leases first: what is held for the calls lives longer than they do."""
    renewed = lease.renew(message_ids)
    try:
        spending.keep(completion_ids)
    except DatabaseError as problem:
        log.warning("holds.unkept", problem=type(problem).__name__)
    return renewed


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
    """A node that has just started, or whose last good round is long ago, cannot tell a dead owner from one that could
    not reach the database either: it waits one lease, so that living owners can renew. Answers of which the node is
    known to be gone, and those that nobody owns, need not wait."""
    is_new = time.monotonic() - _last["round"] > 2 * lease.RENEW_SECONDS
    if is_new:
        await _recover(surely=True)
        await _take_unclaimed(take)
        await asyncio.sleep(lease.LEASE_SECONDS)
    await _recover(surely=False)
    await _take_unclaimed(take)
    _last["round"] = time.monotonic()


async def _recover(*, surely: bool) -> None:
    if found := await in_thread(recovery.recover_expired)(surely=surely):
        log.warning("leases.expired", answers=found)


async def _take_unclaimed(take: Callable[[UUID], Coroutine[Any, Any, None]]) -> None:
    for completion_id in await in_thread(lease.unclaimed)():
        spawn(take(completion_id))
