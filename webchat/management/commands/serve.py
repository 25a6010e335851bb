"""`manage.py serve`: migrate, make the first admin, serve until told to stop."""

from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from accounts.services.people import ensure_admin
from webchat.turnstile import Occupied, alone

MIGRATING = 0x77656263  # an advisory lock's number, ours by being the letters "webc"


class Command(BaseCommand):
    help = "Serve the chat on HOST:PORT until SIGINT or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT, help="0 takes a free port")
        parser.add_argument("--processes", type=int, default=settings.PROCESSES)

    def handle(self, host: str, port: int, processes: int, **options: Any) -> None:
        # Importing daphne installs the reactor, which no other command needs.
        from webchat.serving import AddressProblem, bind, serve

        if processes > 1:
            raise CommandError("Several processes arrive in a later version: set PROCESSES=1.")
        try:
            with self._only_server(), bind(host, port) as listener:
                self._prepare()
                serve(listener, self._say)
        except (AddressProblem, Occupied) as problem:
            raise CommandError(str(problem)) from None
        except OperationalError as problem:
            raise CommandError(f"The database does not answer: {problem}") from None

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
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
