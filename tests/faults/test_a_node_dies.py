"""A node is killed, another one freezes, a third one goes on."""

import asyncio
import random
import time

from chat.models import Message
from tests.faults.conftest import Crowd, Person, StartNodes, Tell
from tests.faults.nodes import Node, wait_until_running
from tests.faults.pages import Page, Seen, looking
from tests.faults.tiers import COUNTS, SOAK
from tests.faults.upstream import Steady, calls_for
from tests.services import Upstream, wait_for
from webchat.threads import in_thread

SETTLED_SECONDS = 25
LOST_SECONDS = 1.5
FROZEN_SECONDS = 30 if SOAK else 0  # at least: until all is settled
SLOW = Steady(chunks=3000, rate=20)


async def test_who_is_killed_or_frozen_loses_no_answer_and_spoils_none(
    nodes: StartNodes, crowd: Crowd, upstream: Upstream, chance: random.Random, tell: Tell
):
    killed, frozen, healthy = nodes(3)
    people = await crowd(COUNTS.streams_killed + COUNTS.streams_frozen + 1)
    async with looking(*(page_of(person, healthy) for person in people)) as (unseen, *pages):
        where = [killed] * COUNTS.streams_killed + [frozen] * COUNTS.streams_frozen
        answers = await asyncio.gather(*map(ask, range(len(where)), pages, where))
        await saved(answers)
        begun_again = await ask_slowly(unseen, killed)
        await in_thread(wait_for)(lambda: calls_for(upstream, "Unseen"), 15)
        await asyncio.sleep(chance.uniform(0, 1.5))
        killed.kill()
        frozen.freeze()
        began = time.monotonic()
        seen = await asyncio.gather(
            *(p.end_of(a, SETTLED_SECONDS) for p, a in zip(pages, answers, strict=True))
        )
        settled = await in_thread(rows)(answers)
        lost = [
            kept(upstream, number, *both)
            for number, both in enumerate(zip(seen, settled, strict=True))
        ]
        assert (await unseen.end_of(begun_again, 10)).text == "Hello world"
        assert len(calls_for(upstream, "Unseen")) == 2
        await asyncio.sleep(max(0, FROZEN_SECONDS - (time.monotonic() - began)))
        frozen.wake()
        await in_thread(wait_until_running)(frozen, 0)
        assert await in_thread(rows)(answers) == settled
        await answers_still(frozen, pages[-1])
    last = max(one.finished_at for one in seen) - began
    tell(
        f"{len(seen)} answers of lost nodes settled after {last:.1f} s; {max(lost):.2f} s of text lost at most"
    )


def page_of(person: Person, node: Node) -> Page:
    return Page(node.url, person.session, person.conversation.pk)


async def ask(number: int, page: Page, node: Node) -> str:
    return await ask_elsewhere(page, node, SLOW.question(f"Stream {number}"))


async def ask_slowly(page: Page, node: Node) -> str:
    """An answer whose upstream says nothing until its node is gone."""
    return await ask_elsewhere(page, node, "Unseen:\n!script late wait=4 pings=no times=1")


async def ask_elsewhere(page: Page, node: Node, question: str) -> str:
    """Ask on one node, look on another."""
    elsewhere = Page(node.url, page.session, page.conversation)
    answer = await elsewhere.ask(question)
    await elsewhere.leave()
    page.answers.setdefault(answer, Seen())
    return answer


async def saved(answers: list[str]) -> None:
    """Until something of each is in the database."""
    async with asyncio.timeout(15):
        while {row[0] for row in await in_thread(rows)(answers)} != {"streaming"}:
            await asyncio.sleep(0.1)


def rows(answers: list[str]) -> list[tuple[object, ...]]:
    """Everything that could have changed, in the order asked for."""
    fields = ("status", "content", "version", "completion__state", "completion__finished_at")
    found = {str(row[0]): row[1:] for row in Message.objects.values_list("pk", *fields)}
    return [found[answer] for answer in answers]


def kept(upstream: Upstream, number: int, shown: Seen, row: tuple[object, ...]) -> float:
    """What was saved is shown, and is the beginning of what was sent; how many seconds of that are missing."""
    status, content = row[:2]
    assert (status, shown.status) == ("interrupted", "interrupted")
    assert shown.text == content
    assert SLOW.text.startswith(str(content))
    [call] = calls_for(upstream, f"Stream {number}")
    if call.closed_at is None:  # a frozen node holds its connection
        return 0
    lost = SLOW.seconds_lost(call, str(content))
    assert lost <= LOST_SECONDS
    return lost


async def answers_still(node: Node, page: Page) -> None:
    short = Steady(chunks=10, rate=50)
    await page.come_back(node.url)
    answer = await page.ask(short.question("Afterwards"))
    assert (await page.end_of(answer)).text == short.text
