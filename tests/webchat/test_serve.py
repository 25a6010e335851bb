"""`manage.py serve` as a process: how it starts, refuses and ends."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.services import Served, start_server, try_to_manage, wait_for
from tests.webchat.test_embedded import postmaster
from webchat import embedded


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts a server as `make run` does on a fresh machine: embedded database, demo model."""
    started: list[Served] = []

    def start(**settings: str) -> Served:
        started.append(start_server(DATA_DIR=str(tmp_path), **settings))
        return started[-1].wait_until_ready()

    yield start
    for served in started:
        served.stop()
    with embedded.running(tmp_path):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well_and_stops_the_database(
    alone: Callable[..., Served], tmp_path: Path, number: signal.Signals
):
    served = alone()
    assert postmaster(tmp_path)
    assert "demo model" in served.output
    assert served.stop(number) == 0
    assert postmaster(tmp_path) is None
    assert "Traceback" not in served.output


def test_who_starts_after_a_kill_takes_over_the_database(
    alone: Callable[..., Served], tmp_path: Path
):
    alone().kill()
    left = postmaster(tmp_path)
    assert left
    served = alone()
    assert postmaster(tmp_path) == left
    assert served.stop() == 0
    assert postmaster(tmp_path) is None


def test_a_second_server_on_one_folder_says_so_and_disturbs_nothing(
    alone: Callable[..., Served], tmp_path: Path
):
    served = alone()
    second = try_to_manage("serve", "--port", "0", DATA_DIR=str(tmp_path))
    assert second.returncode != 0
    assert "Another server already runs on" in only_line(second.stdout)
    assert httpx.get(f"{served.url}/readyz").status_code == 200


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = try_to_manage("serve", "--port", str(port), DATA_DIR=str(tmp_path))
    assert result.returncode != 0
    assert f"Port {port} on 127.0.0.1 is already in use" in only_line(result.stdout)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT must be a whole number"),
        ({"DEBUG": "maybe"}, "DEBUG must be yes or no"),
        ({"PROCESSES": "none"}, "PROCESSES must be a whole number"),
        ({"DATA_DIR": "manage.py/var"}, "cannot be written: Not a directory"),
        ({"DATABASE_URL": "postgresql://x:y@127.0.0.1:1/x"}, "The database does not answer"),
        ({"HOST": "192.0.2.1"}, "192.0.2.1:0 cannot be listened on"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start_with_a_sentence(
    tmp_path: Path, settings: dict[str, str], sentence: str
):
    result = try_to_manage("serve", "--port", "0", **{"DATA_DIR": str(tmp_path)} | settings)
    assert result.returncode != 0
    assert sentence in result.stdout
    assert "Traceback" not in result.stdout


def test_a_refused_key_is_one_warning_and_the_server_runs(server: Callable[..., Served], upstream):
    upstream.simulator._key = "another-key"
    served = server()
    wait_for(lambda: "Warning:" in served.output)
    assert "Traceback" not in served.output


def test_two_servers_may_start_at_once_on_one_new_database(tmp_path: Path):
    with embedded.running(tmp_path):
        url = embedded.database_url(tmp_path)
        both = [start_server(DATABASE_URL=url, DATA_DIR=str(tmp_path)) for _ in range(2)]
        for served in both:
            served.wait_until_ready()
        assert [served.stop() for served in both] == [0, 0]


def test_a_body_without_end_is_cut_off(server: Callable[..., Served]):
    host, port = server().url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"POST /api/v1/conversations HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
        )
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "body_too_large"' in answer


def test_chunks_without_end_are_cut_off(server: Callable[..., Served]):
    sent = []

    def chunks() -> Iterator[bytes]:
        for number in range(256):
            sent.append(number)
            yield bytes(1024 * 1024)

    with suppress(httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
        httpx.post(f"{server().url}/api/v1/conversations", content=chunks())
    assert len(sent) < 64


def only_line(text: str) -> str:
    assert len(text.strip().splitlines()) == 1, text
    return text


def test_a_terminal_that_closes_ends_a_command_and_its_database(tmp_path: Path):
    process = start_server(DATA_DIR=str(tmp_path), SIGNUP="open")
    process.wait_until_ready()
    os.kill(process.process.pid, signal.SIGHUP)
    assert process.stop() == 0
    assert postmaster(tmp_path) is None
