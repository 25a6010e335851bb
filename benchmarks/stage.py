"""What a measurement plays on: an upstream in a process of its own, the product on a database of its own, people."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests import processes, services


@contextmanager
def upstream() -> Iterator[str]:
    command = [sys.executable, "-m", "chat.evolink.simulator", "--scripts"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def product(upstream_url: str) -> Iterator[processes.Served]:
    settings = {
        "EVOLINK_API_KEY": "test-key",
        "EVOLINK_BASE_URL": upstream_url,
        "EVOLINK_FALLBACK_URL": upstream_url,
        "LOG_LEVEL": "WARNING",
    }
    processes.manage("assets")
    with services.database() as url:
        served = processes.start_server(**settings, DATABASE_URL=url)
        try:
            yield served.wait_until_ready()
        finally:
            served.stop()


def sessions(served: processes.Served, count: int) -> list[str]:
    """Signed-in people on the product's database."""
    code = (
        "from tests.factories import make_user; from tests.tabs import session_for;"
        f"print(*(session_for(make_user()) for _ in range({count})))"
    )
    printed = processes.manage("shell", "-v0", "-c", code, DATABASE_URL=served.database_url)
    return printed.split()[-count:]
