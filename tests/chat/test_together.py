"""Several people at one conversation, over the sockets of a real server: who is here, who writes, who is out."""

import asyncio
import time
from contextlib import suppress

import pytest

from chat.models import Member, Notification
from tests.factories import posting
from tests.tabs import session_for, tab
from webchat.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = "!script steady chunks=400 rate=20 size=5"


@pytest.fixture
def keys(ada, ben, cyd, conversation):
    """Ada owns, Ben writes, Cyd reads."""
    for person, role in ((ben, "writer"), (cyd, "reader")):
        Member.objects.create(conversation=conversation, user=person, role=role)
    return {person.name: session_for(person) for person in (ada, ben, cyd)}


async def here(opened, *people, seconds=5):
    """Until a tab was told that exactly these are here."""
    wanted = {str(person.pk) for person in people}
    while set((await opened.hear("presence.changed", seconds))["people"]) != wanted:
        pass


def kinds(opened):
    return [event["type"] for event in opened.heard]


async def test_people_see_each_other_come_and_go(site, keys, conversation, ada, ben):
    async with tab(site.url, keys["Ada"]) as one:
        await (await one.connect()).open(conversation)
        await here(one, ada)
        async with tab(site.url, keys["Ben"]) as two, tab(site.url, keys["Ben"]) as three:
            for each in (two, three):
                await (await each.connect()).open(conversation)
                await here(each, ada, ben)
            await here(one, ada, ben)
            await two.send(type="conversation.close", conversation=conversation.pk)
            await two.send(type="no.such.command")
            await two.hear("error")
        await here(one, ada)
    assert kinds(one).count("presence.changed") == 3


async def test_typing_is_heard_by_who_looks_but_not_by_oneself(site, keys, conversation, ben):
    async with tab(site.url, keys["Ada"]) as one, tab(site.url, keys["Ben"]) as two:
        for each in (one, two):
            await (await each.connect()).open(conversation)
        for _ in range(5):
            await two.send(type="typing.started", conversation=conversation.pk)
        heard = await one.hear("typing.started")
        assert heard["person"] == {"id": str(ben.pk), "name": "Ben"}
        await two.say(conversation, "That was it")
        await one.hear("message.created")
        await two.hear("message.created")
    assert kinds(one).count("typing.started") == 1
    assert {"typing.started", "error"} & set(kinds(two)[-1:]) == set()
    assert "typing.started" not in kinds(two)


async def test_readers_and_strangers_do_not_type(site, keys, conversation):
    async with tab(site.url, keys["Cyd"]) as reader, tab(site.url, keys["Ben"]) as closed:
        await (await reader.connect()).open(conversation)
        await closed.connect()
        for each in (reader, closed):
            await each.send(type="typing.started", conversation=conversation.pk)
            assert (await each.hear("error"))["code"] == "not_found"
        await reader.send(type="typing.started")
        assert (await reader.hear("error"))["code"] == "not_found"


async def test_who_is_removed_in_mid_answer_hears_nothing_more(site, keys, conversation, ada, ben):
    async with tab(site.url, keys["Ada"]) as one, tab(site.url, keys["Ben"]) as two:
        for each in (one, two):
            await (await each.connect()).open(conversation)
        answer = await one.ask(conversation, SLOW)
        await two.hear("completion.delta")
        gone = await one.http.delete(f"/conversations/{conversation.pk}/members/{ben.pk}")
        assert gone.status_code == 204, gone.text
        removed_at = time.monotonic()
        await here(one, ada)
        later = await listen(two, 3)
        await two.send(type="completion.sync", message=answer["id"], offset=0)
        assert (await two.hear("error"))["code"] == "not_found"
        await two.send(type="conversation.open", conversation=conversation.pk)
        assert (await two.hear("error"))["code"] == "not_found"
        await one.http.post(f"/messages/{answer['id']}/stop")
    assert "conversation.removed" in [event["type"] for event, _ in later]
    late = [event["type"] for event, at in later if at - removed_at > 1]
    assert late == []


async def listen(opened, seconds):
    """What comes in so long, and when."""
    heard = []
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                heard.append((await opened.hear_any(), time.monotonic()))
    return heard


async def test_who_is_out_hears_nothing_even_if_nobody_says_so(site, keys, conversation, ada, ben):
    """The row alone goes, as if the command to the server had been lost."""
    async with tab(site.url, keys["Ada"]) as one, tab(site.url, keys["Ben"]) as two:
        for each in (one, two):
            await (await each.connect()).open(conversation)
        answer = await one.ask(conversation, SLOW)
        await two.hear("completion.delta")
        await in_thread(Member.objects.filter(user=ben).delete)()
        await here(one, ada, ben)
        await here(one, ada, seconds=6)
        later = await listen(two, 5.5)
        await one.http.post(f"/messages/{answer['id']}/stop")
    over = [at for event, at in later if event["type"] == "completion.delta"]
    assert not over or time.monotonic() - over[-1] > 1


async def test_a_mention_reaches_the_person_wherever_they_look(site, keys, conversation, ben):
    async with tab(site.url, keys["Ada"]) as one, tab(site.url, keys["Ben"]) as two:
        await two.connect()
        body = posting(content="What do you say, @Ben?", reply=False)
        await one.http.post(f"/conversations/{conversation.pk}/messages", json=body)
        heard = await two.hear("notification.created")
        assert (heard["notification"]["kind"], heard["unread"]) == ("mention", 1)
        assert heard["notification"]["message"] == body["id"]
        await two.http.post("/notifications/read", json={"conversation": str(conversation.pk)})
        assert (await two.hear("notifications.read"))["unread"] == 0
    assert await in_thread(Notification.objects.filter(user=ben).count)() == 1
