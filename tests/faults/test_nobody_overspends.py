"""Many requests at once against a small budget, and nodes that die under load: no limit is passed, and what was charged
is what the upstream counts itself."""

import asyncio
import threading
import time
from collections import Counter
from typing import Any

import msgspec
import psycopg
import pytest
from django.conf import settings

from accounts.models import Hold, LedgerEntry
from accounts.services import audit, budgets, spending
from accounts.services.budgets import Limit
from chat.evolink.simulator.demo import _Answer
from chat.evolink.wire import ChatRequest
from chat.models import Completion
from tests.factories import make_conversation, make_user, posting
from tests.faults.conftest import Crowd, Person, StartNodes, Tell
from tests.faults.nodes import Node
from tests.faults.tiers import COUNTS
from tests.services import DATA_DIR, Upstream, wait_for
from tests.tabs import Tab
from webchat import embedded
from webchat.threads import in_thread

QUESTION = "Please say a few words about leases."
PARAMETERS = {"max_completion_tokens": 700}
AT_ONCE = 64


class Watch:
    """Looks all the time whether anybody is over a limit; in a thread and with a connection of its own."""

    def __init__(self) -> None:
        self.looks = self.over = self.most_held = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_for_ever)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look_for_ever(self) -> None:
        url = embedded.database_url(DATA_DIR, str(settings.DATABASES["default"]["NAME"]))
        with psycopg.connect(url, autocommit=True) as connection:
            while not self._done.is_set():
                self._look(connection)
                time.sleep(0.002)

    def _look(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        row = connection.execute(
            "SELECT coalesce(max(held_tokens), 0), count(*) FILTER ("
            " WHERE spent_tokens + held_tokens > limit_tokens + granted_tokens)"
            " FROM accounts_budgetwindow"
        ).fetchone()
        assert row
        self.looks += 1
        self.most_held, self.over = max(self.most_held, row[0]), self.over + row[1]


@pytest.mark.parametrize("count", [1, 2])
async def test_64_requests_at_once_never_pass_a_budget_for_ten_answers(
    nodes: StartNodes, crowd: Crowd, upstream: Upstream, tell: Tell, count: int
):
    serving = nodes(count)
    [person] = await crowd(1)
    worst = len(QUESTION) + 16 + PARAMETERS["max_completion_tokens"]
    await in_thread(allow)(person, 10 * worst)
    with Watch() as watch:
        statuses = await post_at_once(person, serving)
        await in_thread(wait_for)(all_have_ended, 60)
    assert watch.over == 0
    assert set(statuses) == {201, 402}
    assert statuses[201] >= 10
    assert await in_thread(charged)() == bill(upstream)
    assert await in_thread(caps_within_holds)(upstream)
    assert await in_thread(drift)() == 0
    tell(
        f"{AT_ONCE} requests at once on {count} node(s), budget for 10: {dict(statuses)}; most held"
        f" {watch.most_held:,} of {10 * worst:,} in {watch.looks:,} looks; charged = billed = {bill(upstream):,}"
    )


def allow(person: Person, tokens: int) -> None:
    staff = make_user(is_staff=True)
    budgets.limit_person(person.user, Limit("month", tokens, None), by=staff)


async def post_at_once(person: Person, serving: list[Node]) -> Counter[int]:
    """Each in a conversation of its own, so that nothing but the budget holds them up."""
    make = in_thread(lambda: [make_conversation(person.user, title="B") for _ in range(AT_ONCE)])
    tabs = [Tab(node.url, person.session) for node in serving]
    posts = (
        tabs[place % len(tabs)].http.post(
            f"/conversations/{conversation.pk}/messages",
            json=posting(content=QUESTION, parameters=PARAMETERS),
            timeout=30,
        )
        for place, conversation in enumerate(await make())
    )
    answers = await asyncio.gather(*posts)
    await asyncio.gather(*(tab.http.aclose() for tab in tabs))
    return Counter(answer.status_code for answer in answers)


def all_have_ended() -> bool:
    running = Completion.objects.filter(state__in=("queued", "streaming")).exists()
    return not running and not Hold.objects.filter(state="held").exists()


def charged() -> int:
    return sum(LedgerEntry.objects.values_list("tokens", flat=True))


def bill(upstream: Upstream) -> int:
    """What the upstream says of itself, from what it was asked."""
    asked = (msgspec.convert(call.request, ChatRequest) for call in answered(upstream))
    return sum(int(_Answer(request)._usage()["total_tokens"]) for request in asked)


def answered(upstream: Upstream) -> list[Any]:
    """Without the look at the key when a server starts."""
    return [call for call in upstream.calls if call.request["messages"]]


def caps_within_holds(upstream: Upstream) -> bool:
    sent = Counter(call.request["max_completion_tokens"] for call in answered(upstream))
    held = Counter(Hold.objects.exclude(dispatched_at=None).values_list("max_output", flat=True))
    return sent == held


def drift() -> int:
    return sum(audit.drifts(settings.TIME_ZONE).values())


async def test_nodes_that_are_killed_leave_no_drift_and_undercharge_nothing(
    nodes: StartNodes, crowd: Crowd, upstream: Upstream, tell: Tell
):
    people = await crowd(6)
    for _ in range(COUNTS.nodes_killed):
        [node] = nodes(1)
        await ask_for_long_answers(people, node)
        await in_thread(wait_for)(lambda: Hold.objects.filter(state="held").count() >= 6, 20)
        await in_thread(wait_for)(lambda: len(upstream.calls) >= 6, 20)
        node.kill()
    [_last] = nodes(1)
    await in_thread(wait_for)(all_have_ended, 100)
    lost = await in_thread(lambda: list(Hold.objects.filter(source="bound")))()
    assert lost
    assert all(hold.charged_tokens == hold.tokens for hold in lost)
    assert await in_thread(drift)() == 0
    assert await in_thread(spending.sweep)() == 0
    tell(
        f"{COUNTS.nodes_killed} nodes killed under 6 answers each: {len(lost)} booked whole, drift 0"
    )


async def ask_for_long_answers(people: list[Person], node: Node) -> None:
    for person in people:
        tab = Tab(node.url, person.session)
        conversation = await in_thread(make_conversation)(person.user, title="Long")
        await tab.ask(conversation, "!script steady chunks=450 rate=30 size=5")
        await tab.http.aclose()
