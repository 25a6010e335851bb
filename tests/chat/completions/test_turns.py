"""Answers that wait for the one above them, against an upstream over real HTTP: one after the other, to the last."""

import asyncio
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import OperationalError

from accounts.models import Hold, LedgerEntry
from accounts.services import budgets
from accounts.services.budgets import Limit
from chat.completions import finish, heart, lease, line, recovery, runner
from chat.models import Completion, Member, Message
from chat.services.answers import stop_answer
from chat.services.messages import Posting, post_message
from tests.chat.completions.conftest import ended, until
from tests.factories import make_conversation, make_message, make_user
from webchat.threads import in_thread

LONG = "!script steady chunks=5000 rate=50 size=5"
SHORT = "!script steady chunks=4 rate=100 size=5"


def make_team(conversation, *people):
    for person in people:
        Member.objects.create(conversation=conversation, user=person, role="writer")


async def send(conversation, author, content=SHORT, **fields):
    given = {"id": uuid4(), "parent": None, "at_end": True, "content": content, **fields}
    return await in_thread(post_message)(conversation.pk, author=author, posting=Posting(**given))


async def two_in_line(conversation, ada, ben, content=SHORT):
    """Ada's long answer, which is being written, and Ben's, which waits."""
    await in_thread(make_team)(conversation, ben)
    running = (await send(conversation, ada, LONG)).answer
    await until(lambda: runner.text_of(running.pk))
    return running, (await send(conversation, ben, content)).answer


def asked_of(upstream):
    return [call for call in upstream.calls if call.request["stream"]]


async def test_five_who_send_at_once_stand_in_one_line_and_each_pays_for_their_own(
    upstream, conversation, ada, ben, cyd
):
    people = [ada, ben, cyd, *await in_thread(lambda: [make_user(), make_user()])()]
    await in_thread(make_team)(conversation, *people[1:])
    first = await ended((await send(conversation, ada)).answer)
    posted = await asyncio.gather(
        *(send(conversation, person, parent=first.pk) for person in people)
    )
    answers = [await ended(one.answer, 30) for one in posted]
    rows = await in_thread(lambda: list(Message.objects.order_by("position")))()
    assert [row.parent_id for row in rows] == [None, *(row.pk for row in rows[:-1])]
    assert [row.role for row in rows] == ["user", "assistant"] * 6
    assert {answer.status for answer in answers} == {"completed"}
    calls = asked_of(upstream)
    assert [len(turns_in(call)) for call in calls] == [1, 3, 5, 7, 9, 11]
    assert all(before.closed_at <= after.opened_at for before, after in pairwise(calls))
    assert await in_thread(charged)() == await in_thread(used)()


def turns_in(call):
    return [turn for turn in call.request["messages"] if turn["role"] != "system"]


def charged():
    """By person and answer, what the ledger has."""
    answers = dict(Hold.objects.values_list("pk", "completion_id"))
    entries = LedgerEntry.objects.values_list("user_id", "hold_id", "tokens")
    return sorted((person, answers[hold], tokens) for person, hold, tokens in entries)


def used():
    """The same, by what the upstream has reported for each answer."""
    rows = Completion.objects.values_list("requested_by_id", "pk", "usage")
    assert not any(usage["estimated"] for _, _, usage in rows)
    return sorted((person, pk, usage["total_tokens"]) for person, pk, usage in rows)


async def test_the_next_is_told_what_was_answered_above(upstream, conversation, ada, ben):
    await in_thread(make_team)(conversation, ben)
    await send(conversation, ada, "!script steady chunks=20 rate=50 size=5")
    answer = await ended((await send(conversation, ben)).answer)
    first, second = asked_of(upstream)
    above = await in_thread(Message.objects.get)(pk=answer.completion.waits_for_id)
    assert second.request["messages"][-2] == {"role": "assistant", "content": above.content}
    assert len(above.content) == 100
    assert second.opened_at >= first.closed_at


async def test_the_next_begins_however_the_one_above_ends(upstream, conversation, ada, ben):
    running, waiting = await two_in_line(conversation, ada, ben)
    assert (len(asked_of(upstream)), waiting.pk in heart.running) == (1, False)
    await in_thread(stop_answer)(running.pk, by=ada)
    assert (await ended(waiting)).status == "completed"
    assert (await ended(running)).status == "stopped"


async def test_pages_are_told_when_it_waits_and_when_it_begins(
    upstream, conversation, ada, ben, published
):
    running, waiting = await two_in_line(conversation, ada, ben)
    await in_thread(stop_answer)(running.pk, by=ada)
    await ended(waiting)
    about = [event for event, _ in published if event.get("message", {}).get("id") == waiting.pk]
    told = [(event["type"], event["message"]["completion"]["waits_for"]) for event in about]
    assert told == [
        ("message.created", running.pk),
        ("message.updated", None),
        ("completion.finished", None),
    ]
    assert about[1]["message"]["completion"]["started_at"]
    versions = [event["version"] for event in about]
    assert versions == sorted(set(versions))


