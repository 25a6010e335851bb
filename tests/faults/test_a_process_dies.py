"""One of the processes behind one address is killed: its answers are settled at once, the others go on."""

import asyncio
import random
import time

import psutil

from tests.faults.conftest import Crowd, StartNodes, Tell
from tests.faults.nodes import Node
from tests.faults.pages import Page, Seen, looking
from tests.faults.test_a_node_dies import LOST_SECONDS, page_of, rows, saved
from tests.faults.upstream import Steady, calls_for
from tests.services import Upstream
from webchat.threads import in_thread

STREAMS = 12
TEXT = Steady(chunks=120, rate=20)  # six seconds
SETTLED_SECONDS = 12  # its neighbours learn of it at once; a lease alone takes longer


async def test_a_process_that_is_killed_takes_only_its_own_answers_along(
    nodes: StartNodes, crowd: Crowd, upstream: Upstream, chance: random.Random, tell: Tell
):
    [fleet] = nodes(1, PROCESSES="2")
    people = await crowd(STREAMS)
    async with looking(*(page_of(person, fleet) for person in people)) as pages:
        answers = await asyncio.gather(
            *(page.ask(TEXT.question(f"Stream {n}")) for n, page in enumerate(pages))
        )
        await saved(answers)
        await asyncio.sleep(chance.uniform(0, 1))
        began = time.monotonic()
        busiest(fleet, upstream).kill()
        seen = await asyncio.gather(
            *(watched(*both, fleet) for both in zip(pages, answers, strict=True))
        )
    lost = [end for end in seen if end.status == "interrupted"]
    assert lost
    assert {(end.status, end.text) for end in seen if end not in lost} <= {("completed", TEXT.text)}
    assert [row[:2] for row in await in_thread(rows)(answers)] == [
        (end.status, end.text) for end in seen
    ]
    for number, end in enumerate(seen):
        [call] = calls_for(upstream, f"Stream {number}")
        assert TEXT.text.startswith(end.text)
        assert end not in lost or TEXT.seconds_lost(call, end.text) <= LOST_SECONDS
    tell(
        f"One of two processes killed: {len(lost)} of {STREAMS} answers interrupted after"
        f" {max(end.finished_at for end in lost) - began:.1f} s, the others completed"
    )


def busiest(fleet: Node, upstream: Upstream) -> psutil.Process:
    """The process that talks most to the upstream."""
    port = int(upstream.url.rpartition(":")[2])

    def streams(process: psutil.Process) -> int:
        there = (connection.raddr for connection in process.net_connections("tcp4"))
        return sum(bool(address) and address.port == port for address in there)

    return max(psutil.Process(fleet.pid).children(), key=streams)


async def watched(page: Page, answer: str, fleet: Node) -> Seen:
    """To its end; a page whose process is gone comes back, to the one that is left."""
    end = asyncio.create_task(page.end_of(answer, SETTLED_SECONDS))
    while not end.done():
        await asyncio.sleep(0.05)
        if page.close_code:
            await page.come_back(fleet.url)
    return await end
