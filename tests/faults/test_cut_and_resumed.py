"""The connection of a page breaks at any moment; it comes back to any node, and in the end it has every byte once."""

import asyncio
import random
from contextlib import ExitStack

from tests.faults.conftest import Crowd, Person, StartNodes, Tell
from tests.faults.pages import Page
from tests.faults.proxy import Proxy, proxy
from tests.faults.test_a_node_dies import rows
from tests.faults.tiers import COUNTS
from tests.faults.upstream import Steady, calls_for
from tests.services import Upstream
from webchat.threads import in_thread

TEXT = Steady(chunks=120, rate=30, size=8)  # four seconds


async def test_an_answer_that_was_cut_off_anywhere_is_whole_in_the_end(
    nodes: StartNodes, crowd: Crowd, upstream: Upstream, chance: random.Random, tell: Tell
):
    two = nodes(2)
    people = await crowd(COUNTS.answers_cut)
    at_once = asyncio.Semaphore(COUNTS.cut_at_once)
    with ExitStack() as stack:
        ways = [stack.enter_context(proxy(("127.0.0.1", node.port), chance=chance)) for node in two]
        for way in ways:
            way.poison(latency=0.005, jitter=0.03, slicer=600)
        plans = [Plan(number, ways, chance) for number in range(len(people))]
        answers = await asyncio.gather(
            *(one_answer(*each, at_once) for each in zip(people, plans, strict=True))
        )
    assert [row[:2] for row in await in_thread(rows)(answers)] == [("completed", TEXT.text)] * len(
        answers
    )
    assert {len(calls_for(upstream, f"Cut {number}")) for number in range(len(people))} == {1}
    tell(f"{len(answers)} answers cut off and resumed: equal to the byte, one call each")


class Plan:
    """When one page is cut off, for how long, and where it comes back."""

    def __init__(self, number: int, ways: list[Proxy], chance: random.Random) -> None:
        self.number = number
        self.first, self.second = chance.choice(ways), chance.choice(ways)
        self.cut_after = chance.uniform(0, TEXT.seconds)
        self.pause = COUNTS.pauses[number % len(COUNTS.pauses)]


async def one_answer(person: Person, plan: Plan, at_once: asyncio.Semaphore) -> str:
    async with at_once:
        page = Page(address(plan.first), person.session, person.conversation.pk)
        await page.look()
        try:
            return await cut_and_resume(page, plan)
        finally:
            await page.leave()


async def cut_and_resume(page: Page, plan: Plan) -> str:
    answer = await page.ask(TEXT.question(f"Cut {plan.number}"))
    await asyncio.sleep(plan.cut_after)
    assert plan.first.cut(page.caller) == 1
    await asyncio.sleep(plan.pause)
    await page.come_back(address(plan.second))
    seen = await page.end_of(answer)
    assert seen.text == TEXT.text
    return answer


def address(way: Proxy) -> str:
    return f"http://127.0.0.1:{way.port}"
