"""A node is asked to stop: what can end in its time ends well, the rest is kept, and everyone is sent elsewhere."""

import asyncio
import random
import time
from uuid import uuid4

import httpx

from tests.factories import posting
from tests.faults.conftest import Crowd, StartNodes, Tell
from tests.faults.nodes import Node
from tests.faults.pages import Page, Seen, looking
from tests.faults.test_a_node_dies import page_of, rows
from tests.faults.tiers import COUNTS
from tests.faults.upstream import Steady
from tests.tabs import Tab
from webchat.threads import in_thread

SHORT = Steady(chunks=80, rate=20)  # four seconds
LONG = Steady(chunks=1200, rate=20)  # a minute
GOES_ELSEWHERE = 4412


async def test_a_node_that_is_stopped_completes_what_it_can_and_keeps_the_rest(
    nodes: StartNodes, crowd: Crowd, chance: random.Random, tell: Tell
):
    [patient] = nodes(1)
    [hurried] = nodes(1, GRACE_SECONDS=str(COUNTS.grace_seconds))
    people = await crowd(2 * COUNTS.streams_drained)
    half = COUNTS.streams_drained
    patients = [page_of(person, patient) for person in people[:half]]
    hurrieds = [page_of(person, hurried) for person in people[half:]]
    async with looking(*patients, *hurrieds):
        completed = await asked(patients, SHORT)
        interrupted = await asked(hurrieds, LONG)
        await asyncio.sleep(chance.uniform(0, 1))
        began = time.monotonic()
        for node in (patient, hurried):
            node.terminate()
        await asyncio.gather(refuses(patient, patients[0]), refuses(hurried, hurrieds[0]))
        told = time.monotonic() - began
        watching = asyncio.create_task(watch_to_the_end(hurrieds[0], interrupted[0], hurried))
        shown = [page.answers[answer] for page, answer in zip(hurrieds, interrupted, strict=True)]
        ends = await asyncio.gather(end_of(patient, began), end_of(hurried, began))
        assert await watching == (GOES_ELSEWHERE, "interrupted")
    assert [code for code, _ in ends] == [0, 0]
    assert ends[1][1] <= COUNTS.grace_seconds + 2
    assert [row[:2] for row in await in_thread(rows)(completed)] == [
        ("completed", SHORT.text)
    ] * half
    check_interrupted(await in_thread(rows)(interrupted), shown)
    tell(
        f"Sent elsewhere after {told:.2f} s; {half} answers completed and node gone after {ends[0][1]:.1f} s;"
        f" {half} interrupted and node gone after {ends[1][1]:.1f} s of {COUNTS.grace_seconds} s"
    )


async def asked(pages: list[Page], what: Steady) -> list[str]:
    """Until all of them have begun to be shown."""
    answers = await asyncio.gather(
        *(page.ask(what.question(f"{what.chunks} {n}")) for n, page in enumerate(pages))
    )
    shown = (page.shows(answer, 1) for page, answer in zip(pages, answers, strict=True))
    await asyncio.gather(*shown)
    return list(answers)


async def refuses(node: Node, page: Page) -> None:
    """Nothing new begins here, and who looks is sent away at once; the node still answers meanwhile."""
    async with asyncio.timeout(1.5):
        while page.close_code == 0:
            await asyncio.sleep(0.01)
    assert page.close_code == GOES_ELSEWHERE
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"{node.url}/readyz")).status_code == 503
    tab = Tab(node.url, page.session)
    body = posting(id=str(uuid4()), content="One more?")
    refusal = await tab.http.post(f"/conversations/{page.conversation}/messages", json=body)
    await tab.http.aclose()
    assert (refusal.status_code, refusal.json()["code"]) == (503, "shutting_down")
    assert int(refusal.headers["Retry-After"]) > 0


async def watch_to_the_end(page: Page, answer: str, node: Node) -> tuple[int, str]:
    """Who comes back to the node while it drains sees the answer go on, and is sent away again in the end."""
    before = len(page.answers[answer].text)
    await page.come_back(node.url)
    await page.shows(answer, before + 1)
    while page.close_code == 0:
        await asyncio.sleep(0.02)
    return page.close_code, page.answers[answer].status


async def end_of(node: Node, began: float) -> tuple[int, float]:
    """Its exit code, and how long it took."""
    async with asyncio.timeout(60):
        while node.is_alive():
            await asyncio.sleep(0.02)
    return node.served.process.wait(), time.monotonic() - began


def check_interrupted(stored: list[tuple[object, ...]], shown: list[Seen]) -> None:
    for (status, content, *_), seen in zip(stored, shown, strict=True):
        assert status == "interrupted"
        assert LONG.text.startswith(str(content))
        assert str(content).startswith(seen.text)
        assert len(str(content)) >= (COUNTS.grace_seconds - 1) * LONG.rate * LONG.size
