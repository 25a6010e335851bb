"""The lines to Evolink, PostgreSQL and Valkey are slow, hang or break: nobody waits long, and nothing is lost."""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from django.conf import settings

from tests.factories import posting
from tests.faults.conftest import Crowd, StartNodes, Tell
from tests.faults.nodes import Valkey
from tests.faults.pages import Page, looking
from tests.faults.proxy import Proxy, proxy
from tests.faults.test_a_node_dies import ask_elsewhere, page_of, rows
from tests.faults.upstream import Steady, calls_for
from tests.services import DATA_DIR, Upstream
from tests.tabs import Tab
from webchat import embedded
from webchat.threads import in_thread

TEXT = Steady(chunks=300, rate=20)
SHORT = Steady(chunks=60, rate=40)
LONGEST_REQUEST = 6.0
LONGEST_SILENCE = 1.5


@dataclass(frozen=True)
class Lines:
    """What stands between the nodes and what they need."""

    evolink: Proxy
    postgres: Proxy
    valkey: Proxy

    def settings(self) -> dict[str, str]:
        evolink = f"http://127.0.0.1:{self.evolink.port}"
        database = urlsplit(
            embedded.database_url(DATA_DIR, str(settings.DATABASES["default"]["NAME"]))
        )
        return {
            "EVOLINK_BASE_URL": evolink,
            "EVOLINK_FALLBACK_URL": evolink,
            "DATABASE_URL": database._replace(
                netloc=f"{database.username}:{database.password}@127.0.0.1:{self.postgres.port}"
            ).geturl(),
            "REDIS_URL": f"redis://127.0.0.1:{self.valkey.port}",
        }


@pytest.fixture
def lines(upstream: Upstream, shared: Valkey, chance: random.Random) -> Iterator[Lines]:
    port = int(upstream.url.rpartition(":")[2])
    folder = unquote(
        urlsplit(embedded.database_url(DATA_DIR)).netloc.partition("@")[2].rpartition(":")[0]
    )
    socket = Path(folder) / ".s.PGSQL.5432"
    with (
        proxy(("127.0.0.1", port), chance=chance) as evolink,
        proxy(socket, chance=chance) as postgres,
        proxy(("127.0.0.1", shared.port), chance=chance) as valkey,
    ):
        yield Lines(evolink, postgres, valkey)


async def test_a_line_that_hangs_holds_nobody_up_and_loses_nothing(
    nodes: StartNodes, lines: Lines, crowd: Crowd, upstream: Upstream, tell: Tell
):
    writing, other = nodes(2, **lines.settings())
    people = await crowd(2)
    async with looking(page_of(people[0], writing), page_of(people[1], other)) as (here, there):
        answers = [
            await here.ask(TEXT.question("Here")),
            await ask_elsewhere(there, writing, TEXT.question("There")),
        ]
        await asyncio.gather(here.shows(answers[0], 1), there.shows(answers[1], 1))
        for name, line, seconds in (("Valkey", lines.valkey, 3), ("PostgreSQL", lines.postgres, 7)):
            longest, silence = await hanging(line, here, answers[0], seconds)
            tell(f"{name} hung: longest request {longest:.1f} s, longest pause {silence:.1f} s")
            assert silence <= LONGEST_SILENCE
            assert longest <= LONGEST_REQUEST
        ends = await asyncio.gather(here.end_of(answers[0]), there.end_of(answers[1]))
    assert [(end.status, end.text) for end in ends] == [("completed", TEXT.text)] * 2
    assert {len(calls_for(upstream, name)) for name in ("Here", "There")} == {1}


async def hanging(line: Proxy, page: Page, answer: str, seconds: float) -> tuple[float, float]:
    """A line says nothing for so long: the longest request, and the longest pause of an answer that is watched here."""
    line.poison(timeout=True)
    asyncio.get_running_loop().call_later(seconds, line.heal)
    spent, silence = await asyncio.gather(
        requests(page, seconds), longest_silence(page, answer, seconds)
    )
    return max(spent), silence


async def requests(page: Page, seconds: float) -> list[float]:
    """Posts and reads, one after the other in three places at once; how long each took."""
    spent: list[float] = []
    tab = Tab(page.tab.url, page.session)
    tab.http.timeout = httpx.Timeout(60)
    deadline = time.monotonic() + seconds

    async def one_place() -> None:
        while time.monotonic() < deadline:
            began = time.monotonic()
            body = posting(reply=False)
            reply = await tab.http.post(f"/conversations/{page.conversation}/messages", json=body)
            spent.append(time.monotonic() - began)
            assert reply.status_code in {201, 503}, reply.text
            await asyncio.sleep(0.1)

    await asyncio.gather(*(one_place() for _ in range(3)))
    await tab.http.aclose()
    return spent


async def longest_silence(page: Page, answer: str, seconds: float) -> float:
    """How long nothing more of a running answer was shown."""
    longest, deadline = 0.0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        longest = max(longest, time.monotonic() - page.answers[answer].heard_at)
    return longest


async def test_an_upstream_that_dribbles_changes_no_byte_and_one_that_breaks_keeps_what_came(
    nodes: StartNodes, lines: Lines, crowd: Crowd, upstream: Upstream
):
    [node] = nodes(1, **lines.settings())
    people = await crowd(6)
    async with looking(*(page_of(person, node) for person in people)) as pages:
        lines.evolink.poison(slicer=30, jitter=0.004)
        whole = [await page.ask(SHORT.question(f"Whole {n}")) for n, page in enumerate(pages[:3])]
        await asyncio.gather(*(p.end_of(a) for p, a in zip(pages[:3], whole, strict=True)))
        lines.evolink.heal()
        broken = [await page.ask(TEXT.question(f"Broken {n}")) for n, page in enumerate(pages[3:])]
        await asyncio.gather(*(p.shows(a, 100) for p, a in zip(pages[3:], broken, strict=True)))
        assert lines.evolink.cut() >= 3
        await asyncio.gather(*(p.end_of(a) for p, a in zip(pages[3:], broken, strict=True)))
    assert [row[:2] for row in await in_thread(rows)(whole)] == [("completed", SHORT.text)] * 3
    for status, content, *_ in await in_thread(rows)(broken):
        assert (status, TEXT.text.startswith(str(content))) == ("truncated", True)
        assert len(str(content)) >= 100
    names = [f"{kind} {n}" for kind in ("Whole", "Broken") for n in range(3)]
    assert {len(calls_for(upstream, name)) for name in names} == {1}
