"""Everything that is told over the socket, and the only module that touches the channel layer.

Facts go to people (every socket of a member), deltas go to those who have the conversation on screen.
Sockets of this process are told directly; the layer carries the same frame to the other processes, if there are any.
A lost event is healed by the page (a version or an offset that skips), so a broken layer is logged, never raised.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from chat.shapes import Shape, encode
from webchat.threads import on_loop

log = structlog.get_logger(__name__)
NODE = uuid4().hex


class Socket(Protocol):
    channel_name: str

    async def hear(self, frame: str) -> None: ...


_here: defaultdict[str, set[Socket]] = defaultdict(set)


def person_group(user_id: UUID) -> str:
    return f"person.{user_id}"


def viewers_group(conversation_id: UUID) -> str:
    return f"viewers.{conversation_id}"


def publish(event: Shape, *, to: Iterable[UUID]) -> None:
    """Tell people a fact, after commit. What fails here cannot fail a request whose rows are stored."""
    groups, frame = [person_group(user_id) for user_id in to], encode(event)
    transaction.on_commit(partial(on_loop, _send, groups, frame), robust=True)


async def tell_viewers(conversation_id: UUID, event: Shape) -> None:
    """Tell those who look at a conversation, at once and without storage."""
    await _send([viewers_group(conversation_id)], encode(event))


async def _send(groups: list[str], frame: str) -> None:
    for group in groups:
        for socket in list(_here.get(group, ())):
            await _tell(socket, frame)
        if settings.REDIS_URL:
            await _send_to_other_processes(group, frame)


async def _tell(socket: Socket, frame: str) -> None:
    """One socket that breaks must not keep the fact from the others."""
    try:
        await socket.hear(frame)
    except Exception:
        log.exception("socket.broke")


async def _send_to_other_processes(group: str, frame: str) -> None:
    event = {"type": "chat.event", "frame": frame, "node": NODE}
    try:
        await get_channel_layer().group_send(group, event)
    except (OSError, RuntimeError) as problem:
        log.warning("layer.failed", group=group, problem=type(problem).__name__)


def frame_from_elsewhere(event: dict[str, Any]) -> str | None:
    """What another process has sent; our own sockets have heard our own frames."""
    return None if event["node"] == NODE else event["frame"]


async def listen(socket: Socket, group: str) -> None:
    _here[group].add(socket)
    if settings.REDIS_URL:
        await get_channel_layer().group_add(group, socket.channel_name)


async def unlisten(socket: Socket, groups: list[str]) -> None:
    """First what cannot fail, then the layer: a socket that has gone must not be told anything more."""
    for group in groups:
        _here[group].discard(socket)
        if not _here[group]:
            del _here[group]
    if settings.REDIS_URL:
        for group in groups:
            await get_channel_layer().group_discard(group, socket.channel_name)


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


def conversation_removed(conversation_id: UUID) -> Shape:
    return {"type": "conversation.removed", "conversation": conversation_id}


def _about_message(name: str, message: Shape) -> Shape:
    return {
        "type": name,
        "conversation": message["conversation"],
        "version": message["version"],
        "message": message,
    }


def _about_conversation(name: str, item: Shape) -> dict[str, Any]:
    return {"type": name, "conversation": item["id"], "version": item["version"], "item": item}
