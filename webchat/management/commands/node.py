"""`manage.py node`: one process of `serve --processes`, which starts it and hands it a socket and a line."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "One process of `serve --processes`; started by it, and of no use alone."
    requires_system_checks: list[str] = []  # the parent has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in ("listener", "line", "number"):
            parser.add_argument(name, type=int)

    def handle(self, listener: int, line: int, number: int, **options: Any) -> None:
        from chat.completions.lease import NODE
        from webchat.serving import serve

        parent = socket.socket(fileno=line)
        with parent, socket.socket(fileno=listener) as shared:
            serve(
                shared,
                self._say if number == 0 else _say_nothing,
                ready=lambda: parent.sendall(NODE.bytes),
                parent=parent,
            )

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _say_nothing(sentence: str) -> None:
    """One process speaks for all."""
