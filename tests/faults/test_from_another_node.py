"""What is done on one node is heard on all: a stop, and the end of a session."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from statistics import median
from uuid import UUID

import httpx

from chat.models import Message
from tests.faults.conftest import Crowd, Person, StartNodes, Tell, make_person
from tests.faults.nodes import Node
from tests.faults.pages import Page, looking
from tests.faults.test_a_node_dies import page_of
from tests.faults.tiers import COUNTS
from tests.faults.upstream import Steady, calls_for
from tests.services import Upstream
from tests.tabs import CSRF, session_for
from webchat.threads import in_thread

SLOW = Steady(chunks=3000, rate=20)
STOPPED_SECONDS = 1.0
ENDED_SECONDS = 5.0
SESSION_ENDED = 4440
PASSWORD, ANOTHER = "a-long-enough-one", "another-long-enough-one"


async def test_a_stop_on_another_node_is_heard_by_the_upstream_within_a_second(
    nodes: StartNodes, crowd: Crowd, upstream: Upstream, chance: random.Random, tell: Tell
):
    writing, other, third = nodes(3)
    people = await crowd(COUNTS.stops)
    async with looking(
        *(page_of(person, chance.choice([writing, third])) for person in people)
    ) as pages:
        waits = [
            await stopped(number, page, writing, other, upstream, chance)
            for number, page in enumerate(pages)
        ]
    assert max(waits) <= STOPPED_SECONDS
    tell(
        f"{len(waits)} stops on another node: {median(waits):.3f} s in the middle, {max(waits):.3f} s at most"
    )


async def stopped(
    number: int, page: Page, writing: Node, other: Node, upstream: Upstream, chance: random.Random
) -> float:
    """Seconds until the upstream has noticed; stopping twice changes nothing."""
    at_writing, at_other = (Page(n.url, page.session, page.conversation) for n in (writing, other))
    answer = await at_writing.ask(SLOW.question(f"Stop {number}"))
    await page.shows(answer, 1)
    await asyncio.sleep(chance.uniform(0, 0.5))
    asked = time.time()
    replies = [await at_other.tab.http.post(f"/messages/{answer}/stop") for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200]
    seen = await page.end_of(answer, 5)
    assert (seen.status, SLOW.text.startswith(seen.text)) == ("stopped", True)
    await asyncio.gather(at_writing.leave(), at_other.leave())
    [call] = calls_for(upstream, f"Stop {number}")
    assert (call.ended, call.closed_at is not None) == ("left", True)
    return (call.closed_at or 0) - asked


# Sessions -----------------------------------------------------------------------------------------


async def sign_out(form: httpx.AsyncClient, person: Person) -> httpx.Response:
    return await form.post("/accounts/logout/")


async def change_password(form: httpx.AsyncClient, person: Person) -> httpx.Response:
    words = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    return await form.post("/accounts/password/change/", data=words)


async def delete_account(form: httpx.AsyncClient, person: Person) -> httpx.Response:
    return await form.post(
        "/settings/profile/delete", data={"password": PASSWORD, "understood": "on"}
    )


async def be_suspended(form: httpx.AsyncClient, person: Person) -> httpx.Response:
    form.cookies.set("sessionid", await in_thread(a_session_of_staff)())
    return await form.post(f"/admin/people/{person.user.pk}/suspend/")


def a_session_of_staff() -> str:
    return session_for(make_person(is_staff=True).user)


Act = Callable[[httpx.AsyncClient, Person], Awaitable[httpx.Response]]
# What becomes of an answer that the person has asked for; "": it goes on.
ENDS: list[tuple[Act, str]] = [
    (sign_out, ""),
    (change_password, ""),
    (be_suspended, "stopped"),
    (delete_account, "gone"),
]


async def test_the_end_of_a_session_closes_its_sockets_everywhere(
    nodes: StartNodes, upstream: Upstream, chance: random.Random, tell: Tell
):
    two = nodes(2)
    people = [await in_thread(make_person)(password=PASSWORD) for _ in ENDS]
    bystander = await in_thread(make_person)()
    async with looking(page_of(bystander, two[0]), page_of(bystander, two[1])) as unconcerned:
        spent = await asyncio.gather(
            *(ended(*each, two, upstream, chance) for each in zip(ENDS, people, strict=True))
        )
        assert [page.close_code for page in unconcerned] == [0, 0]
    names = ", ".join(f"{act.__name__} {s:.1f} s" for (act, _), s in zip(ENDS, spent, strict=True))
    tell(f"Sockets on two nodes closed after: {names}")


async def ended(
    what: tuple[Act, str],
    person: Person,
    two: list[Node],
    upstream: Upstream,
    chance: random.Random,
) -> float:
    """Seconds until both sockets of the session were closed and its answer had ended, if it must."""
    act, then = what
    async with looking(*(page_of(person, node) for node in two)) as pages:
        answer = await pages[0].ask(SLOW.question(act.__name__))
        await pages[1].shows(answer, 1)
        began = time.monotonic()
        await done(act, person, chance.choice(two))
        async with asyncio.timeout(ENDED_SECONDS):
            while not all(page.close_code for page in pages):
                await asyncio.sleep(0.02)
            while then and await in_thread(status_of)(answer) != then:
                await asyncio.sleep(0.05)
            [call] = calls_for(upstream, act.__name__)
            while then and not call.ended:
                await asyncio.sleep(0.02)
        assert [page.close_code for page in pages] == [SESSION_ENDED, SESSION_ENDED]
        return time.monotonic() - began


async def done(act: Act, person: Person, node: Node) -> None:
    cookies = {"sessionid": person.session, "csrftoken": CSRF}
    headers = {"X-CSRFToken": CSRF, "Origin": node.url}
    async with httpx.AsyncClient(base_url=node.url, cookies=cookies, headers=headers) as form:
        reply = await act(form, person)
    assert reply.status_code == 302, f"{act.__name__}: {reply.status_code} {reply.text[:2000]}"


def status_of(answer: str) -> str:
    found = Message.objects.filter(pk=UUID(answer)).values_list("status", flat=True).first()
    return found or "gone"
