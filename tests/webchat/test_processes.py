"""`manage.py serve --processes`: several processes on one socket, and what ends with what."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.services import Served, wait_for
from tests.webchat.test_embedded import postmaster
from tests.webchat.test_serve import alone  # noqa: F401  a fixture


@pytest.fixture
def fleet(alone: Callable[..., Served]) -> Callable[[], Served]:  # noqa: F811
    return lambda: alone(PROCESSES="2")


def nodes_of(served: Served) -> list[psutil.Process]:
    return [child for child in psutil.Process(served.process.pid).children() if runs(child, "node")]


def valkeys_of(served: Served) -> list[psutil.Process]:
    """One; none while it is started again."""
    children = psutil.Process(served.process.pid).children()
    return [child for child in children if runs(child, "unixsocket:")]


def runs(process: psutil.Process, word: str) -> bool:
    try:
        return any(one.startswith(word) for one in " ".join(process.cmdline()).split())
    except psutil.NoSuchProcess:
        return False


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_process_that_dies_is_replaced_and_all_end_together(
    fleet: Callable[[], Served], tmp_path: Path
):
    served = fleet()
    assert "with 2 processes" in served.output
    first, second = nodes_of(served)
    first.kill()
    wait_for(lambda: len(nodes_of(served)) == 2 and first not in nodes_of(served), 20)
    [valkey] = valkeys_of(served)
    valkey.kill()
    wait_for(lambda: valkeys_of(served) not in ([], [valkey]), 20)
    wait_for(lambda: httpx.get(f"{served.url}/readyz", timeout=5).status_code == 200, 20)
    everyone = [*nodes_of(served), *valkeys_of(served)]
    assert second in everyone
    assert served.stop() == 0
    assert all(is_gone(one) for one in everyone)
    assert postmaster(tmp_path) is None
    assert "Traceback" not in served.output


def test_children_do_not_outlive_a_parent_that_was_killed(
    fleet: Callable[[], Served], tmp_path: Path
):
    served = fleet()
    children, [valkey] = nodes_of(served), valkeys_of(served)
    os.kill(served.process.pid, signal.SIGKILL)
    for child in children:
        wait_for(lambda child=child: is_gone(child))
    successor = fleet()
    wait_for(lambda: is_gone(valkey))
    assert httpx.get(f"{successor.url}/readyz").json()["layer"] is True
