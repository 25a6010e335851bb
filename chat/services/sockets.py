"""A socket lives on after its session has ended, and goes on hearing a conversation that is not its person's any more,
unless somebody looks: all sockets of the process are looked after together, every few seconds."""

import asyncio
from contextlib import suppress
from typing import Any, ClassVar, Protocol

import structlog
from django.db import DatabaseError

from accounts.models import User
from accounts.services import sessions
from chat import nodes
from chat.services import presence
from webchat.threads import in_thread, on_loop, spawn

log = structlog.get_logger(__name__)
LOOK_EVERY_SECONDS = 4.0


class Socket(Protocol):
    session_key: str
    user_id: Any

    async def end_session(self) -> None: ...

    async def go_elsewhere(self) -> None: ...


class SocketSessions:
    """The sockets of this process and the one task that looks after their sessions."""

    sockets: ClassVar[set[Socket]] = set()
    _is_watched: ClassVar[bool] = False

    @classmethod
    def watch(cls, socket: Socket) -> None:
        cls.sockets.add(socket)
        if not cls._is_watched:
            cls._is_watched = True
            spawn(cls._look_while_there_are_sockets())

    @classmethod
    def forget(cls, socket: Socket) -> None:
        cls.sockets.discard(socket)

    @classmethod
    async def _look_while_there_are_sockets(cls) -> None:
        while cls.sockets:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await cls.look()
            except DatabaseError as problem:
                log.warning("sessions.unchecked", problem=type(problem).__name__)
            except Exception:
                log.exception("sessions.unchecked")
        cls._is_watched = False

    @classmethod
    async def send_away(cls) -> None:
        """This node leaves: the pages connect again, spread out, to whoever serves then."""
        for socket in list(cls.sockets):
            with suppress(Exception):  # it may have gone by itself
                await socket.go_elsewhere()

    @classmethod
    async def look(cls) -> None:
        """Close the sockets whose sessions do not hold any more; the rest hear what is theirs."""
        asked = list(cls.sockets)
        ended = await in_thread(_ended)({(socket.session_key, socket.user_id) for socket in asked})
        for socket in asked:
            if (socket.session_key, socket.user_id) in ended:
                cls.forget(socket)
                await socket.end_session()
        await presence.look()


def look_at_once(user: User) -> None:
    """A session may have ended just now: do not wait for the next look, here or elsewhere."""
    on_loop(SocketSessions.look)
    nodes.command("look")


def _ended(held: set[tuple[str, Any]]) -> set[tuple[str, Any]]:
    holders = sessions.holders({key for key, _ in held})
    return {(key, pk) for key, pk in held if key not in holders or holders[key].pk != pk}
