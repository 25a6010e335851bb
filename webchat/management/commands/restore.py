"""`manage.py restore FILE`: everything back from one file, or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webchat.backup import BackupProblem, restore
from webchat.postgres import NoPrograms


class Command(BaseCommand):
    help = "Load a file that manage.py backup made, into an empty database. Stop the server first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="delete what the database holds now"
        )

    def handle(self, file: Path, replace: bool, **options: Any) -> None:
        try:
            manifest = restore(file.expanduser().absolute(), replace=replace, say=self.stdout.write)
        except (BackupProblem, NoPrograms) as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"The backup cannot be read or unpacked: {problem}.") from None
        self.stdout.write(f"Restored {manifest.summary()}, as of {manifest.made_at}.")
