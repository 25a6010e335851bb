"""A page without a browser: it keeps what it was shown, notices what it has missed, and asks for it, as ours does."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import websockets

from tests.tabs import Tab

SILENCE_SECONDS = 3.0  # then it asks after a running answer
ASK_AT_MOST_EVERY = 0.7
FINAL = {"completed", "stopped", "truncated", "failed", "interrupted"}


@dataclass
class Seen:
    """An answer as the page has it. Texts here are ASCII, so that a length is one in UTF-16 too."""

    text: str = ""
    status: str = "queued"
    heard_at: float = field(default_factory=time.monotonic)
    asked_at: float = 0
    finished_at: float = 0

    @property
    def is_final(self) -> bool:
        return self.status in FINAL


class Page:
    """Looks at one conversation through one socket at a time; `url` may be another one after each cut."""

    def __init__(self, url: str, session: str, conversation: UUID | str) -> None:
        self.session = session
        self.conversation = conversation
        self.tab = Tab(url, session)
        self.answers: dict[str, Seen] = {}
        self.close_code = 0
        self._listener: asyncio.Task[None] | None = None

    @property
    def caller(self) -> int:
        """The port that its socket has on this side."""
        return int(self.tab.socket.local_address[1])

    async def look(self) -> "Page":
        """Connect, say what is on screen, and ask for the rest of what is being written."""
        await self.tab.connect()
        await self.tab.send(type="conversation.open", conversation=self.conversation)
        await self.tab.send(type="are.you.there")
        while (frame := json.loads(await self.tab.socket.recv()))["type"] != "error":
            await self._hear(frame)
        await self._sync_all()
        self._listener = asyncio.create_task(self._listen())
        return self

    async def ask(self, content: str, **fields: Any) -> str:
        """The id of the answer."""
        answer = await self.tab.ask(_Id(self.conversation), content, **fields)
        self.answers.setdefault(answer["id"], Seen())
        return str(answer["id"])

    async def come_back(self, url: str) -> None:
        """A new socket, perhaps to another node; what was shown is still on screen."""
        await self.leave()
        self.close_code = 0
        self.tab = Tab(url, self.session)
        await self.look()

    async def leave(self) -> None:
        if self._listener:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        if self.tab.socket is not None:
            await self.tab.socket.close()
        await self.tab.http.aclose()

    async def end_of(self, answer: str, seconds: float = 30) -> Seen:
        seen = self.answers.setdefault(answer, Seen())
        async with asyncio.timeout(seconds):
            while not seen.is_final:
                await asyncio.sleep(0.02)
        return seen

    async def shows(self, answer: str, length: int, seconds: float = 15) -> None:
        """Until so much of it is on screen."""
        seen = self.answers.setdefault(answer, Seen())
        async with asyncio.timeout(seconds):
            while len(seen.text) < length:
                await asyncio.sleep(0.02)

    async def _listen(self) -> None:
        """Until the connection breaks; whoever holds the page brings it back."""
        while True:
            try:
                async with asyncio.timeout(1):
                    frame = json.loads(await self.tab.socket.recv())
                await self._hear(frame)
            except TimeoutError:
                await self._ask_after_the_silent()
            except websockets.ConnectionClosed as closed:
                self.close_code = int(closed.rcvd.code) if closed.rcvd else 1006
                return

    async def _hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "completion.delta":
            await self._grow(frame["message"], frame["offset"], frame["text"])
        elif frame["type"] == "completion.finished":
            self._finish(frame["message"])
        elif frame["type"] == "message.updated":
            self._reset(frame["message"])
        elif frame["type"] == "hello":  # once more: something may have been missed
            await self._sync_all()

    async def _grow(self, answer: str, offset: int, text: str) -> None:
        seen = self.answers.setdefault(answer, Seen())
        seen.heard_at = time.monotonic()
        if offset > len(seen.text):
            await self._sync(answer)
        else:
            seen.text += text[len(seen.text) - offset :]

    def _finish(self, message: dict[str, Any]) -> None:
        """It carries the whole row. It is shorter than what was shown where a node died before saving its last."""
        seen = self.answers.setdefault(message["id"], Seen())
        if seen.is_final:
            return
        told, shown = message["content"], seen.text
        assert told.startswith(shown) or (
            message["status"] == "interrupted" and shown.startswith(told)
        )
        seen.text, seen.status = told, message["status"]
        seen.finished_at = time.monotonic()

    def _reset(self, message: dict[str, Any]) -> None:
        """An answer that is begun again is taken as it is."""
        if seen := self.answers.get(message["id"]):
            seen.text, seen.status = message["content"], message["status"]

    async def _ask_after_the_silent(self) -> None:
        for answer, seen in self.answers.items():
            if not seen.is_final and time.monotonic() - seen.heard_at > SILENCE_SECONDS:
                await self._sync(answer)

    async def _sync_all(self) -> None:
        for answer in self.answers:
            await self._sync(answer)

    async def _sync(self, answer: str) -> None:
        seen = self.answers[answer]
        if not seen.is_final and time.monotonic() - seen.asked_at > ASK_AT_MOST_EVERY:
            seen.asked_at = time.monotonic()
            offset = len(seen.text)
            await self.tab.send(type="completion.sync", message=answer, offset=offset)


@dataclass(frozen=True)
class _Id:
    """Where only a conversation's id is needed."""

    pk: UUID | str


@asynccontextmanager
async def looking(*pages: Page) -> AsyncIterator[tuple[Page, ...]]:
    try:
        await asyncio.gather(*(page.look() for page in pages))
        yield pages
    finally:
        await asyncio.gather(*(page.leave() for page in pages))
