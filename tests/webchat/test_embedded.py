"""The embedded PostgreSQL, for real, in folders of its own."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.services import ROOT, wait_for
from webchat import cluster, embedded, unprivileged
from webchat.embedded import DatabaseProblem

NAMESPACE = unprivileged.NAMESPACE


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "var"
    with embedded.running(tmp_path / "var"):
        pass  # whoever was left by a killed process is stopped here


@pytest.fixture
def without_namespaces(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Root as in a container: nothing but a system user is left to run PostgreSQL."""
    with tempfile.TemporaryDirectory() as neutral:
        Path(neutral).chmod(0o755)
        monkeypatch.setattr(unprivileged, "NEUTRAL_FOLDERS", (Path(neutral),))
        monkeypatch.setattr(unprivileged, "NAMESPACE", ("no-such-program",))
        yield monkeypatch


def postmaster(data_dir: Path) -> int | None:
    """The process of the server that runs on this folder."""
    record = data_dir / "postgres/cluster/data/postmaster.pid"
    return int(record.read_text().split()[0]) if record.exists() else None


def ask(data_dir: Path, statement: str) -> object:
    with psycopg.connect(embedded.database_url(data_dir)) as connection:
        found = connection.execute(statement.encode()).fetchone()
    return found[0] if found else None


def keep(data_dir: Path) -> None:
    with embedded.running(data_dir), psycopg.connect(embedded.database_url(data_dir)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def enter_in_another_process(data_dir: Path) -> "subprocess.Popen[str]":
    """It is inside when it has printed a line, and leaves when its input ends."""
    script = """
        import sys; from pathlib import Path; from webchat import embedded
        with embedded.running(Path(sys.argv[1])):
            print("in", flush=True); sys.stdin.read()
    """
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", textwrap.dedent(script), str(data_dir)]
    other = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    assert other.stdout
    assert other.stdout.readline() == "in\n"
    return other


def leave(other: "subprocess.Popen[str]") -> None:
    other.communicate(timeout=30)
    assert other.returncode == 0


def test_it_is_postgresql_18_and_gone_afterwards(data_dir: Path):
    with embedded.running(data_dir):
        assert str(ask(data_dir, "SHOW server_version")).startswith("18")
    assert postmaster(data_dir) is None
    assert not Path(embedded.database_settings(data_dir)["HOST"]).exists()


def test_what_was_stored_is_there_at_the_next_start(data_dir: Path):
    keep(data_dir)
    with embedded.running(data_dir):
        assert ask(data_dir, "SELECT answer FROM kept") == 42


def test_the_address_stays_the_same_so_that_settings_read_once_still_hold(data_dir: Path):
    addresses = []
    for _ in range(2):
        with embedded.running(data_dir):
            addresses.append(embedded.database_settings(data_dir))
    assert addresses[0] == addresses[1]


def test_nothing_fails_before_the_first_start(tmp_path: Path):
    found = embedded.database_settings(tmp_path)
    assert set(found) == {"NAME", "USER", "PASSWORD", "HOST", "PORT"}
    assert not list(tmp_path.iterdir())


def test_search_finds_korean_and_umlauts_whatever_their_case(data_dir: Path):
    with embedded.running(data_dir):
        assert ask(data_dir, "SELECT lower('ÄÖÜ')") == "äöü"
        ask_once = "SELECT show_trgm('안녕') <> '{}'"
        with psycopg.connect(embedded.database_url(data_dir), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
        assert ask(data_dir, ask_once) is True


def test_others_on_the_machine_can_neither_reach_the_socket_nor_read_the_password(data_dir: Path):
    with embedded.running(data_dir):
        folder = Path(embedded.database_settings(data_dir)["HOST"])
        modes = [stat.S_IMODE(folder.stat().st_mode)]
        modes += [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()]
        assert not any(mode & 0o077 for mode in modes)
        assert stat.S_IMODE((data_dir / "postgres/password").stat().st_mode) == 0o600


def test_nobody_gets_in_without_the_password(data_dir: Path):
    with embedded.running(data_dir):
        right = embedded.database_url(data_dir)
        wrong = right.replace(embedded.database_settings(data_dir)["PASSWORD"], "guess")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong)


def test_a_long_path_does_not_break_the_socket(tmp_path: Path):
    with embedded.running(tmp_path / ("long" * 20) / "var"):
        assert ask(tmp_path / ("long" * 20) / "var", "SELECT 1") == 1


def test_two_processes_share_it_and_the_last_one_out_stops_it(data_dir: Path):
    other = enter_in_another_process(data_dir)
    with embedded.running(data_dir):
        leave(other)
        assert ask(data_dir, "SELECT 1") == 1
    assert postmaster(data_dir) is None


def test_who_comes_after_a_kill_takes_over_the_server_that_was_left(data_dir: Path):
    other = enter_in_another_process(data_dir)
    os.kill(other.pid, signal.SIGKILL)
    other.communicate(timeout=30)
    left = postmaster(data_dir)
    with embedded.running(data_dir):
        assert postmaster(data_dir) == left
    assert postmaster(data_dir) is None


def test_a_postmaster_file_that_names_another_program_is_no_server(data_dir: Path):
    with embedded.running(data_dir):
        pass
    stale = data_dir / "postgres/cluster/data/postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n1\n5432\n/nowhere\n\n1 1\nready   \n")
    with embedded.running(data_dir):
        assert ask(data_dir, "SELECT 1") == 1


