"""A post is delivered up to five times, to two nodes: there is one row of each."""

import asyncio
import random
import time
from collections import Counter
from typing import Any

from chat.models import Message
from tests.factories import posting
from tests.faults.conftest import Crowd, Person, StartNodes, Tell
from tests.faults.nodes import Node
from tests.faults.tiers import COUNTS
from tests.tabs import Tab
from webchat.threads import in_thread


async def test_a_post_that_is_delivered_five_times_is_stored_once(
    nodes: StartNodes, crowd: Crowd, chance: random.Random, tell: Tell
):
    two = nodes(2)
    people = await crowd(10)
    posts = [(chance.choice(people), a_post(number)) for number in range(COUNTS.posts)]
    deliveries = [delivery for post in posts for delivery in [post] * chance.randint(1, 5)]
    chance.shuffle(deliveries)
    began = time.monotonic()
    replies = await deliver(deliveries, two, chance)
    spent = time.monotonic() - began
    assert Counter(replies) == {201: len(deliveries)}
    assert await in_thread(stored)() == {
        body["id"]: (person.conversation.pk, body["content"]) for person, body in posts
    }
    assert await in_thread(holes)(people) == {}
    tell(
        f"{len(posts)} posts delivered {len(deliveries)} times in {spent:.1f} s: {len(posts)} rows"
    )


def a_post(number: int) -> dict[str, Any]:
    return posting(content=f"Post {number}", reply=False)


async def deliver(
    deliveries: list[tuple[Person, dict[str, Any]]], two: list[Node], chance: random.Random
) -> list[int]:
    """Some at a time, each to either node; the status of each."""
    at_once = asyncio.Semaphore(COUNTS.posts_at_once)
    people = {person.session: person for person, _ in deliveries}
    tabs = {(key, node.pid): Tab(node.url, key) for key in people for node in two}

    async def one(person: Person, body: dict[str, Any], node: Node) -> int:
        async with at_once:
            http = tabs[person.session, node.pid].http
            path = f"/conversations/{person.conversation.pk}/messages"
            return (await http.post(path, json=body)).status_code

    statuses = await asyncio.gather(*(one(*each, chance.choice(two)) for each in deliveries))
    await asyncio.gather(*(opened.http.aclose() for opened in tabs.values()))
    return statuses


def stored() -> dict[str, tuple[Any, str]]:
    rows = list(Message.objects.values_list("pk", "conversation_id", "content"))
    found = {str(pk): (conversation, content) for pk, conversation, content in rows}
    assert len(found) == len(rows)
    return found


def holes(people: list[Person]) -> dict[Any, list[int]]:
    """Conversations whose messages do not stand at 1, 2, 3, ... in order."""
    wrong = {}
    for person in people:
        at = list(
            person.conversation.messages.order_by("position").values_list("position", flat=True)
        )
        if at != list(range(1, len(at) + 1)):
            wrong[person.conversation.pk] = at
    return wrong
