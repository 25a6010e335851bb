"""Making the file, while the server runs or not: everything in it is from one moment of the database."""

import os
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg import sql

from webchat import env, postgres
from webchat.backup.archive import (
    ATTACHMENTS,
    DATABASE,
    FORMAT,
    SECRET_KEY,
    BackupProblem,
    Manifest,
    Writer,
)

PRIVATE = ("--no-owner", "--no-privileges", "--no-comments")


def save(target: Path) -> Manifest:
    """Written beside its place and then moved there, so that a broken backup never looks whole."""
    if target.exists():
        raise BackupProblem(f"{target} is there already: name another file.")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as name:
        folder = Path(name)
        part = folder / "part"
        manifest = _write(part, folder)
        part.rename(target)
    return manifest


def default_target() -> Path:
    folder = Path(settings.DATA_DIR) / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"webchat-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"


def _write(part: Path, folder: Path) -> Manifest:
    part.touch(mode=0o600)
    counts, migrations, server = _dump(folder / DATABASE)
    with part.open("wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        writer = Writer(tar)
        writer.add(DATABASE, folder / DATABASE)
        _add_files(writer)
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        parts = writer.parts
        manifest = Manifest(FORMAT, _version(), made_at, server, migrations, counts, parts)
        writer.close_with(manifest, folder)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _add_files(writer: Writer) -> None:
    attachments = Path(settings.DATA_DIR) / ATTACHMENTS
    for path in sorted(path for path in attachments.rglob("*") if path.is_file()):
        with suppress(FileNotFoundError):  # deleted meanwhile, with its row
            writer.add(f"{ATTACHMENTS}/{path.relative_to(attachments).as_posix()}", path)
    if not env.text("SECRET_KEY"):
        writer.add(SECRET_KEY, Path(settings.DATA_DIR) / SECRET_KEY)


def _version() -> str:
    project = tomllib.loads((env.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


# The database -------------------------------------------------------------------------------------


def _dump(target: Path) -> tuple[dict[str, int], list[str], int]:
    """The rows of every table and the migrations, counted in the very snapshot that pg_dump reads;
    and the server's major version."""
    with _snapshot() as (opened, snapshot):
        server = opened.info.server_version // 10_000
        _run_pg_dump(postgres.programs(server), target, snapshot)
        return counts(opened), _migrations(opened), server


@contextmanager
def _snapshot() -> Iterator[tuple[postgres.Open, str]]:
    try:
        with postgres.direct() as opened:
            opened.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield opened, str(opened.execute("SELECT pg_export_snapshot()").fetchall()[0][0])
    except psycopg.Error as trouble:
        raise BackupProblem(f"The database does not answer: {postgres.reason(trouble)}") from None


def _run_pg_dump(programs: Path, target: Path, snapshot: str) -> None:
    command = [
        str(programs / "pg_dump"),
        "-Fc",
        *PRIVATE,
        f"--snapshot={snapshot}",
        "-f",
        str(target),
    ]
    done = subprocess.run(
        command, env=postgres.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupProblem(f"pg_dump could not read the database: {blame(done.stderr)}")


def blame(printed: str) -> str:
    """The line that names the cause: the first error, else whatever came last."""
    lines = printed.strip().splitlines() or ["it gave no reason."]
    return next((line for line in lines if "error" in line.lower()), lines[-1])


def tables(opened: postgres.Open) -> list[str]:
    asked = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    return [str(name) for (name,) in opened.execute(asked).fetchall()]


def counts(opened: postgres.Open) -> dict[str, int]:
    found = {}
    for table in tables(opened):
        asked = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))
        found[table] = int(opened.execute(asked).fetchall()[0][0])
    return found


def _migrations(opened: postgres.Open) -> list[str]:
    asked = "SELECT app || '.' || name FROM public.django_migrations ORDER BY id"
    try:
        return [str(name) for (name,) in opened.execute(asked).fetchall()]
    except psycopg.errors.UndefinedTable:
        raise BackupProblem(
            "There is nothing to save: no server has ever run on this database."
        ) from None
