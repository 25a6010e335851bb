"""The life of one server process: daphne in this process, on a socket that is already bound.

Order matters twice. Before listening: the demo upstream, the loop for the threads, the runner. At
the end: answers are drained while the server still listens, then the reactor stops.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable

from daphne.server import Server, twisted_loop
from django.conf import settings
from twisted.internet import reactor

from chat.completions import runner
from chat.evolink import client
from chat.evolink.simulator import Simulator
from chat.services.sockets import SocketSessions
from webchat import daphne_limits, threads

BACKLOG = 1024
# A burst of requests in threads holds the loop, and so every running stream, up by this each.
SWITCH_SECONDS = 0.0005
DRAIN_SECONDS = 20.0
FAREWELL_SECONDS = 0.2  # for the close frames to leave
REQUEST_SECONDS = 60
CLOSE_SECONDS = 5
FRAME_BYTES = 64 * 1024
Say = Callable[[str], None]


class AddressProblem(Exception):
    """The address cannot be listened on; the text is a sentence."""


def bind(host: str, port: int) -> socket.socket:
    """Take the address before anything slow happens. Port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as problem:
        raise AddressProblem(_refusal(host, port, problem)) from None
    return listener


def _refusal(host: str, port: int, problem: OSError) -> str:
    reasons = {
        98: f"Port {port} on {host} is already in use: stop the other program or set PORT.",
        13: f"Port {port} needs more rights than we have: set PORT to one over 1023.",
    }
    return reasons.get(problem.errno or 0, f"{host}:{port} cannot be listened on: {problem}.")


def serve(listener: socket.socket, say: Say) -> None:
    """Until SIGINT or SIGTERM. The socket answers as soon as `say` has told that we are ready."""
    asyncio.set_event_loop(twisted_loop)
    sys.setswitchinterval(SWITCH_SECONDS)
    simulator = twisted_loop.run_until_complete(_begin(say))
    try:
        _daphne(listener, lambda: say(_ready(listener))).run()
    finally:
        twisted_loop.run_until_complete(_end(simulator))


async def _begin(say: Say) -> Simulator | None:
    threads.attach(asyncio.get_running_loop())
    simulator = await _demo() if settings.DEMO else None
    _stop_on_signals(say)
    runner.begin()
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
    await client.close()
    if simulator:
        await simulator.stop()
    threads.attach(None)


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


def _ready(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    upstream = "the demo model (no EVOLINK_API_KEY)" if settings.DEMO else settings.EVOLINK_BASE_URL
    return f"Ready on http://{host}:{port} with {upstream}. Ctrl-C stops it."


# The first signal drains, a second SIGINT ends at once, a second SIGTERM changes nothing ---------


def _stop_on_signals(say: Say) -> None:
    loop = asyncio.get_running_loop()
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        if not received:
            say("Stopping: answers under way get a moment to end.")
            threads.spawn(_drain())
        elif number == signal.SIGINT:
            _stop_reactor()
        received.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)


async def _drain() -> None:
    try:
        await runner.drain(DRAIN_SECONDS)
        await SocketSessions.send_away()
        await asyncio.sleep(FAREWELL_SECONDS)
    finally:
        _stop_reactor()


def _stop_reactor() -> None:
    if reactor.running:
        reactor.stop()
