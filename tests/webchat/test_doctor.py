"""The doctor finds what is wrong with this machine and its database, says what to do, and never hangs."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from chat.models import Completion, Conversation
from chat.models.states import State
from tests import services
from tests.factories import make_message
from tests.services import manage, try_to_manage
from webchat.doctor import Finding, database, examination, machine, refusals

SECRET = "never-to-be-shown"


def only(check: Callable[[], Iterator[Finding]]) -> Finding:
    (finding,) = check()
    return finding


# The machine ----------------------------------------------------------------------------------------


def test_settings_that_fit_are_well():
    assert only(machine.look_at_settings).state == "ok"


def test_a_dangerous_setting_is_a_problem_with_its_way_out(settings: Any):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "*"]
    found = only(machine.look_at_settings)
    assert (found.state, found.advice) == ("problem", "Name the hosts.")


def test_a_folder_that_cannot_be_written_is_a_problem(settings: Any, tmp_path: Path):
    settings.DATA_DIR = tmp_path / "nowhere"
    found = only(machine.look_at_data_folder)
    assert (found.state, "cannot be written: No such file" in found.says) == ("problem", True)


@pytest.mark.parametrize(("limit", "state"), [("LEAST_FREE", "problem"), ("LITTLE_FREE", "note")])
def test_a_disk_that_fills_up_is_told(monkeypatch: pytest.MonkeyPatch, limit: str, state: str):
    assert only(machine.look_at_data_folder).state == "ok"
    monkeypatch.setattr(machine, limit, 2**62)
    assert only(machine.look_at_data_folder).state == state


# The database -----------------------------------------------------------------------------------------


@pytest.fixture
def own_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Migrated, empty, and the one that is looked at."""
    with services.database() as url:
        monkeypatch.setitem(connection.settings_dict, "NAME", url.rpartition("/")[2])
        yield url


def about_the_database() -> dict[str, Finding]:
    return {finding.subject: finding for finding in database.look()}


def test_a_database_that_is_well_is_well_in_every_respect(own_database: str):
    found = about_the_database()
    assert list(found) == ["Database", "Migrations", "Connections", "Clock"]
    assert {finding.state for finding in found.values()} == {"ok"}
    assert re.match(r"PostgreSQL 18\.\d+ answers in \d+ ms\.", found["Database"].says)


def test_migrations_that_are_not_done_are_named(own_database: str):
    with psycopg.connect(own_database) as opened:
        opened.execute("DELETE FROM django_migrations WHERE app = 'chat' AND name < '0002'")
    found = about_the_database()["Migrations"]
    assert (found.state, "chat 0001_initial" in found.says) == ("problem", True)


def test_an_empty_database_was_never_migrated(own_database: str):
    with psycopg.connect(own_database) as opened:
        opened.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert "manage.py migrate" in about_the_database()["Migrations"].advice
    assert list(refusals.look()) == []


def test_a_database_of_a_newer_version_is_told_from_one_that_is_behind(own_database: str):
    with psycopg.connect(own_database) as opened:
        opened.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('chat', '0999_x', now())"
        )
    found = about_the_database()["Migrations"]
    assert (found.state, found.advice) == ("problem", "Update the program on this machine.")


@pytest.mark.parametrize(
    ("limit", "value", "subject", "state"),
    [
        ("OLDEST_MAJOR", 99, "Database", "problem"),
        ("FEWEST_FREE", 9999, "Connections", "problem"),
        ("FEW_FREE", 9999, "Connections", "note"),
        ("CLOCK_SECONDS", -1, "Clock", "problem"),
    ],
)
def test_what_is_beyond_a_limit_is_told(
    own_database: str,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    subject: str,
    state: str,
):
    monkeypatch.setattr(database, limit, value)
    assert about_the_database()[subject].state == state


def test_a_database_that_is_away_is_one_problem_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
):
    for key, value in {"HOST": "127.0.0.1", "PORT": "1", "PASSWORD": SECRET}.items():
        monkeypatch.setitem(connection.settings_dict, key, value)
    found = only(database.look)
    assert (found.state, "Connection refused" in found.says) == ("problem", True)
    assert SECRET not in str(found)
    assert list(refusals.look()) == []


# Refusals ---------------------------------------------------------------------------------------------


def refuse(conversation: Conversation, code: str, **ago: int) -> None:
    answer = make_message(conversation, content="", status=State.FAILED)
    at = timezone.now() - timedelta(**ago)
    Completion.objects.filter(message=answer).update(code=code, finished_at=at)


def test_refusals_of_a_day_are_counted_by_kind(transactional_db: None, conversation: Conversation):
    assert only(refusals.look).state == "ok"
    refuse(conversation, "upstream_auth", hours=1)
    refuse(conversation, "upstream_auth", hours=2)
    refuse(conversation, "model_gone", minutes=5)
    refuse(conversation, "upstream_quota", hours=25)
    refuse(conversation, "rate_limited", hours=1)
    gone, key = refusals.look()
    assert "no longer has a model: once in 24 hours" in gone.says
    assert "refused the key: 2 times in 24 hours" in key.says


def test_staff_are_warned_for_a_day(db: None, conversation: Conversation):
    refuse(conversation, "upstream_auth", hours=25)
    refuse(conversation, "upstream_error", hours=1)
    assert refusals.warning() == ""
    refuse(conversation, "model_denied", hours=23)
    assert refusals.warning().startswith("The gateway does not let us use a model, last at ")


def test_the_warning_is_found_by_its_index(db: None):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = refusals.lately()[:1].explain()
    assert "refusals_by_time" in plan


# All together -------------------------------------------------------------------------------------------------


def test_a_check_that_hangs_or_breaks_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(examination, "DEADLINE_SECONDS", 0.3)
    forever = threading.Event()

    def hangs() -> Iterator[Finding]:
        yield Finding("Slow", "ok", "So far.")
        forever.wait(20)

    def breaks() -> Iterator[Finding]:
        yield Finding("Broken", "ok", "So far.")
        raise ZeroDivisionError

    began = time.monotonic()
    found = examination.examine({"Slow": hangs, "Broken": breaks, "Other": breaks})
    forever.set()
    assert time.monotonic() - began < 2
    assert [finding.state for finding in found] == ["ok", "problem"] * 3
    assert "ZeroDivisionError" in found[-1].says


def test_the_command_has_a_line_for_everything_and_ends_well(own_database: str, tmp_path: Path):
    said = manage("doctor", DATABASE_URL=own_database, DATA_DIR=str(tmp_path))
    lines = said.strip().splitlines()
    assert lines[-1] == "Nothing is wrong."
    assert all(re.match(r"(OK|note|PROBLEM) +[A-Z][a-z ]+: .*\.$", line) for line in lines[:-1])
    assert len(lines) == 13


def test_a_cluster_that_does_not_start_is_a_finding_like_any_other(tmp_path: Path):
    data = tmp_path / "postgres/cluster/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    result = try_to_manage(
        "doctor", DATA_DIR=str(tmp_path), EMAIL_URL=f"smtp://a:{SECRET}@127.0.0.1:1"
    )
    assert result.returncode == 1
    assert "PROBLEM  Database: " in result.stdout
    assert "made by PostgreSQL 12" in result.stdout
    assert "PROBLEM  Mail: 127.0.0.1:1 cannot be reached" in result.stdout
    assert "Traceback" not in result.stdout
    assert SECRET not in result.stdout
