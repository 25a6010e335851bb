"""`manage.py assets`: collectstatic, but only when one of the files is not as it was."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Collect and compress the static files if they changed since the last time."

    def handle(self, **options: Any) -> None:
        stamp: Path = settings.STATIC_ROOT / ".collected"
        now = _fingerprint()
        if stamp.exists() and stamp.read_text(encoding="ascii") == now:
            return
        if options["verbosity"]:
            self.stdout.write("Collecting the static files.")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(now, encoding="ascii")


def _fingerprint() -> str:
    """Of the names, sizes and times of all files that the finders know."""
    known = hashlib.sha256()
    for path in sorted(_files()):
        state = path.stat()
        known.update(f"{path}|{state.st_size}|{state.st_mtime_ns}\n".encode())
    return known.hexdigest()


def _files() -> set[Path]:
    return {
        Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([])
    }
