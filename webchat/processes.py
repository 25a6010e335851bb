"""Several server processes on one machine, all on one address.

The parent holds the sockets, PostgreSQL, Valkey and the migrations, and serves nothing. It starts a child for each
process (never by fork after daphne was imported), and another for one that dies. A line to each child says to the
parent that the child is ready, or dead, and to the child that the parent is gone.
"""

import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog
from prometheus_client import multiprocess

log = structlog.get_logger(__name__)
LOOK_SECONDS = 0.2
MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
STEADY_SECONDS = 10.0
END_SECONDS = 5.0
MOST_FAILURES = 5
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass
class Child:
    number: int
    process: subprocess.Popen[bytes]
    line: socket.socket
    began: float = field(default_factory=time.monotonic)
    node: uuid.UUID | None = None  # known when it is ready


class Fleet:
    """`on_death(node)` is called for a child that was ready and ended unasked; `tick` now and then."""

    def __init__(
        self,
        listeners: list[socket.socket],
        *,
        environment: Mapping[str, str],
        grace_seconds: float,
        on_ready: Callable[[], None],
        on_death: Callable[[uuid.UUID], None],
        tick: Callable[[], None],
    ) -> None:
        self._listeners, self._environment = listeners, environment
        self._patience = grace_seconds + 20
        self._on_ready, self._on_death, self._tick = on_ready, on_death, tick
        self._children: dict[int, Child] = {}
        self._due: dict[int, float] = dict.fromkeys(
            range(len(listeners)), 0.0
        )  # to be started, and when
        self._failures = 0
        self._was_ready = False
        self._stopping_since = 0.0
        self._selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Until told to stop; the exit code."""
        with _signals_to(self._stop):
            while self._children or not self._stopping_since:
                self._start_what_is_due()
                for key, _ in self._selector.select(LOOK_SECONDS):
                    self._hear(key.data)
                self._look_after_the_rest()
                self._end_who_stays()
        return 1 if self._failures > MOST_FAILURES else 0

    def _look_after_the_rest(self) -> None:
        """What goes wrong here must not end the children."""
        try:
            self._tick()
        except Exception:
            log.exception("processes.tick")

    def _start_what_is_due(self) -> None:
        for number, when in list(self._due.items()):
            if not self._stopping_since and when <= time.monotonic():
                del self._due[number]
                self._start(number)

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            numbers = (self._listeners[number].fileno(), theirs.fileno())
            process = subprocess.Popen(
                [sys.executable, str(MANAGE), "node", *map(str, numbers), str(number)],
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                pass_fds=numbers,
                start_new_session=True,  # a signal from the terminal is for us, who pass it on
            )
        child = self._children[process.pid] = Child(number, process, ours)
        self._selector.register(ours, selectors.EVENT_READ, child)
        if self._stopping_since:  # the signal came while it was started
            process.terminate()

    def _hear(self, child: Child) -> None:
        said = b""
        with suppress(OSError):
            said = child.line.recv(16)
        if not said:
            self._bury(child)
            return
        child.node = uuid.UUID(bytes=said)
        if not self._was_ready and all(one.node for one in self._children.values()):
            self._was_ready = not self._due
            if self._was_ready:
                self._on_ready()

    def _bury(self, child: Child) -> None:
        """Its end of the line has closed: it has ended, or is about to."""
        self._selector.unregister(child.line)
        child.line.close()
        code = _end_of(child.process)
        del self._children[child.process.pid]
        _forget_figures(child.process.pid)
        if self._stopping_since:
            self._listeners[child.number].close()  # whoever comes now is for those who still serve
        else:
            self._replace(child, code)

    def _replace(self, child: Child, code: int) -> None:
        log.error("process.died", pid=child.process.pid, code=code)
        was_steady = time.monotonic() - child.began > STEADY_SECONDS
        self._failures = 0 if was_steady else self._failures + 1
        if self._failures > MOST_FAILURES:
            self._stop(signal.SIGTERM, None)
            return
        self._due[child.number] = time.monotonic() + 0.2 * 2**self._failures
        if child.node:
            self._on_death(child.node)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """The first signal makes the children leave in peace; a second Ctrl-C is passed on, and ends them at once."""
        again = bool(self._stopping_since)
        self._stopping_since = self._stopping_since or time.monotonic()
        if again and number != signal.SIGINT:
            return
        for child in list(self._children.values()):
            child.process.send_signal(signal.SIGINT if again else signal.SIGTERM)

    def _end_who_stays(self) -> None:
        if self._stopping_since and time.monotonic() - self._stopping_since > self._patience:
            for child in self._children.values():
                child.process.kill()


def _end_of(process: subprocess.Popen[bytes]) -> int:
    """The exit code, of a process that has closed its line and has nothing left to do."""
    try:
        return process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


@contextmanager
def _signals_to(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


# What the processes count together ----------------------------------------------------------------


@contextmanager
def figures_folder() -> Iterator[str]:
    """Where the metrics of all processes are put together; named in PROMETHEUS_MULTIPROC_DIR."""
    with tempfile.TemporaryDirectory(prefix="webchat-") as folder:
        yield folder


def _forget_figures(pid: int) -> None:
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
