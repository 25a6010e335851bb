"""The node that writes an answer is killed while another person's answer waits for it: the other node begins it."""

import asyncio
import time

from accounts.models import LedgerEntry
from chat.evolink.simulator.calls import Call
from chat.models import Completion, Member, Message
from tests.faults.conftest import Crowd, Person, StartNodes, Tell
from tests.faults.pages import Page, looking
from tests.faults.upstream import Steady
from tests.services import Upstream
from webchat.threads import in_thread

SLOW, SHORT = Steady(chunks=3000, rate=20), Steady(chunks=10, rate=50)
BEGUN_SECONDS = 25  # a lease, and one round of whoever looks for the ones that have run out


async def test_when_a_node_is_killed_who_waited_is_answered_by_another(
    nodes: StartNodes, crowd: Crowd, upstream: Upstream, tell: Tell
):
    killed, healthy = nodes(2)
    ada, ben = await crowd(2)
    await in_thread(let_in)(ada, ben)
    place = ada.conversation.pk
    async with looking(
        Page(killed.url, ada.session, place), Page(healthy.url, ben.session, place)
    ) as (hers, his):
        first = await hers.ask(SLOW.question("First"), at_end=True)
        await his.shows(first, 1)
        await saved(first)
        second, third = [
            await his.ask(SHORT.question(name), at_end=True) for name in ("Second", "Third")
        ]
        assert len(streams(upstream)) == 1
        killed.kill()
        began = time.monotonic()
        ends = [await his.end_of(one, BEGUN_SECONDS) for one in (first, second, third)]
        seconds = ends[1].finished_at - began
    assert [one.status for one in ends] == ["interrupted", "completed", "completed"]
    assert [one.text for one in ends[1:]] == [SHORT.text] * 2
    assert ends[1].finished_at < ends[2].finished_at
    assert len(streams(upstream)) == 3
    assert await in_thread(payers)() == [ada.user.pk, ben.user.pk, ben.user.pk]
    tell(
        f"the next in line was answered {seconds:.1f} s after the node of the one above was killed"
    )


def let_in(owner: Person, person: Person) -> None:
    Member.objects.create(conversation=owner.conversation, user=person.user, role="writer")


def streams(upstream: Upstream) -> list[Call]:
    return [call for call in upstream.calls if call.request and call.request.get("stream")]


async def saved(answer: str) -> None:
    """Until something of it is in the database: else it is begun again."""
    async with asyncio.timeout(15):
        while not await in_thread(Message.objects.exclude(content="").filter(pk=answer).exists)():
            await asyncio.sleep(0.1)


def payers() -> list[object]:
    assert not Completion.objects.filter(state="queued").exists()
    return list(LedgerEntry.objects.order_by("pk").values_list("user_id", flat=True))