def test_an_initdb_that_was_killed_is_begun_again(data_dir: Path):
    part = data_dir / "postgres/cluster/data.part"
    part.mkdir(parents=True)
    (part / "PG_VERSION").write_text("18\n")
    with embedded.running(data_dir):
        assert ask(data_dir, "SELECT 1") == 1


def test_a_killed_postgresql_recovers_at_the_next_start(data_dir: Path):
    with embedded.running(data_dir):
        number = postmaster(data_dir)
        assert number
        os.kill(number, signal.SIGKILL)
        wait_for(lambda: not Path(f"/proc/{number}").exists(), 10)
    with embedded.running(data_dir):
        assert ask(data_dir, "SELECT 1") == 1


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    refusal = pytest.raises(DatabaseProblem, match=r"cannot be written: Not a directory\.$")
    with refusal, embedded.running(tmp_path / "file/var"):
        pass


def test_data_of_another_major_version_is_one_sentence_with_the_way_out(data_dir: Path):
    with embedded.running(data_dir):
        pass
    release = data_dir / "postgres/cluster/data/PG_VERSION"
    release.write_text("12\n")
    refusal = pytest.raises(DatabaseProblem, match=r"by PostgreSQL 12, .* brings 18: .* a backup")
    with refusal, embedded.running(data_dir):
        pass
    release.write_text("18\n")


def test_data_that_postgresql_refuses_is_one_sentence_with_its_reason(data_dir: Path):
    with embedded.running(data_dir):
        pass
    control = data_dir / "postgres/cluster/data/global/pg_control"
    whole = control.read_bytes()
    control.write_bytes(whole[:100])
    refusal = pytest.raises(DatabaseProblem, match=r"could not start \(could not read .*pg_control")
    with refusal, embedded.running(data_dir):
        pass
    control.write_bytes(whole)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_namespaces_runs_it_as_a_system_user(
    tmp_path: Path, without_namespaces: pytest.MonkeyPatch
):
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    with embedded.running(closed):
        assert ask(closed, "SELECT 1") == 1
        assert Path(f"/proc/{postmaster(closed)}").stat().st_uid != 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_copy_of_the_programs_runs_where_the_installed_ones_cannot_be_reached(tmp_path: Path):
    who = unprivileged.guise()
    copy = cluster._copy(cluster._packages(), who, tmp_path)
    for program in ("initdb", "pg_ctl", "postgres"):
        assert "18." in who.run(copy / cluster.PROGRAMS / program, "--version")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_data_moves_along_when_namespaces_come_and_go(
    tmp_path: Path, without_namespaces: pytest.MonkeyPatch
):
    keep(tmp_path)
    with without_namespaces.context() as patch:
        patch.setattr(unprivileged, "NAMESPACE", NAMESPACE)
        with embedded.running(tmp_path):
            assert ask(tmp_path, "SELECT answer FROM kept") == 42
    with embedded.running(tmp_path):
        assert ask(tmp_path, "SELECT answer FROM kept") == 42
