"""Everything that is told over the socket.

Facts go to people (every socket of a member), deltas go to those who have the conversation on screen.
Sockets of this process are told directly; `nodes` carries the same frame to the other processes, if there are any.
A lost event is healed by the page (a version or an offset that skips).
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

import structlog

from chat import nodes
from chat.models import Conversation
from chat.shapes import Shape, encode
from webchat.commits import after_commit
from webchat.threads import on_loop

log = structlog.get_logger(__name__)
HEAL_SECONDS = 3.0
EVERYBODY = "everybody"


class Socket(Protocol):
    async def hear(self, frame: str) -> None: ...

    async def greet(self) -> None: ...


_here: defaultdict[str, set[Socket]] = defaultdict(set)
_losses = {"noticed": 0, "healed": 0}


def person_group(user_id: UUID) -> str:
    return f"person.{user_id}"


def viewers_group(conversation_id: UUID) -> str:
    return f"viewers.{conversation_id}"


def publish(event: Shape, *, to: Iterable[UUID]) -> None:
    """Tell people a fact, after commit. What fails here cannot fail a request whose rows are stored."""
    groups, frame = [person_group(user_id) for user_id in to], encode(event)
    after_commit(on_loop, _send, groups, frame)


def publish_to_all(event: Shape) -> None:
    """Tell everybody who is connected."""
    after_commit(on_loop, _send, [EVERYBODY], encode(event))


async def tell_viewers(conversation_id: UUID, event: Shape) -> None:
    """Tell those who look at a conversation, at once and without storage."""
    await _send([viewers_group(conversation_id)], encode(event))


async def answer_socket(group: str, event: Shape) -> None:
    """Tell one socket of another process, by the group that it named."""
    nodes.pass_on([group], encode(event))


async def _send(groups: list[str], frame: str) -> None:
    nodes.pass_on(groups, frame)
    await tell_here(groups, frame)


async def tell_here(groups: list[str], frame: str) -> None:
    """Tell the sockets of this process."""
    for group in groups:
        for socket in list(_here.get(group, ())):
            await tell_one(socket, frame)


async def tell_one(socket: Socket, frame: str) -> None:
    """One socket that breaks must not keep the fact from the others."""
    try:
        await socket.hear(frame)
    except Exception:
        log.exception("socket.broke")


async def heal_here() -> None:
    """Something that others said was lost: greet every socket anew, whereupon its page asks for what it lacks."""
    _losses["noticed"] += 1
    if _losses["noticed"] - _losses["healed"] == 1:
        while _losses["healed"] < (noticed := _losses["noticed"]):
            await _greet_all({socket for sockets in _here.values() for socket in sockets})
            _losses["healed"] = noticed


async def _greet_all(sockets: set[Socket]) -> None:
    """Spread over a while: every greeting makes a page ask."""
    for socket in sockets:
        await asyncio.sleep(HEAL_SECONDS / len(sockets))
        try:
            await socket.greet()
        except Exception:
            log.exception("socket.broke")


def listen(socket: Socket, group: str) -> None:
    _here[group].add(socket)


def unlisten(socket: Socket, groups: list[str]) -> None:
    for group in groups:
        _here[group].discard(socket)
        if not _here[group]:
            del _here[group]


# The events, one function each: their names and fields are the contract of the socket. ------------


def message_created(message: Shape) -> Shape:
    return _about_message("message.created", message)


def message_updated(message: Shape) -> Shape:
    return _about_message("message.updated", message)


def message_deleted(message: Shape) -> Shape:
    return _about_message("message.deleted", message)


def completion_finished(message: Shape) -> Shape:
    return _about_message("completion.finished", message)


def completion_delta(message_id: UUID, offset: int, text: str) -> Shape:
    """`offset` in UTF-16 code units: what JavaScript's `length` counts."""
    return {"type": "completion.delta", "message": message_id, "offset": offset, "text": text}


def completion_waiting(message_id: UUID, seconds: float) -> Shape:
    return {"type": "completion.waiting", "message": message_id, "seconds": seconds}


def conversation_created(item: Shape) -> Shape:
    return _about_conversation("conversation.created", item)


def conversation_updated(item: Shape) -> Shape:
    return _about_conversation("conversation.updated", item)


def conversation_removed(conversation_id: UUID, reason: str = "deleted") -> Shape:
    """`reason`: deleted for all, or the person was removed, or left."""
    return {"type": "conversation.removed", "conversation": conversation_id, "reason": reason}


def member_joined(conversation: Conversation, member: Shape) -> Shape:
    return _about_member("member.joined", conversation, member)


def member_left(conversation: Conversation, member: Shape) -> Shape:
    return _about_member("member.left", conversation, member)


def member_changed(conversation: Conversation, member: Shape) -> Shape:
    return _about_member("member.changed", conversation, member)


def presence_changed(conversation_id: UUID, people: list[UUID]) -> Shape:
    """Everyone who has the conversation on screen, on whatever node."""
    return {"type": "presence.changed", "conversation": conversation_id, "people": people}


def typing_started(conversation_id: UUID, person: Shape) -> Shape:
    return {"type": "typing.started", "conversation": conversation_id, "person": person}


def notification_created(notification: Shape, unread: int) -> Shape:
    return {"type": "notification.created", "notification": notification, "unread": unread}


def notifications_read(unread: int) -> Shape:
    return {"type": "notifications.read", "unread": unread}


def budget_changed() -> Shape:
    """No figures: the page asks for its own, and not more often than it wants to."""
    return {"type": "budget.changed"}


def _about_message(name: str, message: Shape) -> Shape:
    return {
        "type": name,
        "conversation": message["conversation"],
        "version": message["version"],
        "message": message,
    }


def _about_conversation(name: str, item: Shape) -> Shape:
    return {"type": name, "conversation": item["id"], "version": item["version"], "item": item}


def _about_member(name: str, conversation: Conversation, member: Shape) -> Shape:
    return {
        "type": name,
        "conversation": conversation.pk,
        "version": conversation.version,
        "member": member,
    }
