"""`manage.py backup [FILE]`: everything in one file, while the server runs or not."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webchat.backup import BackupProblem, save
from webchat.backup.archive import SECRET_KEY
from webchat.backup.saving import default_target
from webchat.postgres import NoPrograms


class Command(BaseCommand):
    help = "Save the database, attachments and the generated secret key into one file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="default: DATA_DIR/backups/...")

    def handle(self, file: Path | None, **options: Any) -> None:
        try:
            target = file.expanduser().absolute() if file else default_target()
            manifest = save(target)
        except (BackupProblem, NoPrograms) as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"The backup cannot be written: {problem}.") from None
        megabytes = target.stat().st_size / 1024**2
        self.stdout.write(f"Saved {manifest.summary()} to {target} ({megabytes:,.1f} MB).")
        self.stdout.write(_about_the_key(SECRET_KEY in manifest.parts))


def _about_the_key(is_in: bool) -> str:
    if is_in:
        return (
            "The key that signs sessions is in it too: keep the file where nobody else can read it."
        )
    return "SECRET_KEY is set from outside and not in it: keep it with the file, in a safe place."
