"""`manage.py serve`: migrate, make the first admin, serve until told to stop."""

import os
import sys
import uuid
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from socket import socket
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError, connection

from accounts.services.people import ensure_admin
from chat.completions import lease
from webchat import embedded
from webchat.embedded_valkey import EmbeddedValkey, ValkeyProblem
from webchat.listening import AddressProblem, listening, where
from webchat.processes import Fleet, figures_folder
from webchat.turnstile import Occupied, alone

MIGRATING = 0x77656263  # an advisory lock's number, ours by being the letters "webc"


class Command(BaseCommand):
    help = "Serve the chat on HOST:PORT until SIGINT or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT, help="0 takes a free port")
        parser.add_argument("--processes", type=int, default=settings.PROCESSES)

    def handle(self, host: str, port: int, processes: int, **options: Any) -> None:
        try:
            with self._only_server(), listening(host, port, processes) as listeners:
                self._prepare()
                if processes > 1:
                    sys.exit(self._serve_with(listeners))
                self._serve(listeners[0])
        except (AddressProblem, Occupied, ValkeyProblem) as problem:
            raise CommandError(str(problem)) from None
        except OperationalError as problem:
            raise CommandError(f"The database does not answer: {problem}") from None

    def _serve(self, listener: socket) -> None:
        # Importing daphne installs the reactor, which no other command needs.
        from webchat.serving import serve, upstream

        ready = f"Ready on {where(listener)} with {upstream()}. Ctrl-C stops it."
        serve(listener, self._say, ready=lambda: self._say(ready))

    def _serve_with(self, listeners: list[socket]) -> int:
        """The parent's part; its exit code."""
        processes = len(listeners)
        _let_go_of_the_database()
        ready = f"Ready on {where(listeners[0])} with {processes} processes. Ctrl-C stops it."
        with _valkey() as (redis_url, tick), figures_folder() as folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            fleet = Fleet(
                listeners,
                environment={**os.environ, **_stores(redis_url), "PROCESSES": str(processes)},
                grace_seconds=settings.GRACE_SECONDS,
                on_ready=lambda: self._say(ready),
                on_death=_expire,
                tick=tick,
            )
            return fleet.run()

    def _only_server(self) -> AbstractContextManager[None]:
        """An embedded database has one server; beside a database of its own any number may run."""
        if settings.DATABASE_URL:
            return nullcontext()
        return alone(
            settings.DATA_DIR / "serve.lock",
            f"Another server already runs on {settings.DATA_DIR} (DATA_DIR): stop it first, or "
            "give this one a DATA_DIR of its own.",
        )

    def _prepare(self) -> None:
        # Of several servers that start at once on one database, one migrates.
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
            try:
                call_command("migrate", interactive=False, verbosity=0)
                call_command("clearsessions")
                ensure_admin()
                if not settings.DATABASE_URL:
                    lease.expire_all()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _let_go_of_the_database() -> None:
    """The parent has nothing more to ask, but for a child that dies; the pool's threads would only hold up its end."""
    pooled: Any = connection
    pooled.close()
    pooled.close_pool()


@contextmanager
def _valkey() -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of Valkey, and what keeps it alive: an embedded one unless REDIS_URL names another."""
    if settings.REDIS_URL:
        yield settings.REDIS_URL, lambda: None
        return
    valkey = EmbeddedValkey(settings.DATA_DIR)
    try:
        valkey.start()
        yield valkey.url, valkey.keep_alive
    finally:
        valkey.stop()


def _stores(redis_url: str) -> dict[str, str]:
    """For the children, which start neither of them."""
    database_url = settings.DATABASE_URL or embedded.database_url(settings.DATA_DIR)
    return {"REDIS_URL": redis_url, "DATABASE_URL": database_url}


def _expire(node: uuid.UUID) -> None:
    """A process that has died renews nothing any more: the others need not wait for its leases."""
    try:
        lease.expire_all(of=node)
    except DatabaseError:
        pass
    finally:
        _let_go_of_the_database()
