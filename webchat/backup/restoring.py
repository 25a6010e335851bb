"""Reading the file back: first everything that can be wrong is looked at, then one transaction changes the database."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from webchat import env, postgres
from webchat.backup import loading
from webchat.backup.archive import (
    ATTACHMENTS,
    DATABASE,
    SECRET_KEY,
    BackupProblem,
    Manifest,
    amount,
    checked,
    unpack,
)
from webchat.backup.saving import counts, tables
from webchat.management.commands.serve import MIGRATING
from webchat.turnstile import Occupied, alone

OURS = {"accounts_user", "chat_conversation", "django_migrations"}
Say = Callable[[str], None]

_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def restore(path: Path, *, replace: bool, say: Say) -> Manifest:
    """`replace`: what is there may go. Raises BackupProblem."""
    manifest = checked(path)
    _refuse_what_is_newer(manifest)
    with _no_server(), _database_alone() as opened:
        is_empty = _refuse_what_would_be_lost(opened, replace=replace)
        programs = postgres.programs(max(manifest.postgresql, _major(opened)))
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as folder:
            unpack(path, Path(folder))
            loading.load(Path(folder, DATABASE), programs, clear=not is_empty)
            _put_files(Path(folder), say)
        _compare(opened, manifest)
        call_command("migrate", interactive=False, verbosity=0)
    return manifest


def _major(opened: postgres.Open) -> int:
    return opened.info.server_version // 10_000


# What is looked at first --------------------------------------------------------------------------


def _refuse_what_is_newer(manifest: Manifest) -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    if unknown := sorted(set(manifest.migrations) - known):
        raise BackupProblem(
            f"The backup is from version {manifest.version} with the migration {unknown[0]}, which "
            "is not known here: update the program first."
        )


@contextmanager
def _no_server() -> Iterator[None]:
    """Of the embedded database; a server beside a database of its own is seen by its connections."""
    if settings.DATABASE_URL:
        yield
        return
    try:
        with alone(
            settings.DATA_DIR / "serve.lock", "A server runs on this DATA_DIR: stop it first."
        ):
            yield
    except Occupied as refusal:
        raise BackupProblem(str(refusal)) from None


@contextmanager
def _database_alone() -> Iterator[postgres.Open]:
    """Nobody else is connected; a server that starts meanwhile waits until we are done, and then migrates."""
    try:
        with postgres.direct() as opened:
            asked = opened.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATING]).fetchall()
            others = int(opened.execute(_OTHERS).fetchall()[0][0])
            if not asked[0][0] or others:
                raise BackupProblem(
                    f"Others are connected to this database ({max(others, 1)}): stop every server, "
                    "and whatever else uses it."
                )
            yield opened
    except psycopg.OperationalError as trouble:
        raise BackupProblem(f"The database does not answer: {postgres.reason(trouble)}") from None


def _refuse_what_would_be_lost(opened: postgres.Open, *, replace: bool) -> bool:
    """Whether the database is empty to the last table."""
    found = set(tables(opened))
    if found and not found >= OURS:
        raise BackupProblem(
            f"The database holds tables of something else ({', '.join(sorted(found - OURS)[:3])}): "
            "restore into a database of its own."
        )
    if not replace and (kept := _kept(opened) if found else _kept_files()):
        raise BackupProblem(f"There is something here already: {kept}. --replace deletes it.")
    return not found


def _kept(opened: postgres.Open) -> str:
    rows = counts(opened)
    if not rows["accounts_user"]:
        return _kept_files()
    people = amount(rows["accounts_user"], "person", "people")
    return f"{people} and {amount(rows['chat_message'], 'message', 'messages')}"


def _kept_files() -> str:
    files = sum(path.is_file() for path in Path(settings.DATA_DIR, ATTACHMENTS).rglob("*"))
    return amount(files, "attachment", "attachments") if files else ""


def _compare(opened: postgres.Open, manifest: Manifest) -> None:
    now = counts(opened)
    if wrong := [table for table, count in manifest.counts.items() if now.get(table) != count]:
        raise BackupProblem(f"The database was loaded, but {wrong[0]} has other rows than saved.")


# Files --------------------------------------------------------------------------------------------


def _put_files(folder: Path, say: Say) -> None:
    _put_attachments(folder / ATTACHMENTS, settings.DATA_DIR / ATTACHMENTS)
    _put_secret_key(folder / SECRET_KEY, say)


def _put_attachments(found: Path, place: Path) -> None:
    """Piece by piece: the folder itself may be a volume of its own, which nobody can rename."""
    before = found.parent / "attachments.before"
    for folder in (found, place, before):
        folder.mkdir(mode=0o700, exist_ok=True)
    for child in list(place.iterdir()):
        shutil.move(child, before)
    for child in list(found.iterdir()):
        shutil.move(child, place)


def _put_secret_key(found: Path, say: Say) -> None:
    if env.text("SECRET_KEY"):
        say(
            "SECRET_KEY is set here and stays; with another one than before, everybody signs in again."
        )
    elif found.exists():
        found.rename(settings.DATA_DIR / SECRET_KEY)
    else:
        say("The backup has no SECRET_KEY: set the one that was used, or everybody signs in again.")
