"""One socket a tab. It hears; of what it says only three things are known, and none of them changes anything."""

import time
from typing import Any, ClassVar
from uuid import UUID, uuid4

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from accounts.models import User
from accounts.services import sessions
from chat import events, shapes
from chat.completions import runner
from chat.completions.relay import from_utf16_offset
from chat.models import Message
from chat.services import presence
from chat.services.sockets import SocketSessions
from webchat import metrics
from webchat.threads import in_thread

SUBPROTOCOL = "webchat.v1"
FRAME_BYTES = 16 * 1024
COMMANDS_A_SECOND, BURST = 20, 60
OPEN_AT_ONCE = 20
MOST_OFFSET = 2**31
SIGN_IN, NOT_ALLOWED, NODE_LEAVES, TOO_MANY, SESSION_ENDED = 4401, 4403, 4412, 4429, 4440


class Command(msgspec.Struct, forbid_unknown_fields=True):
    """Any frame that a page may send; the fields are checked where they are used."""

    type: str
    conversation: UUID | None = None
    message: UUID | None = None
    offset: int = 0


class EventConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = (
        ""  # none: `nodes` has one place in the layer for all sockets of the process
    )
    commands: ClassVar[dict[str, str]] = {
        "conversation.open": "_open_conversation",
        "conversation.close": "_close_conversation",
        "completion.sync": "_send_what_is_missing",
        "typing.started": "_note_typing",
    }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Channels calls no `disconnect` after an error: who has gone must be forgotten all the same."""
        self.open: dict[UUID, bool] = {}  # and whether the person can write there
        self.typed: dict[UUID, float] = {}
        self._is_in = False
        self._allowance, self._refilled = float(BURST), time.monotonic()
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._leave()

    async def connect(self) -> None:
        offered = SUBPROTOCOL in self.scope["subprotocols"]
        await self.accept(SUBPROTOCOL if offered else None)
        self.session_key = sessions.key_in(self.scope)
        user = await in_thread(sessions.user_of)(self.session_key) if offered else None
        if user is None:
            await self.close(SIGN_IN if offered else NOT_ALLOWED)
            return
        await self._welcome(user)

    async def _welcome(self, user: User) -> None:
        self.user, self.user_id, self._is_in = user, user.pk, True
        metrics.SOCKETS.inc()
        self._group = f"socket.{uuid4().hex}"
        events.listen(self, events.person_group(user.pk))
        events.listen(self, self._group)
        events.listen(self, events.EVERYBODY)
        SocketSessions.watch(self)
        await self.greet()

    async def greet(self) -> None:
        """Once at the beginning; later it means that something may have been missed."""
        await self._say({"type": "hello", "user": self.user_id})

    async def disconnect(self, code: int) -> None:
        await self._leave()

    async def _leave(self) -> None:
        """Hear nothing more; leaving twice changes nothing."""
        if not self._is_in:
            return
        self._is_in = False
        person = events.person_group(self.user_id)
        metrics.SOCKETS.dec()
        SocketSessions.forget(self)
        events.unlisten(self, [person, self._group, events.EVERYBODY])
        for conversation_id in list(self.open):
            presence.leave(self, conversation_id)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._is_in:
            return
        if not self._may_speak():
            await self._refuse(
                "too_many", "Too many commands at once. The page connects again in a moment."
            )
            await self.close(TOO_MANY)
        elif text_data is None or len(text_data.encode("utf-8", "replace")) > FRAME_BYTES:
            await self._refuse("frame_too_large", "A frame is text of at most 16 KiB.")
        else:
            await self._obey(text_data)

    def _may_speak(self) -> bool:
        now = time.monotonic()
        refill = (now - self._refilled) * COMMANDS_A_SECOND
        self._allowance, self._refilled = min(BURST, self._allowance + refill) - 1, now
        return self._allowance >= 0

    async def _obey(self, text: str) -> None:
        try:
            command = msgspec.json.decode(text, type=Command)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            await self._refuse("invalid_frame", "The frame is not a command that is known here.")
            return
        handler = self.commands.get(command.type)
        if handler is None:
            await self._refuse("unknown_command", "There is no such command.")
            return
        try:
            await getattr(self, handler)(command)
        except DatabaseError:
            await self._refuse("unavailable", "The database is away. Try again in a moment.")

    async def _open_conversation(self, command: Command) -> None:
        """Deltas of this conversation come from now on; what was missed is asked for over HTTP."""
        wanted = command.conversation
        may = await self._can_write(wanted) if wanted else None
        if wanted is None or may is None:
            await self._refuse_conversation()
        elif wanted not in self.open and len(self.open) >= OPEN_AT_ONCE:
            await self._refuse("too_many_open", "Close a conversation first.")
        else:
            presence.view(self, wanted, can_write=may)
            await self._make_sure_of(wanted)

    async def _make_sure_of(self, conversation_id: UUID) -> None:
        """Who was removed between the question and now had not opened it yet, and so was not dismissed."""
        if await self._can_write(conversation_id) is None:
            presence.leave(self, conversation_id)
            await self._refuse_conversation()

    async def _close_conversation(self, command: Command) -> None:
        if command.conversation:
            presence.leave(self, command.conversation)

    async def _send_what_is_missing(self, command: Command) -> None:
        """One delta with everything from `offset`; and the end, if the answer has ended."""
        shape = await in_thread(self._message)(command.message) if command.message else None
        if shape is None or command.offset < 0:
            await self._refuse(
                "not_found", "There is no such message, or it is not shared with you."
            )
            return
        offset = min(command.offset, MOST_OFFSET)
        text = runner.text_of(shape["id"])
        if text is None:
            text = shape["content"]
            runner.ask_for_text(shape["id"], offset, self._group)
        missing = from_utf16_offset(text, offset)
        await self._say(events.completion_delta(shape["id"], offset, missing))
        if shape["status"] not in ("queued", "streaming"):
            await self._say(events.completion_finished(shape))

    async def _note_typing(self, command: Command) -> None:
        wanted = command.conversation
        if wanted is None or not await presence.note_typing(self, wanted):
            await self._refuse_conversation()

    async def _can_write(self, conversation_id: UUID) -> bool | None:
        return await in_thread(presence.can_write)(self.user_id, conversation_id)

    def _message(self, message_id: UUID) -> shapes.Shape | None:
        mine = Message.objects.visible_to(self.user).with_details().select_related("conversation")
        message = mine.filter(pk=message_id).first()
        return shapes.message_shapes(message.conversation, [message])[0] if message else None

    async def hear(self, frame: str) -> None:
        metrics.EVENTS.inc()
        await self.send(text_data=frame)

    async def end_session(self) -> None:
        await self.close(SESSION_ENDED)

    async def go_elsewhere(self) -> None:
        await self.close(NODE_LEAVES)

    async def _say(self, event: shapes.Shape) -> None:
        await self.send(text_data=shapes.encode(event))

    async def _refuse_conversation(self) -> None:
        await self._refuse(
            "not_found", "There is no such conversation, or it is not shared with you."
        )

    async def _refuse(self, code: str, detail: str) -> None:
        await self._say({"type": "error", "code": code, "detail": detail})
