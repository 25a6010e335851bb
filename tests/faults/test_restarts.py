"""PostgreSQL and Valkey restart while answers are written and people write: nothing that was acknowledged is lost."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.factories import posting
from tests.faults import nodes as faults
from tests.faults.conftest import Tell
from tests.faults.nodes import Node, Postgres, Valkey, start_nodes
from tests.faults.pages import Page, looking
from tests.faults.tiers import COUNTS, SOAK
from tests.faults.upstream import Steady, calls_for
from tests.processes import manage
from tests.services import Upstream
from tests.tabs import Tab

# One restart after the other, and a while after the last.
SECONDS = 3.0 * COUNTS.postgres_restarts + 4
TEXT = Steady(chunks=int(SECONDS * 10), rate=10)
PEOPLE = 10
MEMORY_SECONDS = (
    24  # so long at least answers go on: 30 s after the last lease, which is renewed every 5 s
)
AWAY_SECONDS = 40
# Three that end while the database is away, and one that does not.
OUTLIVING = [Steady(chunks=10 * seconds, rate=10) for seconds in (5, 10, 20, 90)]
LONGEST_REQUEST = 6.0
MAKE_PEOPLE = (
    "from tests.factories import make_user; from tests.tabs import session_for;"
    f"print(*(session_for(make_user()) for _ in range({PEOPLE})))"
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Postgres]:
    with faults.postgres(tmp_path) as own:
        yield own


@pytest.fixture
def two(upstream: Upstream, shared: Valkey, database: Postgres) -> Iterator[list[Node]]:
    """Nodes on a PostgreSQL that may be restarted."""
    where = {"DATABASE_URL": database.url, "REDIS_URL": shared.url, **upstream.settings()}
    started = start_nodes(2, **where)
    yield started
    for node in started:
        node.end()
    assert [error for node in started for error in node.errors()] == []


async def test_restarts_lose_nothing_that_was_acknowledged_and_hold_nobody_up(
    two: list[Node],
    shared: Valkey,
    database: Postgres,
    upstream: Upstream,
    chance: random.Random,
    tell: Tell,
):
    sessions = manage("shell", "-v0", "-c", MAKE_PEOPLE, DATABASE_URL=database.url).split()
    writer = Writer(chance)
    async with pages_of(sessions[-PEOPLE:], two, chance, COUNTS.streams_restarted) as pages:
        asked = (ask(page, chance.choice(two), number, TEXT) for number, page in enumerate(pages))
        answers = await asyncio.gather(*asked)
        async with writing(writer, pages, two):
            await asyncio.gather(
                restart_database(database, writer, chance), restart_valkey(shared, chance)
            )
        ends = await asyncio.gather(
            *(
                page.end_of(answer, SECONDS + 30)
                for page, answer in zip(pages, answers, strict=True)
            )
        )
    tell(f"{COUNTS.postgres_restarts} restarts of PostgreSQL, {COUNTS.valkey_restarts} of Valkey:")
    tell(f"{writer.report()}; {dict(Counter(end.status for end in ends))}")
    assert Counter(end.status for end in ends) == {"completed": COUNTS.streams_restarted}
    assert {end.text for end in ends} == {TEXT.text}
    check_stored(database, answers, writer)
    assert "DRIFT" not in manage("audit_budgets", DATABASE_URL=database.url)
    assert {len(calls_for(upstream, f"Stream {n}")) for n in range(len(answers))} == {1}
    assert max(writer.seconds) <= LONGEST_REQUEST


@asynccontextmanager
async def pages_of(
    sessions: list[str], two: list[Node], chance: random.Random, count: int
) -> AsyncIterator[tuple[Page, ...]]:
    """Each in a conversation of its own, on either node."""
    pages = []
    for number in range(count):
        node, session = chance.choice(two), sessions[number % len(sessions)]
        tab = Tab(node.url, session)
        made = await tab.http.post("/conversations", json={"title": f"Restarts {number}"})
        await tab.http.aclose()
        pages.append(Page(node.url, session, made.json()["id"]))
    async with looking(*pages) as all_of_them:
        yield all_of_them


async def ask(page: Page, node: Node, number: int, text: Steady) -> str:
    elsewhere = Page(node.url, page.session, page.conversation)
    answer = await elsewhere.ask(text.question(f"Stream {number}"))
    await elsewhere.leave()
    await page.shows(answer, 1)
    return answer


@pytest.mark.skipif(not SOAK, reason="takes two minutes: make soak")
async def test_answers_outlive_a_database_that_is_away_for_a_while(
    two: list[Node], database: Postgres, upstream: Upstream, chance: random.Random, tell: Tell
):
    sessions = manage("shell", "-v0", "-c", MAKE_PEOPLE, DATABASE_URL=database.url).split()
    async with pages_of(sessions[-PEOPLE:], two, chance, count=4) as pages:
        answers = [
            await ask(page, chance.choice(two), number, text)
            for number, (page, text) in enumerate(zip(pages, OUTLIVING, strict=True))
        ]
        await asyncio.to_thread(database.stop)
        gone = asyncio.create_task(asyncio.sleep(AWAY_SECONDS))
        seconds = []
        while not gone.done():
            seconds.append(await refused(chance.choice(pages)))
        await asyncio.to_thread(database.start)
        ends = [await page.end_of(answer, 60) for page, answer in zip(pages, answers, strict=True)]
    found = dict(database.ask("SELECT id::text, content FROM chat_message"))
    assert [found[answer] for answer in answers] == [end.text for end in ends]
    for end, text in zip(ends, OUTLIVING, strict=True):
        assert end.status == ("completed" if text.seconds < MEMORY_SECONDS else "interrupted")
        assert text.text.startswith(end.text)
        assert len(end.text) >= min(text.seconds, MEMORY_SECONDS) * text.rate * text.size
    assert max(seconds) <= LONGEST_REQUEST
    statuses = dict(Counter(end.status for end in ends))
    tell(f"PostgreSQL away for {AWAY_SECONDS} s: {statuses}, longest refusal {max(seconds):.1f} s")


async def refused(page: Page) -> float:
    """How long somebody waits to hear that it does not work now."""
    began = time.monotonic()
    tab = Tab(page.tab.url, page.session)
    tab.http.timeout = httpx.Timeout(30)
    reply = await tab.http.get(f"/conversations/{page.conversation}")
    await tab.http.aclose()
    assert (reply.status_code, "Retry-After" in reply.headers) == (503, True), reply.text
    return time.monotonic() - began


async def restart_database(database: Postgres, writer: "Writer", chance: random.Random) -> None:
    for number in range(COUNTS.postgres_restarts):
        await asyncio.sleep(chance.uniform(0.5, 2))
        await asyncio.to_thread(database.restart, ("fast", "immediate")[number % 2])
        await writer.writes_again()


async def restart_valkey(shared: Valkey, chance: random.Random) -> None:
    every = 2.5 * COUNTS.postgres_restarts / COUNTS.valkey_restarts
    for _ in range(COUNTS.valkey_restarts):
        await asyncio.sleep(chance.uniform(0.3, every))
        await asyncio.to_thread(shared.stop)
        await asyncio.sleep(chance.uniform(0, 0.5))
        await asyncio.to_thread(shared.start)


# Somebody writes all the time -----------------------------------------------------------------------


@dataclass
class Writer:
    """Posts, each sent again under its id until it is acknowledged; and reads in between."""

    chance: random.Random
    acknowledged: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    outages: list[float] = field(default_factory=list)  # from when the database was back

    async def write(self, page: Page, two: list[Node], stopping: asyncio.Event) -> None:
        tabs = [Tab(node.url, page.session) for node in two]
        for tab in tabs:
            tab.http.timeout = httpx.Timeout(30)  # what hangs is measured, not cut off
        while not stopping.is_set():
            body = posting(content=f"Post {self.chance.random()}", reply=False)
            while not await self._post(self.chance.choice(tabs), page, body):
                await asyncio.sleep(0.1)
            self.acknowledged[body["id"]] = body["content"]
            await self._timed(
                self.chance.choice(tabs).http.get(f"/conversations/{page.conversation}")
            )
            await asyncio.sleep(0.05)
        await asyncio.gather(*(tab.http.aclose() for tab in tabs))

    async def writes_again(self) -> None:
        began, before = time.monotonic(), len(self.acknowledged)
        while len(self.acknowledged) == before:
            await asyncio.sleep(0.01)
        self.outages.append(time.monotonic() - began)

    async def _post(self, tab: Tab, page: Page, body: dict[str, Any]) -> bool:
        path = f"/conversations/{page.conversation}/messages"
        return await self._timed(tab.http.post(path, json=body)) == 201

    async def _timed(self, request: Any) -> int:
        began = time.monotonic()
        response = await request
        self.seconds.append(time.monotonic() - began)
        self.statuses[str(response.status_code)] += 1
        assert response.status_code in {200, 201, 503}, response.text
        return int(response.status_code)

    def report(self) -> str:
        return (
            f"{len(self.acknowledged)} posts acknowledged, statuses {dict(self.statuses)},"
            f" longest request {max(self.seconds):.1f} s, first acknowledgement {max(self.outages):.1f} s"
            " after the database was back at the latest"
        )


@asynccontextmanager
async def writing(writer: Writer, pages: tuple[Page, ...], two: list[Node]) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for page in pages[:PEOPLE]:
            group.create_task(writer.write(page, two, stopping))
        yield
        stopping.set()


def check_stored(database: Postgres, answers: list[str], writer: Writer) -> None:
    rows = database.ask("SELECT id, status, content FROM chat_message")
    found = {str(pk): (status, content) for pk, status, content in rows}
    assert {found[answer] for answer in answers} == {("completed", TEXT.text)}
    posts = {pk: content for pk, (_, content) in found.items() if str(content).startswith("Post ")}
    assert posts == writer.acknowledged
