"""Who is here and who writes, in one process, with other nodes played."""

import asyncio
import json
from types import SimpleNamespace
from uuid import uuid4

import pytest

from chat import nodes
from chat.consumers import Command, EventConsumer
from chat.models import Member
from chat.services import presence
from chat.services.viewers import Viewers
from webchat import threads
from webchat.threads import in_thread

ADA, BEN = (SimpleNamespace(pk=uuid4(), name=name) for name in ("Ada", "Ben"))
PLACE = uuid4()


class Tab:
    def __init__(self, user):
        self.user, self.user_id = user, user.pk
        self.open, self.typed = {}, {}
        self.heard = []

    async def hear(self, frame):
        self.heard.append(json.loads(frame))

    def people(self):
        """Each time it was told who is there."""
        return [set(event["people"]) for event in self.heard if "people" in event]


@pytest.fixture(autouse=True)
def said(monkeypatch):
    """A process that nobody is connected to; what it says to others."""
    told = []
    monkeypatch.setattr(presence, "_viewers", Viewers())
    monkeypatch.setattr(presence, "GATHER_SECONDS", 0)
    for name in ("_told", "_due"):
        monkeypatch.setattr(presence, name, {})
    monkeypatch.setattr(nodes, "command", lambda do, **fields: told.append((do, fields)))
    return told


@pytest.fixture
async def loop():
    threads.attach(asyncio.get_running_loop())
    yield
    threads.attach(None)


def look(user, *, can_write=True, at=PLACE):
    tab = Tab(user)
    presence.view(tab, at, can_write=can_write)
    return tab


async def settled():
    """Until all that is due is told."""
    async with asyncio.timeout(5):
        while presence._due or presence._tasks["telling"]:
            await asyncio.sleep(0)


def ids(*users):
    return {str(user.pk) for user in users}


async def test_who_opens_hears_who_is_there_even_alone():
    ada = look(ADA)
    await settled()
    assert ada.people() == [ids(ADA)]
    presence.view(ada, PLACE, can_write=True)
    await settled()
    assert ada.people() == [ids(ADA), ids(ADA)]


async def test_the_others_hear_only_what_changes(said):
    ada = look(ADA)
    await settled()
    ben, ben_too = look(BEN), look(BEN)
    await settled()
    presence.leave(ben, PLACE)
    await settled()
    presence.leave(ben_too, PLACE)
    await settled()
    assert ada.people() == [ids(ADA), ids(ADA, BEN), ids(ADA)]
    assert (ben.people(), ben_too.people()) == ([ids(ADA, BEN)], [ids(ADA, BEN)])
    assert [do for do, _ in said] == ["presence.changed"] * 3
    assert presence._told.keys() == {PLACE}


async def test_another_conversation_hears_nothing():
    ada = look(ADA, at=uuid4())
    look(BEN)
    await settled()
    assert ada.people() == [ids(ADA)]


async def test_what_one_node_says_another_understands(said):
    ada = look(ADA)
    await settled()
    [(_, fields)] = said
    fields = json.loads(json.dumps(fields)) | {"node": "b"}
    presence.leave(ada, PLACE)
    ben = look(BEN)
    await presence.hear_changed(**fields)
    await settled()
    assert ben.people() == [ids(ADA, BEN)]
    await presence.hear_all("b", {})
    await settled()
    assert ben.people() == [ids(ADA, BEN), ids(BEN)]


async def test_saying_the_same_again_tells_nobody():
    ben = look(BEN)
    for _ in range(3):
        await presence.hear_all("b", {str(PLACE): [str(ADA.pk)]})
        await settled()
    assert ben.people() == [ids(ADA, BEN)]


async def test_a_beat_says_all_in_one_command(said, monkeypatch):
    monkeypatch.setattr(presence, "SAY_SECONDS", 1000)
    tabs = [look(ADA, at=uuid4()) for _ in range(10)]
    said.clear()
    beat = asyncio.ensure_future(presence.beat_for_ever())
    await asyncio.sleep(0)
    beat.cancel()
    [(do, fields)] = said
    assert do == "presence.all"
    assert fields["people"] == {str(next(iter(tab.open))): [str(ADA.pk)] for tab in tabs}


async def test_many_who_ask_get_one_answer(said):
    await asyncio.gather(*(presence.answer() for _ in range(10)))
    assert [do for do, _ in said] == ["presence.all"]


async def test_a_socket_that_breaks_keeps_nothing_from_the_others():
    broken, ada = look(BEN), look(ADA)
    broken.hear = None
    await settled()
    assert ada.people() == [ids(ADA, BEN)]