async def test_a_commit_that_was_not_confirmed_does_not_leave_the_next_behind(
    upstream, conversation, ada, ben, monkeypatch
):
    running, waiting = await two_in_line(conversation, ada, ben)
    store, move_on, tries = finish.store, line.move_on, []
    monkeypatch.setattr(line, "move_on", lambda *_: None)

    def loses_its_answer(end):
        finished = store(end)
        tries.append(finished)
        monkeypatch.setattr(line, "move_on", move_on)
        if len(tries) == 1:
            raise OperationalError("the connection was lost after the commit")
        return finished

    monkeypatch.setattr(finish, "store", loses_its_answer)
    await in_thread(stop_answer)(running.pk, by=ada)
    assert (await ended(waiting)).status == "completed"


async def test_taken_back_it_is_never_asked_for(upstream, conversation, ada, ben):
    running, waiting = await two_in_line(conversation, ada, ben)
    last = (await send(conversation, ada)).answer
    await in_thread(stop_answer)(waiting.pk, by=ben)
    assert len(asked_of(upstream)) == 1
    await in_thread(stop_answer)(running.pk, by=ada)
    assert (await ended(last)).status == "completed"
    assert len(asked_of(upstream)) == 2
    assert not await in_thread(LedgerEntry.objects.filter(user_id=ben.pk).exists)()


async def test_who_cannot_pay_any_more_when_the_turn_comes_gets_the_reason(
    upstream, conversation, ada, ben
):
    running, waiting = await two_in_line(conversation, ada, ben)
    last = (await send(conversation, ada)).answer
    staff = await in_thread(make_user)(is_staff=True)
    await in_thread(budgets.limit_person)(ben, Limit("month", 10, None), by=staff)
    await in_thread(stop_answer)(running.pk, by=ada)
    refused = await ended(waiting)
    assert (refused.status, refused.completion.code) == ("failed", "budget_exceeded")
    assert refused.completion.detail.endswith(".")
    assert (await ended(last)).status == "completed"
    assert not await in_thread(Hold.objects.filter(state="held").exists)()


@pytest.mark.parametrize("change", ["removed", "reader", "suspended"])
async def test_who_may_not_write_any_more_is_not_charged(upstream, conversation, ada, ben, change):
    running, waiting = await two_in_line(conversation, ada, ben)
    await in_thread(_change)(conversation, ben, change)
    await in_thread(stop_answer)(running.pk, by=ada)
    assert (await ended(waiting)).status == "stopped"
    assert len(asked_of(upstream)) == 1


def _change(conversation, ben, change):
    place = Member.objects.filter(conversation=conversation, user=ben)
    if change == "removed":
        place.delete()
    elif change == "reader":
        place.update(role="reader")
    else:
        ben.is_active = False
        ben.save()


async def test_when_the_node_of_the_one_above_is_gone_the_next_begins_elsewhere(
    upstream, conversation, ada, ben
):
    await in_thread(make_team)(conversation, ben)
    left = await in_thread(make_left_behind)(conversation, ada, "what had come")
    waiting = (await send(conversation, ben)).answer
    assert await in_thread(recovery.recover_expired)() == 1
    assert (await ended(left)).status == "interrupted"
    assert (await ended(waiting)).status == "completed"
    assert asked_of(upstream)[0].request["messages"][-2]["content"] == "what had come"


async def test_when_the_node_that_should_begin_it_is_gone_another_finds_it(
    upstream, conversation, ada, ben, monkeypatch
):
    await in_thread(make_team)(conversation, ben)
    left = await in_thread(make_left_behind)(conversation, ada, "what had come")
    waiting = (await send(conversation, ben)).answer
    monkeypatch.setattr(line, "_takers", [])
    await in_thread(recovery.recover_expired)()
    assert (await ended(left)).status == "interrupted"
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0)
    monkeypatch.setitem(heart._last, "round", float("inf"))
    await heart.reap(runner.take)
    assert (await ended(waiting)).status == "completed"


def make_left_behind(conversation, person, text):
    """An answer of a node that is gone."""
    question = make_message(conversation, person)
    answer = make_message(conversation, parent=question, content=text, status="streaming")
    Completion.objects.filter(message=answer).update(
        lease_owner=uuid4(), lease_until=lease.LONG_AGO, requested_by=person
    )
    return answer


async def test_the_title_comes_from_the_first_question_and_not_from_talk(
    upstream, ada, ben, transactional_db
):
    conversation = await in_thread(make_conversation)(ada)
    await in_thread(make_team)(conversation, ben)
    await send(conversation, ada, "Good morning", reply=False)
    await ended((await send(conversation, ben, "What is a lease?")).answer)
    title = await until_titled(conversation)
    assert title == "What is a lease"
    entry = await in_thread(LedgerEntry.objects.get)(purpose="title")
    assert entry.user_id == ben.pk


async def until_titled(conversation):
    async with asyncio.timeout(5):
        while True:
            await in_thread(conversation.refresh_from_db)()
            if conversation.title:
                return conversation.title
            await asyncio.sleep(0.02)
