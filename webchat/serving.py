"""The life of one server process: daphne in this process, on a socket that is already bound.

Order matters twice. Before listening: the demo upstream, the loop for the threads, the runner. At the end: nothing new
is begun and the pages are sent elsewhere, answers under way end while the server still listens, then the reactor stops.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from daphne.server import Server, twisted_loop
from django.conf import settings
from twisted.internet import reactor

from chat.completions import runner
from chat.evolink import client
from chat.evolink.simulator import Simulator
from chat.services import digests, neighbours, presence
from chat.services.sockets import SocketSessions
from webchat import daphne_limits, metrics, patience, threads

# A burst of requests in threads holds the loop, and so every running stream, up by this each.
SWITCH_SECONDS = 0.0005
FAREWELL_SECONDS = 0.2  # for the close frames to leave
REQUEST_SECONDS = 60
CLOSE_SECONDS = 5
FRAME_BYTES = 64 * 1024
Say = Callable[[str], None]


def serve(
    listener: socket.socket,
    say: Say,
    *,
    ready: Callable[[], None],
    parent: socket.socket | None = None,
) -> None:
    """Until SIGINT or SIGTERM, or until the parent process is gone. `ready` is called when requests are answered."""
    asyncio.set_event_loop(twisted_loop)
    sys.setswitchinterval(SWITCH_SECONDS)
    simulator = twisted_loop.run_until_complete(_begin(say, parent))
    try:
        _daphne(listener, ready).run()
    finally:
        twisted_loop.run_until_complete(_end(simulator))


async def _begin(say: Say, parent: socket.socket | None) -> Simulator | None:
    loop = asyncio.get_running_loop()
    threads.attach(loop)
    patience.Connection.seconds = patience.SERVING_SECONDS
    metrics.TASKS.set_function(lambda: len(asyncio.all_tasks(loop)))
    simulator = await _demo() if settings.DEMO else None
    _stop_on_signals(say)
    if parent:
        _stop_without(parent)
    runner.begin()
    neighbours.join()
    threads.spawn(digests.send_for_ever())
    if not settings.DEMO:
        threads.spawn(_check_key(say))
    return simulator


async def _demo() -> Simulator:
    simulator = Simulator()
    settings.EVOLINK_BASE_URL = settings.EVOLINK_FALLBACK_URL = await simulator.start("127.0.0.1")
    settings.EVOLINK_API_KEY = "demo"
    return simulator


async def _check_key(say: Say) -> None:
    if warning := await client.check_key():
        say(f"Warning: {warning}")


async def _end(simulator: Simulator | None) -> None:
    threads.attach(None)
    await client.close()
    if simulator:
        await simulator.stop()


def _daphne(listener: socket.socket, ready: Callable[[], None]) -> Server:
    from webchat.asgi import application

    daphne_limits.install()
    logging.getLogger("daphne").setLevel(logging.WARNING)
    return Server(
        application,
        # Twisted closes the number that it adopts, and ours is closed by who bound it.
        endpoints=[f"fd:fileno={os.dup(listener.fileno())}"],
        signal_handlers=False,
        http_timeout=REQUEST_SECONDS,
        ping_interval=20,
        ping_timeout=30,
        websocket_max_message_size=FRAME_BYTES,
        websocket_max_frame_size=FRAME_BYTES,
        application_close_timeout=CLOSE_SECONDS,
        ready_callable=ready,
        server_name="webchat",
    )


def upstream() -> str:
    """Who answers, for people."""
    return "the demo model (no EVOLINK_API_KEY)" if settings.DEMO else settings.EVOLINK_BASE_URL


# The first signal drains, a second SIGINT ends at once, a second SIGTERM changes nothing ---------


def _stop_on_signals(say: Say) -> None:
    loop = asyncio.get_running_loop()
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        if received and number == signal.SIGINT:
            _stop_reactor()
        received.append(number)
        if len(received) == 1:
            threads.spawn(_leave(settings.GRACE_SECONDS))
            with suppress(OSError):  # the terminal may be gone, which is why we stop
                say("Stopping: answers under way get a moment to end.")

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)


def _stop_without(parent: socket.socket) -> None:
    """Killed, the parent cannot tell us to stop; but its end of the line closes, and its successor must not find us."""
    loop = asyncio.get_running_loop()

    def heard() -> None:
        if not parent.recv(1):
            loop.remove_reader(parent)
            threads.spawn(_leave(0))

    loop.add_reader(parent, heard)


async def _leave(grace_seconds: float) -> None:
    """Pages that come back meanwhile find us or others, and go on watching; at the end they are sent away again."""
    try:
        runner.refuse_new()
        await SocketSessions.send_away()
        await runner.drain(grace_seconds)
        await SocketSessions.send_away()
        presence.say_farewell()
        await asyncio.sleep(FAREWELL_SECONDS)
    finally:
        _stop_reactor()


def _stop_reactor() -> None:
    if reactor.running:
        reactor.stop()
