"""PostgreSQL: does it answer, is it new enough, are its tables ours, are connections left, does its clock agree.

On a connection of its own: the pool of the server could be what is stuck.
"""

import time
from collections.abc import Iterator

import psycopg
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from webchat.doctor.finding import Finding, note, ok, problem
from webchat.postgres import Open, direct, reason

OLDEST_MAJOR = 15
FEWEST_FREE, FEW_FREE = 5, 20
CLOCK_SECONDS = 2.0
OURS = {"accounts", "chat"}

_FREE = """
    SELECT current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int,
           count(*) FILTER (WHERE backend_type = 'client backend')
    FROM pg_stat_activity
"""
_MIGRATE = "Start the server, which migrates, or run manage.py migrate."


def look() -> Iterator[Finding]:
    began = time.monotonic()
    try:
        with direct(options="-c statement_timeout=3000") as opened:
            yield _version(opened, 1000 * (time.monotonic() - began))
            yield _migrations(opened)
            yield _free(opened)
            yield _clock(opened)
    except psycopg.Error as trouble:
        yield problem("Database", f"It does not answer: {reason(trouble)}", _way_out())


def _way_out() -> str:
    host = connection.settings_dict["HOST"]
    return f"Look whether PostgreSQL runs at {host}, and at DATABASE_URL's user and password."


def _version(opened: Open, milliseconds: float) -> Finding:
    major, minor = divmod(opened.info.server_version, 10_000)
    says = f"PostgreSQL {major}.{minor} answers in {milliseconds:.0f} ms."
    if major < OLDEST_MAJOR:
        return problem("Database", says, f"{OLDEST_MAJOR} is the oldest that works: upgrade it.")
    return ok("Database", says)


def _migrations(opened: Open) -> Finding:
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    done = _applied(opened)
    newer = sorted(key for key in done - known if key[0] in OURS)
    if newer:
        says = f"A newer version has already migrated the database ({_named(newer)})."
        return problem("Migrations", says, "Update the program on this machine.")
    if missing := sorted(known - done):
        return problem("Migrations", f"Not done yet: {_named(missing)}.", _MIGRATE)
    return ok("Migrations", "All are done.")


def _applied(opened: Open) -> set[tuple[str, str]]:
    if not opened.execute("SELECT to_regclass('django_migrations')").fetchall()[0][0]:
        return set()
    rows = opened.execute("SELECT app, name FROM django_migrations").fetchall()
    return {(str(app), str(name)) for app, name in rows}


def _named(keys: list[tuple[str, str]]) -> str:
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{keys[0][0]} {keys[0][1]}{more}"


def _free(opened: Open) -> Finding:
    most, used = opened.execute(_FREE).fetchall()[0]
    says = f"{used} of {most} connections are in use."
    advice = "Raise max_connections, or stop what else uses this server."
    if most - used < FEWEST_FREE:
        return problem("Connections", says, advice)
    return note("Connections", says, advice) if most - used < FEW_FREE else ok("Connections", says)


def _clock(opened: Open) -> Finding:
    before = time.time()
    asked = opened.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchall()
    apart = abs(float(asked[0][0]) - (before + time.time()) / 2)
    if apart > CLOCK_SECONDS:
        says = f"This machine and the database are {apart:,.0f} seconds apart."
        return problem("Clock", says, "Turn on time synchronisation (NTP) on both.")
    return ok("Clock", f"This machine and the database agree to {max(apart, 0.01):.2f} seconds.")
