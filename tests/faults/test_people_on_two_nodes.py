"""Who is here and who writes, on whatever node they are; and what of it a node's death takes along."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from chat.models import Member
from tests.faults.conftest import Crowd, Person, StartNodes, Tell
from tests.faults.nodes import Node, Valkey
from tests.tabs import Tab, tab
from webchat.threads import in_thread

FORGOTTEN_SECONDS = 30
REMOVED_SECONDS = 1.0
SLOW = "!script steady chunks=2000 rate=40 size=5"


@asynccontextmanager
async def at(*places: tuple[Person, Node], of: Person) -> AsyncIterator[list[Tab]]:
    """A tab for each, which has the conversation of one of them open."""
    async with AsyncExitStack() as stack:
        tabs = []
        for person, node in places:
            opened = await stack.enter_async_context(tab(node.url, person.session))
            await (await opened.connect()).open(of.conversation)
            tabs.append(opened)
        yield tabs


async def team(crowd: Crowd, size: int) -> list[Person]:
    """The first owns the conversation, the others write."""
    owner, *others = await crowd(size)
    for person in others:
        await in_thread(Member.objects.create)(
            conversation=owner.conversation, user=person.user, role="writer"
        )
    return [owner, *others]


async def sees(opened: Tab, *people: Person, seconds: float = 5) -> float:
    """Seconds until a tab was told that exactly these are here."""
    began, wanted = time.monotonic(), {str(person.user.pk) for person in people}
    while set((await opened.hear("presence.changed", seconds))["people"]) != wanted:
        pass
    return time.monotonic() - began


async def test_people_of_both_nodes_see_each_other_and_hear_who_writes(
    nodes: StartNodes, crowd: Crowd, tell: Tell
):
    one, two = nodes(2)
    ada, ben, cyd = await team(crowd, 3)
    async with at((ada, one), of=ada) as [first]:
        await sees(first, ada)
        async with at((ben, two), (cyd, two), of=ada) as [second, third]:
            waited = await sees(first, ada, ben, cyd)
            await asyncio.gather(sees(second, ada, ben, cyd), sees(third, ada, ben, cyd))
            await second.send(type="typing.started", conversation=ada.conversation.pk)
            for each in (first, third):
                assert (await each.hear("typing.started"))["person"]["name"] == ben.user.name
        gone = await sees(first, ada)
    assert "typing.started" not in {event["type"] for event in second.heard}
    tell(f"Seen on the other node after {waited:.2f} s, gone after {gone:.2f} s")


async def test_a_node_that_starts_later_learns_who_is_there(nodes: StartNodes, crowd: Crowd):
    [one] = nodes(1)
    ada, ben = await team(crowd, 2)
    async with at((ada, one), of=ada) as [first]:
        [two] = nodes(1)
        async with at((ben, two), of=ada) as [second]:
            await sees(second, ada, ben)
            await sees(first, ada, ben)


async def test_who_was_on_a_node_that_is_killed_is_gone_within_half_a_minute(
    nodes: StartNodes, crowd: Crowd, tell: Tell
):
    one, two = nodes(2)
    ada, ben = await team(crowd, 2)
    async with at((ada, one), (ben, two), of=ada) as [first, _]:
        await sees(first, ada, ben)
        two.kill()
        waited = await sees(first, ada, seconds=FORGOTTEN_SECONDS)
    tell(f"People of a node that was killed were gone after {waited:.1f} s")


async def test_who_was_on_a_node_that_leaves_is_gone_at_once(nodes: StartNodes, crowd: Crowd):
    one, two = nodes(2)
    ada, ben = await team(crowd, 2)
    async with at((ada, one), (ben, two), of=ada) as [first, _]:
        await sees(first, ada, ben)
        two.terminate()
        await sees(first, ada)


async def test_a_valkey_that_was_away_is_made_up_for(
    nodes: StartNodes, crowd: Crowd, shared: Valkey, tell: Tell
):
    """Who came meanwhile is seen, and who left is gone."""
    one, two = nodes(2)
    ada, ben, cyd = await team(crowd, 3)
    async with at((ada, one), of=ada) as [first]:
        async with at((ben, two), of=ada):
            await sees(first, ada, ben)
            shared.stop()
        async with at((cyd, two), of=ada):
            await asyncio.to_thread(shared.start)
            waited = await sees(first, ada, cyd, seconds=30)
    tell(f"Presence was right {waited:.1f} s after Valkey came back")


async def test_who_is_removed_on_one_node_hears_nothing_on_the_other(
    nodes: StartNodes, crowd: Crowd, tell: Tell
):
    one, two = nodes(2)
    ada, ben = await team(crowd, 2)
    async with at((ada, one), (ben, two), of=ada) as [first, second]:
        answer = await first.ask(ada.conversation, SLOW)
        await second.hear("completion.delta")
        address = f"/conversations/{ada.conversation.pk}/members/{ben.user.pk}"
        assert (await first.http.delete(address)).status_code == 204
        removed_at = time.monotonic()
        last = await silent_since(second)
        await sees(first, ada)
        await first.http.post(f"/messages/{answer['id']}/stop")
    assert last - removed_at <= REMOVED_SECONDS
    tell(f"Removed on the other node: the last thing heard came {last - removed_at:.3f} s after")


async def silent_since(opened: Tab) -> float:
    """When the last event came, once two seconds have passed without any."""
    last = time.monotonic()
    while True:
        try:
            async with asyncio.timeout(2):
                await opened.hear_any()
        except TimeoutError:
            return last
        last = time.monotonic()
