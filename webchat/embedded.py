"""PostgreSQL without an installation, on a unix socket, for as long as somebody needs it.

Whoever needs it enters `running(data_dir)`. The first one in starts it, the last one out stops it,
and whoever comes after a kill -9 takes over the server that was left. Knows nothing of Django.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from webchat import cluster
from webchat.cluster import PORT, START_SECONDS, USER, DatabaseProblem, recorded
from webchat.turnstile import inside

NAME = "webchat"
STOP_SECONDS = 60
NOT_YET = ("starting up", "No such file", "refused")
__all__ = ["DatabaseProblem", "database_settings", "database_url", "running"]


def database_settings(data_dir: Path) -> dict[str, str]:
    """NAME, USER, PASSWORD, HOST and PORT for Django and psycopg. Starts nothing; before the very
    first start the password is empty and HOST a folder without a socket."""
    desk = Path(data_dir) / "postgres"
    host = recorded(desk / "socket") or str(desk)
    password = recorded(desk / "password")
    return {"NAME": NAME, "USER": USER, "PASSWORD": password, "HOST": host, "PORT": PORT}


def database_url(data_dir: Path, name: str = NAME) -> str:
    """The same as a DATABASE_URL, for another process or another database of the same server."""
    at = database_settings(data_dir)
    host = quote(at["HOST"], safe="")
    return f"postgresql://{USER}:{at['PASSWORD']}@{host}:{PORT}/{name}"


@contextmanager
def running(data_dir: Path) -> Iterator[None]:
    """The server is up inside. Raises DatabaseProblem."""
    desk = _desk(Path(data_dir))
    with inside(desk, lambda: _start(desk), lambda: _stop(desk)):
        yield


def _desk(data_dir: Path) -> Path:
    desk = data_dir.resolve() / "postgres"
    try:
        desk.mkdir(parents=True, exist_ok=True)
        (desk / "gate").touch()
    except OSError as problem:
        raise DatabaseProblem(
            f"The folder {data_dir} (DATA_DIR) cannot be written: {problem.strerror}."
        ) from None
    return desk


def _start(desk: Path) -> None:
    if not _postmaster(desk):
        cluster.start(desk)
    _prepare(_connect_when_ready(desk))


def _connect_when_ready(desk: Path) -> "psycopg.Connection[tuple[object, ...]]":
    """A server that was taken over may still be on its way up."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return psycopg.connect(database_url(desk.parent, "postgres"), autocommit=True)
        except psycopg.OperationalError as problem:
            if not _is_starting(problem) or time.monotonic() > deadline:
                raise DatabaseProblem(f"PostgreSQL runs but does not answer: {problem}") from None
        time.sleep(0.05)


def _is_starting(problem: psycopg.OperationalError) -> bool:
    return any(words in str(problem) for words in NOT_YET)


def _prepare(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    with connection:
        asked = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if not asked.fetchone():
            connection.execute(f"CREATE DATABASE {NAME}".encode())


def _stop(desk: Path) -> None:
    """A fast shutdown, which breaks off what clients do; the socket's folder goes too."""
    if process := _postmaster(desk):
        os.kill(process, signal.SIGINT)
        _wait_for_the_end(desk)
    with suppress(OSError):
        Path(recorded(desk / "socket")).rmdir()


def _wait_for_the_end(desk: Path) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while _postmaster(desk):
        if time.monotonic() > deadline:
            raise DatabaseProblem(f"PostgreSQL did not stop within {STOP_SECONDS} seconds.")
        time.sleep(0.01)


def _postmaster(desk: Path) -> int | None:
    """The process that postmaster.pid names, if it is there and is PostgreSQL: after a restart of
    the machine the number may belong to another program."""
    number = recorded(desk / "cluster/data/postmaster.pid").partition("\n")[0]
    return int(number) if number and "postgres" in _process_name(number) else None


def _process_name(number: str) -> str:
    if Path("/proc/self").exists():
        return recorded(Path("/proc", number, "comm"))
    asked = ["ps", "-p", number, "-o", "comm="]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
