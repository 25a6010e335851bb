"""Backup and restore through the real commands: what was saved comes back whole, or nothing changes."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from django.db import connection

from tests import services
from tests.processes import DATA_DIR
from tests.services import manage, start_server, try_to_manage
from webchat import embedded, postgres
from webchat.backup import BackupProblem, archive, restore, save
from webchat.turnstile import alone

PASSWORD = "a long passphrase"
SEED = f"""
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.factories import make_branch, make_conversation, make_user
ada = make_user("Ada", password="{PASSWORD}")
make_branch(make_conversation(ada, title="Größe \\\\ 안녕"), ada, 40)
make_branch(make_conversation(make_user("Ben")), ada, 3)
"""
CYD = """INSERT INTO accounts_user (id, password, is_superuser, email, name, is_staff, is_active, date_joined,
session_epoch, digest)
VALUES (gen_random_uuid(), '', false, 'cyd@example.org', 'Cyd', false, true, now(), 0, 'daily')"""
PICTURE = bytes(range(256)) * 5000


def rows(url: str) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with psycopg.connect(url) as connection:
        named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        tables = [name for (name,) in connection.execute(named)]
        asked = "SELECT t::text FROM public.{} t ORDER BY 1"
        return {t: [row for (row,) in connection.execute(asked.format(t).encode())] for t in tables}


def plant(data_dir: Path, **settings: str) -> None:
    manage("shell", "--no-imports", "-c", SEED, DATA_DIR=str(data_dir), **settings)
    picture = data_dir / "attachments/ab/picture one.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(PICTURE)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Place"]:
    """Ada's and Ben's chats in an outside database, saved into `file`."""
    with services.database() as url:
        place = Place(tmp_path_factory.mktemp("old"), url)
        plant(place.data_dir, DATABASE_URL=url)
        place.manage("backup", str(place.file))
        yield place


class Place:
    """A DATA_DIR and the database beside it."""

    def __init__(self, data_dir: Path, url: str) -> None:
        self.data_dir, self.url, self.file = data_dir, url, data_dir / "all.tar"

    def manage(self, *arguments: str) -> str:
        return manage(*arguments, DATA_DIR=str(self.data_dir), DATABASE_URL=self.url)


@pytest.fixture
def within(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[[Place], None]:
    """Makes a place the one that this process works on, without the second that a command takes."""

    def work_on(place: Place) -> None:
        name = place.url.rpartition("/")[2]
        monkeypatch.setitem(connection.settings_dict, "NAME", name)
        settings.DATA_DIR, settings.DATABASE_URL = place.data_dir, place.url

    return work_on


@pytest.fixture
def new(tmp_path: Path, within: Callable[[Place], None]) -> Iterator[Place]:
    """Where to restore: set up, and empty of people."""
    with services.database() as url:
        place = Place(tmp_path, url)
        within(place)
        yield place


def refused(file: Path, *, replace: bool = False) -> str:
    """The sentence with which restoring ends."""
    with pytest.raises(BackupProblem) as refusal:
        restore(file, replace=replace, say=print)
    return str(refusal.value)


def test_ada_signs_in_on_an_empty_cluster_into_which_everything_was_restored(tmp_path: Path):
    before, after, file = tmp_path / "before", tmp_path / "after", str(tmp_path / "all.tar")
    with embedded.running(before):
        plant(before)
        said = manage("backup", file, DATA_DIR=str(before))
        saved = rows(embedded.database_url(before))
    assert "Saved 2 people, 2 conversations, 43 messages and 1 attachment" in said
    assert "key that signs sessions is in it" in said
    with embedded.running(after):
        said = manage("restore", file, DATA_DIR=str(after))
        assert "Restored 2 people, 2 conversations, 43 messages and 1 attachment" in said
        assert rows(embedded.database_url(after)) == saved
        assert (after / "attachments/ab/picture one.png").read_bytes() == PICTURE
        assert (after / "secret_key").read_text() == (before / "secret_key").read_text()
        assert signs_in(after)


def signs_in(data_dir: Path) -> bool:
    (data_dir / "static").symlink_to(DATA_DIR / "static")
    served = start_server(DATA_DIR=str(data_dir)).wait_until_ready()
    try:
        with httpx.Client(base_url=served.url) as ada:
            ada.get("/accounts/login/")
            form = {"login": "ada@example.org", "password": PASSWORD}
            token = {"csrfmiddlewaretoken": ada.cookies["csrftoken"]}
            ada.post("/accounts/login/", data=form | token)
            return ada.get("/api/v1/me").status_code == 200
    finally:
        served.stop()


def test_an_outside_database_comes_back_in_another_row_for_row(old: Place, new: Place):
    new.manage("restore", str(old.file))
    assert rows(new.url) == rows(old.url)
    assert (new.data_dir / "secret_key").read_text() == (old.data_dir / "secret_key").read_text()
    assert (new.data_dir / "secret_key").stat().st_mode & 0o777 == 0o600


def test_nobody_else_on_the_machine_can_read_the_file(old: Place):
    assert old.file.stat().st_mode & 0o777 == 0o600
    found = {path.name for path in old.data_dir.iterdir()}
    assert found == {"all.tar", "attachments", "secret_key"}


def test_a_key_that_was_set_from_outside_is_not_saved(
    old: Place, within: Callable[[Place], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    within(old)
    monkeypatch.setenv("SECRET_KEY", "x" * 50)
    assert "secret_key" not in save(tmp_path / "without.tar").parts


def test_people_are_deleted_only_where_that_was_asked_for(old: Place, new: Place):
    with psycopg.connect(new.url) as connection:
        connection.execute(CYD)
        connection.execute("CREATE TABLE of_a_newer_version (who uuid REFERENCES accounts_user)")
    kept = rows(new.url)
    assert "1 person and 0 messages. --replace deletes it." in refused(old.file)
    assert rows(new.url) == kept
    new.manage("restore", "--replace", str(old.file))
    assert rows(new.url) == rows(old.url)


def test_attachments_are_only_replaced_where_that_was_asked_for(old: Place, new: Place):
    kept = new.data_dir / "attachments/kept.png"
    kept.parent.mkdir()
    kept.write_bytes(b"kept")
    assert "1 attachment. --replace deletes it." in refused(old.file)
    new.manage("restore", "--replace", str(old.file))
    assert not kept.exists()
    assert (new.data_dir / "attachments/ab/picture one.png").read_bytes() == PICTURE
    assert {path.name for path in new.data_dir.iterdir()} == {"attachments", "secret_key"}


def test_a_database_of_something_else_is_never_replaced(old: Place, new: Place):
    with psycopg.connect(new.url) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.execute("CREATE TABLE invoices (number int)")
    assert "tables of something else (invoices)" in refused(old.file, replace=True)


def test_a_database_that_is_in_use_is_left_alone(old: Place, new: Place):
    with psycopg.connect(new.url):
        assert "Others are connected to this database (1)" in refused(old.file)


def test_a_server_on_the_same_folder_must_stop_first(old: Place, new: Place, settings: Any):
    settings.DATABASE_URL = ""
    with alone(new.data_dir / "serve.lock", ""):
        assert "A server runs on this DATA_DIR: stop it first." in refused(old.file)


def test_a_load_that_breaks_off_half_way_changes_nothing(old: Place, new: Place):
    kept = rows(new.url)
    with tarfile.open(old.file) as tar:
        dump = tar.extractfile("database.dump").read()  # type: ignore[union-attr]
    file = rewritten(old.file, new.data_dir / "half.tar", {"database.dump": dump[:-4000]})
    assert "could not be loaded and is as it was" in refused(file)
    assert rows(new.url) == kept


def test_a_broken_file_is_one_sentence_and_changes_nothing(old: Place, new: Place):
    kept = rows(new.url)
    part = new.data_dir / "part.tar"
    part.write_bytes(old.file.read_bytes()[:-50_000])
    result = try_to_manage("restore", str(part), DATA_DIR=str(new.data_dir), DATABASE_URL=new.url)
    assert result.returncode == 1
    assert result.stdout == f"CommandError: {part} is not a backup of Webchat, or not all of one.\n"
    assert rows(new.url) == kept


def rewritten(file: Path, target: Path, parts: dict[str, bytes], **manifest: Any) -> Path:
    """The backup with other parts, whose sums fit, and another manifest."""
    with tarfile.open(file) as tar:
        found = {member.name: tar.extractfile(member).read() for member in tar} | parts  # type: ignore[union-attr]
    told = json.loads(found.pop("manifest.json"))
    sums = {
        name: {"size": len(data), "sha256": sha256(data).hexdigest()}
        for name, data in found.items()
    }
    found["manifest.json"] = json.dumps(told | {"parts": sums} | manifest).encode()
    with tarfile.open(target, "w") as tar:
        for name, data in found.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return target


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (flipped, "is damaged"),
        (lambda data: data[: len(data) // 2], "not all of one"),
        (lambda _: b"", "not a backup"),
        (lambda _: b"PGDMP" * 1000, "not a backup"),
    ],
)
def test_a_damaged_file_is_told_from_a_whole_one(
    old: Place, tmp_path: Path, damage: Callable[[bytes], bytes], sentence: str
):
    archive.checked(old.file)
    file = tmp_path / "damaged.tar"
    file.write_bytes(damage(old.file.read_bytes()))
    with pytest.raises(BackupProblem, match=sentence):
        archive.checked(file)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../evil", tarfile.REGTYPE),
        ("/etc/evil", tarfile.REGTYPE),
        ("attachments/../../evil", tarfile.REGTYPE),
        ("evil", tarfile.REGTYPE),
        ("attachments", tarfile.REGTYPE),
        ("attachments/link", tarfile.SYMTYPE),
    ],
)
def test_a_file_that_could_write_elsewhere_is_refused(tmp_path: Path, name: str, kind: bytes):
    file, member = tmp_path / "evil.tar", tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc"
    with tarfile.open(file, "w") as tar:
        tar.addfile(member)
    with pytest.raises(BackupProblem, match="which no backup has"):
        archive.checked(file)


def test_a_backup_of_a_newer_version_asks_for_an_update(old: Place, new: Place):
    tomorrow = {"migrations": ["chat.0099_from_tomorrow"]}
    file = rewritten(old.file, new.data_dir / "newer.tar", {}, **tomorrow)
    assert "update the program first" in refused(file)
    file = rewritten(old.file, new.data_dir / "format.tar", {}, format=99)
    assert "made by a newer version" in refused(file)


def test_a_file_that_is_there_is_not_written_over(old: Place):
    with pytest.raises(BackupProblem, match="is there already"):
        save(old.file)


def test_without_a_database_there_is_a_sentence_and_no_file(
    new: Place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(connection.settings_dict, "NAME", "nowhere")
    with pytest.raises(BackupProblem, match="The database does not answer"):
        save(new.file)
    assert list(new.data_dir.iterdir()) == []


def test_a_pg_dump_that_is_too_old_for_the_server_says_what_to_install():
    assert (postgres.programs(18) / "psql").exists()
    with pytest.raises(postgres.NoPrograms, match="postgresql-client-99"):
        postgres.programs(99)
