"""(eight roles) x (every command of the socket, found in its table) x (six kinds of id): each with its answer."""

import json
from typing import Any

import pytest

from chat.consumers import EventConsumer
from tests.access.world import KINDS, ROLES, World, make_world
from tests.tabs import Tab, session_for, tab
from webchat.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
COMMANDS = sorted(EventConsumer.commands)
COUNT = len(ROLES) * len(COMMANDS) * len(KINDS)
SIGN_IN = 4401
MEMBERS = ("reader", "writer", "owner")
BEFORE = ("completion.sync", "typing.started")  # what a page sends once it has opened something


async def test_everybody_hears_what_is_theirs(site):
    """Not signed in: closed. No id: not understood. Not theirs, deleted, never there: one and the same error."""
    world = await in_thread(make_world)()
    sessions = {role: await in_thread(session_for)(user) for role, user in world.people.items()}
    wrong = []
    for role in ROLES:
        cases = await answered(site.url, world, role, sessions.get(role))
        wrong.extend((role, *case) for case in cases if case[-2] != case[-1])
    print(f"access over the socket: {COUNT} cases of {len(COMMANDS)} commands")
    assert wrong == []


async def answered(
    url: str, world: World, role: str, session: str | None
) -> list[tuple[str, str, str, str]]:
    """(command, kind of id, what came, what should have come). A tab for each command: a socket may say only so much
    at once."""
    found = []
    for command in COMMANDS:
        async with tab(url, session) as page:
            await page.connect()
            found += await of_command(page, world, role, command)
    return found


async def of_command(
    page: Tab, world: World, role: str, command: str
) -> list[tuple[str, str, str, str]]:
    if role in ("anonymous", "suspended"):
        code = str(await page.close_code())
        return [(command, kind, code, str(SIGN_IN)) for kind in KINDS]
    return [
        (command, kind, await said_to(page, world, command, kind), expected(role, command, kind))
        for kind in KINDS
    ]


def expected(role: str, command: str, kind: str) -> str:
    if kind == "malformed":
        return "invalid_frame"
    if command == "conversation.close":  # nothing to tell: what is not open is not open afterwards
        return "ok"
    if kind != "own" or role not in MEMBERS:
        return "not_found"
    return "not_found" if command == "typing.started" and role == "reader" else "ok"


async def said_to(page: Tab, world: World, command: str, kind: str) -> str:
    """The code of the error that came, or "ok"."""
    if command in BEFORE:
        own = world.ids["conversation_id"]["own"]
        await errors_after(page, type="conversation.open", conversation=own)
    name, ids = (
        ("message", "answer_id")
        if command == "completion.sync"
        else ("conversation", "conversation_id")
    )
    offset = {"offset": 0} if name == "message" else {}
    errors = await errors_after(page, type=command, **{name: world.ids[ids][kind]}, **offset)
    return errors[0] if errors else "ok"


async def errors_after(page: Tab, **command: Any) -> list[str]:
    """Until the answer to a question that comes after it: the codes of the errors in between."""
    await page.send(**command)
    await page.send(type="no.such.command")
    codes = []
    while True:
        event = json.loads(await page.socket.recv())
        if event["type"] == "error":
            if event["code"] == "unknown_command":
                return codes
            codes.append(event["code"])