# Typing --------------------------------------------------------------------------------------------


def typists(tab):
    return [event["person"] for event in tab.heard if event["type"] == "typing.started"]


async def test_typing_is_told_to_others_only_and_not_too_often(said):
    ada, ada_too, ben = look(ADA), look(ADA), look(BEN)
    assert [await presence.note_typing(ada, PLACE) for _ in range(3)] == [True] * 3
    assert typists(ben) == [{"id": str(ADA.pk), "name": "Ada"}]
    assert (typists(ada), typists(ada_too)) == ([], [])
    assert [do for do, _ in said if do == "typing"] == ["typing"]
    presence.leave(ada, PLACE)
    presence.view(ada, PLACE, can_write=True)
    await presence.note_typing(ada, PLACE)
    assert len(typists(ben)) == 1
    ada.typed[PLACE] -= presence.TYPING_SECONDS
    await presence.note_typing(ada, PLACE)
    assert len(typists(ben)) == 2


async def test_who_cannot_write_does_not_type(said):
    reader, ben = look(ADA, can_write=False), look(BEN)
    assert not await presence.note_typing(reader, PLACE)
    assert not await presence.note_typing(Tab(ADA), PLACE)
    assert typists(ben) == []
    assert "typing" not in {do for do, _ in said}


async def test_typing_is_remembered_no_longer_than_it_must():
    ada = Tab(ADA)
    ada.typed = {uuid4(): 0.0 for _ in range(100)}
    presence.view(ada, PLACE, can_write=True)
    await presence.note_typing(ada, PLACE)
    assert ada.typed.keys() == {PLACE}


# Who may not see it any more -----------------------------------------------------------------------


async def test_who_is_dismissed_stops_viewing_with_all_sockets(loop, said):
    ada, ada_too, ben = look(ADA), look(ADA), look(BEN)
    elsewhere = uuid4()
    presence.view(ada, elsewhere, can_write=True)
    await settled()
    presence.dismiss(ADA.pk, PLACE)
    async with asyncio.timeout(5):
        while PLACE in ada.open or PLACE in ada_too.open:
            await asyncio.sleep(0)
    await settled()
    assert ada.open == {elsewhere: True}
    assert ben.people()[-1] == ids(BEN)
    assert ("dismiss", {"person": str(ADA.pk), "conversation": str(PLACE)}) in said


@pytest.mark.django_db(transaction=True)
async def test_a_look_finds_who_is_no_member_and_who_may_not_write(conversation, ada, ben, cyd):
    for person, role in ((ben, "writer"), (cyd, "writer")):
        await in_thread(Member.objects.create)(conversation=conversation, user=person, role=role)
    tabs = [look(person, at=conversation.pk) for person in (ada, ben, cyd)]
    await in_thread(Member.objects.filter(user=ben).delete)()
    await in_thread(Member.objects.filter(user=cyd).update)(role="reader")
    await presence.look()
    assert [tab.open for tab in tabs] == [{conversation.pk: True}, {}, {conversation.pk: False}]
    await in_thread(Member.objects.filter(user=cyd).update)(role="writer")
    await presence.look()
    assert tabs[2].open == {conversation.pk: True}


@pytest.mark.django_db(transaction=True)
async def test_a_look_at_many_is_one_query(conversation, ada, monkeypatch):
    asked = []
    places = presence._places
    monkeypatch.setattr(presence, "_places", lambda pairs: asked.append(pairs) or places(pairs))
    for _ in range(50):
        look(ada, at=conversation.pk)
        look(BEN, at=uuid4())
    await presence.look()
    assert [len(pairs) for pairs in asked] == [51]
    assert presence._viewers.all_here().keys() == {conversation.pk}


async def test_who_is_removed_while_they_open_it_hears_nothing(monkeypatch):
    """The command to dismiss them came before they had it open."""
    answers = [True, None]
    monkeypatch.setattr(presence, "can_write", lambda user, conversation: answers.pop(0))
    socket = EventConsumer()
    socket.user, socket.user_id, socket.open, socket.typed = BEN, BEN.pk, {}, {}
    heard = []

    async def send(text_data):
        heard.append(json.loads(text_data))

    socket.send = send
    await socket._open_conversation(Command("conversation.open", conversation=PLACE))
    await settled()
    assert (socket.open, presence._viewers.all_here()) == ({}, {})
    assert heard[-1]["code"] == "not_found"
