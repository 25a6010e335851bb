"""Pages come and go, answers are left alone: afterwards a node holds what it held before."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, fields
from uuid import UUID

import psycopg
import websockets
from django.conf import settings

from tests.factories import posting
from tests.faults.conftest import Crowd, Person, StartNodes, Tell
from tests.faults.nodes import Node, Valkey
from tests.faults.tiers import COUNTS
from tests.faults.upstream import Steady
from tests.processes import wait_for
from tests.services import DATA_DIR
from tests.tabs import Tab
from webchat import embedded
from webchat.threads import in_thread

TEXT = Steady(chunks=20, rate=40)  # half a second
AT_ONCE = 10
MORE_MEMORY = 0.10
# What a pool keeps comes by demand, up to its bound: 16 threads of the ORM, and a few connections.
MORE = {"threads": 16, "files": 6, "layer_connections": 4, "database_connections": 4}


@dataclass(frozen=True)
class Held:
    """By one node."""

    memory: int
    files: int
    threads: int
    sockets: int
    answers: int
    tasks: int
    layer_channels: int
    layer_connections: int
    database_connections: int

    def __str__(self) -> str:
        rest = (f"{field.name} {getattr(self, field.name)}" for field in fields(self)[1:])
        return f"{self.memory / 2**20:.0f} MiB, {', '.join(rest)}"


async def test_pages_that_come_and_go_leave_nothing_behind(
    nodes: StartNodes, shared: Valkey, crowd: Crowd, chance: random.Random, tell: Tell
):
    [node] = nodes(1)
    people = await crowd(AT_ONCE)
    await fill_pools(node, people[0])
    await come_and_go(node, people, chance, cycles=COUNTS.cycles // 3, abandoned=AT_ONCE)
    before = await in_thread(at_rest)(node, shared)
    began = time.monotonic()
    await come_and_go(node, people, chance, COUNTS.cycles, COUNTS.abandoned)
    spent = time.monotonic() - began
    await in_thread(at_rest)(node, shared)
    after = await in_thread(back_at)(before, node, shared)
    tell(f"{COUNTS.cycles} cycles and {COUNTS.abandoned} abandoned answers in {spent:.0f} s")
    tell(f"before: {before}\nafter:  {after}")
    assert more_than(before, after) == []


async def fill_pools(node: Node, person: Person) -> None:
    """Threads and connections that are kept are made before the first look."""
    tab = Tab(node.url, person.session)
    for _ in range(3):
        await asyncio.gather(*(tab.http.get("/conversations") for _ in range(60)))
    await tab.http.aclose()


async def come_and_go(
    node: Node, people: list[Person], chance: random.Random, cycles: int, abandoned: int
) -> None:
    """Each person goes through a share of the cycles, one after the other."""
    await asyncio.gather(
        *(
            one_person(node, person, chance, cycles // len(people), abandoned // len(people))
            for person in people
        )
    )


async def one_person(
    node: Node, person: Person, chance: random.Random, cycles: int, abandoned: int
) -> None:
    tab = Tab(node.url, person.session)
    for number in range(cycles):
        await tab.connect()
        await tab.send(type="conversation.open", conversation=person.conversation.pk)
        if chance.random() < 0.1:
            await tab.say(person.conversation, f"Cycle {number}")
        if number % max(1, cycles // max(1, abandoned)) == 0:
            await leave_a_question(tab, person.conversation.pk)
        await go(tab, chance)
    await tab.http.aclose()


async def leave_a_question(tab: Tab, conversation: UUID) -> None:
    body = posting(content=TEXT.question("Left"))
    asked = await tab.http.post(f"/conversations/{conversation}/messages", json=body)
    assert asked.status_code == 201, asked.text


async def go(tab: Tab, chance: random.Random) -> None:
    """Half of them say goodbye, the others are simply gone."""
    if chance.random() < 0.5:
        await tab.socket.close()
        return
    tab.socket.transport.abort()
    with suppress(websockets.ConnectionClosed):
        while True:
            await tab.socket.recv()


def at_rest(node: Node, shared: Valkey) -> Held:
    """Once everything that was begun has ended."""
    wait_for(lambda: busy(node) == (0, 0), 60)
    return held(node, shared)


def busy(node: Node) -> tuple[float, float]:
    gauges = node.gauges()
    return gauges["webchat_sockets"], gauges["webchat_answers_running"]


def back_at(before: Held, node: Node, shared: Valkey) -> Held:
    """What is held once it is no more than before, or after a minute in vain."""
    deadline = time.monotonic() + 60
    while more_than(before, now := held(node, shared)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return now


def more_than(before: Held, now: Held) -> list[str]:
    """What has become more than pools explain."""
    allowed = MORE | {"memory": before.memory * MORE_MEMORY}
    names = (field.name for field in fields(Held))
    return [
        name for name in names if getattr(now, name) > getattr(before, name) + allowed.get(name, 0)
    ]


def held(node: Node, shared: Valkey) -> Held:
    gauges = node.gauges()
    return Held(
        memory=node.memory(),
        files=node.files(),
        threads=node.threads(),
        sockets=int(gauges["webchat_sockets"]),
        answers=int(gauges["webchat_answers_running"]),
        tasks=int(gauges["webchat_tasks"]),
        layer_channels=shared.channels(),
        layer_connections=shared.connections(),
        database_connections=database_connections(),
    )


def database_connections() -> int:
    """To the tests' database: of the node, and the few of this process."""
    with psycopg.connect(embedded.database_url(DATA_DIR, "postgres")) as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        [(count,)] = connection.execute(asked, [settings.DATABASES["default"]["NAME"]]).fetchall()
        return int(count)
