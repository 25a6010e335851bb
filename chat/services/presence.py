"""Who is here and who writes: hints that are never stored.

Each node knows its own sockets. It tells the others what changes, and every few seconds all of it, so that whatever was
lost is made up for; what a node does not repeat is forgotten. All of this lives on the server's loop.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID, uuid4

from chat import events, nodes
from chat.models import Member
from chat.services.viewers import People, Viewer, Viewers
from chat.shapes import Shape, encode
from webchat.threads import in_thread, on_loop, spawn

SAY_SECONDS, LOOKS = 10.0, 5  # all is said once, and the silent are looked for so often, in so long
GATHER_SECONDS = 0.05  # who comes together is told together
TYPING_SECONDS = 2.0
NODE = uuid4().hex
Said = dict[str, list[str]]  # conversation -> people, as other nodes get it

_viewers = Viewers()
_told: dict[UUID, People] = {}  # what the sockets here know
_due: dict[UUID, set[Viewer]] = {}  # what may have changed, and who has just come
_tasks = {"telling": False, "answering": False}


def view(socket: Viewer, conversation_id: UUID, *, can_write: bool) -> None:
    """A socket has it on screen from now on, and is told who else has."""
    before = _viewers.people_here(conversation_id)
    socket.open[conversation_id] = can_write
    _viewers.add(socket, conversation_id)
    events.listen(socket, events.viewers_group(conversation_id))
    _tell_soon([conversation_id], newcomer=socket)
    _say_if_changed(conversation_id, before)


def leave(socket: Viewer, conversation_id: UUID) -> None:
    """Leaving what is not open changes nothing."""
    if conversation_id in socket.open:
        before = _viewers.people_here(conversation_id)
        del socket.open[conversation_id]
        _viewers.remove(socket, conversation_id)
        events.unlisten(socket, [events.viewers_group(conversation_id)])
        _say_if_changed(conversation_id, before)


def _say_if_changed(conversation_id: UUID, before: People) -> None:
    now = _viewers.people_here(conversation_id)
    if now != before:
        _tell_soon([conversation_id])
        nodes.command("presence.changed", node=NODE, people=_said({conversation_id: now}))


def _said(people: Mapping[UUID, People]) -> Said:
    return {str(pk): [str(user_id) for user_id in who] for pk, who in people.items()}


# Telling the sockets of this process: one task, so that what is newer never comes first -----------


def _tell_soon(conversations: Iterable[UUID], newcomer: Viewer | None = None) -> None:
    for conversation_id in conversations:
        newcomers = _due.setdefault(conversation_id, set())
        if newcomer:
            newcomers.add(newcomer)
    if _due and not _tasks["telling"]:
        _tasks["telling"] = True
        spawn(_tell_what_is_due())


async def _tell_what_is_due() -> None:
    try:
        while _due:
            await asyncio.sleep(GATHER_SECONDS)
            due = dict(_due)
            _due.clear()
            for conversation_id, newcomers in due.items():
                await _tell(conversation_id, newcomers)
    finally:
        _tasks["telling"] = False


async def _tell(conversation_id: UUID, newcomers: set[Viewer]) -> None:
    people, before = _viewers.people(conversation_id), _told.pop(conversation_id, None)
    here = _viewers.sockets(conversation_id)
    if here:
        _told[conversation_id] = people
    whom = here if people != before else [socket for socket in here if socket in newcomers]
    await _send(whom, conversation_id, events.presence_changed(conversation_id, sorted(people)))


async def _send(whom: list[Viewer], conversation_id: UUID, event: Shape) -> None:
    frame = encode(event)
    for socket in whom:
        if conversation_id in socket.open:  # still
            await events.tell_one(socket, frame)


# What nodes tell each other ------------------------------------------------------------------------


async def beat_for_ever() -> None:
    while True:
        _say_all(_viewers.all_here())
        for _ in range(LOOKS):
            await asyncio.sleep(SAY_SECONDS / LOOKS)
            _tell_soon(_viewers.forget_silent(time.monotonic()))


def _say_all(people: Mapping[UUID, People]) -> None:
    nodes.command("presence.all", node=NODE, people=_said(people))


def say_farewell() -> None:
    """This process leaves: whom it still knows is told by others from now on."""
    _say_all({})


async def compare() -> None:
    """Something may have been lost, in both directions: say all, and ask for all."""
    _say_all(_viewers.all_here())
    nodes.command("presence.asked")


async def answer() -> None:
    """Another node asks; many that ask at once get one answer."""
    if not _tasks["answering"]:
        _tasks["answering"] = True
        await asyncio.sleep(GATHER_SECONDS)
        _tasks["answering"] = False
        _say_all(_viewers.all_here())


async def hear_changed(node: str, people: Said) -> None:
    _tell_soon(_with_sockets(_viewers.hear(node, _read(people), time.monotonic())))


async def hear_all(node: str, people: Said) -> None:
    _tell_soon(_with_sockets(_viewers.hear_all(node, _read(people), time.monotonic())))


def _read(people: Said) -> dict[UUID, People]:
    return {UUID(pk): frozenset(map(UUID, who)) for pk, who in people.items()}


def _with_sockets(conversations: Collection[UUID]) -> list[UUID]:
    return [conversation_id for conversation_id in conversations if conversation_id in _told]


# Typing ----------------------------------------------------------------------------------------------


async def note_typing(socket: Viewer, conversation_id: UUID) -> bool:
    """Tell everyone else who looks, on all nodes, and not too often; the person's own sockets never. False where
    the socket has not opened it, or the person cannot write there."""
    if not socket.open.get(conversation_id):
        return False
    now = time.monotonic()
    socket.typed = {pk: at for pk, at in socket.typed.items() if now - at < TYPING_SECONDS}
    if conversation_id not in socket.typed:
        socket.typed[conversation_id] = now
        told = (str(conversation_id), str(socket.user_id), socket.user.name)
        nodes.command("typing", conversation=told[0], person=told[1], name=told[2])
        await tell_typing(*told)
    return True


async def tell_typing(conversation: str, person: str, name: str) -> None:
    conversation_id, user_id = UUID(conversation), UUID(person)
    others = [one for one in _viewers.sockets(conversation_id) if one.user_id != user_id]
    event = events.typing_started(conversation_id, {"id": user_id, "name": name})
    await _send(others, conversation_id, event)


# Who may not see it any more -------------------------------------------------------------------------


def dismiss(user_id: UUID, conversation_id: UUID) -> None:
    """Their sockets hear nothing more of it, on every node. After commit, from any thread."""
    told = {"person": str(user_id), "conversation": str(conversation_id)}
    on_loop(dismiss_here, **told)
    nodes.command("dismiss", **told)


async def dismiss_here(person: str, conversation: str) -> None:
    _admit(UUID(person), UUID(conversation), can_write=None)


async def look() -> None:
    """A command that dismisses may be lost, and a role may have changed: ask for all sockets at once."""
    seen = {(socket.user_id, pk) for pk in _viewers.all_here() for socket in _viewers.sockets(pk)}
    places = await in_thread(_places)(seen) if seen else {}
    for pair in seen:
        _admit(*pair, can_write=places.get(pair))


def _admit(user_id: UUID, conversation_id: UUID, *, can_write: bool | None) -> None:
    """What a person's sockets may do in a conversation; None sends them away."""
    for socket in _viewers.sockets(conversation_id):
        if socket.user_id == user_id and can_write is None:
            leave(socket, conversation_id)
        elif socket.user_id == user_id:
            socket.open[conversation_id] = bool(can_write)


def can_write(user_id: UUID, conversation_id: UUID) -> bool | None:
    """None for those to whom the conversation does not exist."""
    return _places({(user_id, conversation_id)}).get((user_id, conversation_id))


def _places(asked: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], bool]:
    people, conversations = zip(*asked, strict=True)
    members = Member.objects.filter(user__in=set(people), conversation__in=set(conversations))
    rows = members.only("user", "conversation", "role")
    return {(one.user_id, one.conversation_id): one.can_write() for one in rows}
