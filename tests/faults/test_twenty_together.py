"""Twenty people in one conversation, on two nodes, five of whom send at the same moment: one order, and everybody pays
for what they have asked for."""

import asyncio
import random
from collections import Counter
from typing import Any
from uuid import UUID

from django.db.models import Sum

from accounts.models import LedgerEntry
from chat.models import Completion, Conversation, Member, Message
from tests.factories import make_conversation, posting
from tests.faults.conftest import Person, StartNodes, Tell, make_person
from tests.faults.nodes import Node
from tests.faults.tiers import COUNTS
from tests.faults.upstream import Steady
from tests.tabs import Tab
from webchat.threads import in_thread

PEOPLE, AT_ONCE = 20, 5
SHORT = Steady(chunks=12, rate=60)
ROUND_SECONDS = 60


class Witness:
    """A page of one person: what it has heard, in the order that the server gave it."""

    def __init__(self, person: Person, node: Node) -> None:
        self.person = person
        self.tab = Tab(node.url, person.session)
        self.rows: dict[str, dict[str, Any]] = {}
        self.heard: Counter[tuple[str, str]] = Counter()

    async def look(self, conversation: Conversation) -> None:
        await self.tab.connect()
        await self.tab.open(conversation)
        self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            event = await self.tab.hear_any()
            if isinstance(row := event.get("message"), dict):
                self.heard[event["type"], row["id"]] += 1
                self.rows[row["id"]] = row

    async def leave(self) -> None:
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)
        await self.tab.socket.close()
        await self.tab.http.aclose()

    async def send(self, conversation: Conversation, content: str, parent: str | None) -> None:
        """To the end of what this page shows, as the composer does."""
        body = posting(content=content, parent=parent, at_end=True)
        path = f"/conversations/{conversation.pk}/messages"
        response = await self.tab.http.post(path, json=body, timeout=30)
        assert response.status_code == 201, response.text

    def order(self) -> list[str]:
        return [row["id"] for row in sorted(self.rows.values(), key=lambda row: row["position"])]

    def last(self) -> str | None:
        return self.order()[-1] if self.rows else None

    def has_ended(self, messages: int) -> bool:
        done = [row for row in self.rows.values() if row["status"] == "completed"]
        return len(done) == messages


async def test_twenty_people_on_two_nodes_see_one_order_and_pay_for_their_own(
    nodes: StartNodes, chance: random.Random, tell: Tell
):
    two = nodes(2)
    people, conversation = await in_thread(a_team)()
    witnesses = [Witness(person, two[number % 2]) for number, person in enumerate(people)]
    await asyncio.gather(*(witness.look(conversation) for witness in witnesses))
    try:
        for number in range(COUNTS.rounds):
            await a_round(witnesses, conversation, number, chance)
    finally:
        await asyncio.gather(*(witness.leave() for witness in witnesses))
    stored = await in_thread(line_of)(conversation)
    assert {tuple(witness.order()) for witness in witnesses} == {tuple(stored)}
    assert {times for witness in witnesses for times in created(witness).values()} == {1}
    charged, used = await in_thread(charges)()
    assert charged == used
    tell(
        f"{PEOPLE} people on 2 nodes, {AT_ONCE} at once, {COUNTS.rounds} times: {len(stored)} messages in one order "
        f"on every page, {sum(used.values()):,} tokens charged to {len(used)} senders"
    )


async def a_round(
    witnesses: list[Witness], conversation: Conversation, number: int, chance: random.Random
) -> None:
    """Five send at once, each below what their own page shows last; until everything has ended on every page."""
    senders = chance.sample(witnesses, AT_ONCE)
    questions = [SHORT.question(f"Round {number} of {one.person.user.name}") for one in senders]
    sent = [
        one.send(conversation, content, one.last())
        for one, content in zip(senders, questions, strict=True)
    ]
    await asyncio.gather(*sent)
    async with asyncio.timeout(ROUND_SECONDS):
        while not all(each.has_ended(2 * AT_ONCE * (number + 1)) for each in witnesses):
            await asyncio.sleep(0.05)


def a_team() -> tuple[list[Person], Conversation]:
    people = [make_person() for _ in range(PEOPLE)]
    conversation = make_conversation(people[0].user, title="Together")
    for person in people[1:]:
        Member.objects.create(conversation=conversation, user=person.user, role="writer")
    return people, conversation


def line_of(conversation: Conversation) -> list[str]:
    """The ids in order. It is one branch: no two messages stand below the same one."""
    rows = list(Message.objects.filter(conversation=conversation).order_by("position"))
    children = Counter(row.parent_id for row in rows)
    assert set(children.values()) == {1}
    return [str(row.pk) for row in rows]


def created(witness: Witness) -> dict[str, int]:
    return {row: n for (kind, row), n in witness.heard.items() if kind == "message.created"}


def charges() -> tuple[dict[UUID, int], dict[UUID, int]]:
    """By person: tokens in the ledger, and tokens that the upstream reported for what they had asked for."""
    ledger = LedgerEntry.objects.filter(purpose="chat").values_list("user_id")
    charged = dict(ledger.annotate(Sum("tokens")))
    used: Counter[UUID] = Counter()
    for user_id, usage in Completion.objects.values_list("requested_by_id", "usage"):
        assert usage is not None
        assert usage["estimated"] is False
        used[user_id] += usage["total_tokens"]
    return charged, dict(used)
