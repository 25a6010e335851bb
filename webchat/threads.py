"""The bridges between the event loop and the threads of the ORM; there are no others.

`in_thread` takes a sync function to a thread of a bounded pool: with Channels' default every socket of the
process would share one database thread. `on_loop` takes a coroutine from a request's thread to the server's
loop, in a fresh context: a task that inherits a request's context dies with the request.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any, ParamSpec, TypeVar

import structlog
from channels.db import DatabaseSyncToAsync

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)

# Two cores give the loop's own executor six threads; these wait for PostgreSQL, not for a core.
_EXECUTOR = ThreadPoolExecutor(max_workers=16, thread_name_prefix="orm")
_tasks: set[asyncio.Task[Any]] = set()
_server_loop: asyncio.AbstractEventLoop | None = None


def in_thread(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Make an awaitable of a sync function that uses the ORM."""
    bridge: Callable[P, Coroutine[Any, Any, T]] = DatabaseSyncToAsync(
        function, thread_sensitive=False, executor=_EXECUTOR
    )
    return bridge


def attach(loop: asyncio.AbstractEventLoop | None) -> None:
    """Name the loop that serves; `None` takes it away again (tests)."""
    global _server_loop
    _server_loop = loop


def loop_is_attached() -> bool:
    return _server_loop is not None


def on_loop(
    function: Callable[P, Coroutine[Any, Any, Any]], *args: P.args, **kwargs: P.kwargs
) -> None:
    """Run a coroutine function on the server's loop, from any thread. Without a server nothing happens:
    what is sent this way is a hint, and what must happen is found in PostgreSQL by the next server."""
    if _server_loop is not None and not _server_loop.is_closed():
        _server_loop.call_soon_threadsafe(lambda: spawn(function(*args, **kwargs)))


def spawn(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Start a task that outlives its starter. The loop keeps weak references only, so we keep strong ones."""
    task = asyncio.get_running_loop().create_task(coroutine, context=Context())
    _tasks.add(task)
    task.add_done_callback(_ended)


def _ended(task: asyncio.Task[Any]) -> None:
    """Nobody awaits these tasks, so what broke one is said here."""
    _tasks.discard(task)
    if not task.cancelled() and (problem := task.exception()):
        log.error("task.broke", task=str(task.get_coro()), exc_info=problem)
