"""A browser's tab without the browser: a session, its HTTP calls and its socket, against a real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import websockets
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User
from chat.models import Conversation
from tests.factories import posting

CSRF = "a" * 32
SUBPROTOCOL = "webchat.v1"


def session_for(user: User) -> str:
    """The key of a session as signing in makes one."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


class Tab:
    def __init__(self, url: str, session: str) -> None:
        self.url = url
        cookies = {"sessionid": session, "csrftoken": CSRF}
        headers = {"X-CSRFToken": CSRF, "Origin": url}
        self.http = httpx.AsyncClient(base_url=f"{url}/api/v1", cookies=cookies, headers=headers)
        self.cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self.socket: Any = None
        self.heard: list[dict[str, Any]] = []

    async def connect(
        self,
        origin: str | None = None,
        subprotocols: tuple[str, ...] = (SUBPROTOCOL,),
        max_queue: int | None = None,
    ) -> "Tab":
        """`max_queue` frames may wait unread before the tab stops taking more from the network."""
        self.socket = await websockets.connect(
            f"{self.url.replace('http', 'ws')}/ws/",
            origin=websockets.Origin(origin or self.url),
            subprotocols=[websockets.Subprotocol(name) for name in subprotocols] or None,
            additional_headers={"Cookie": self.cookie},
            max_size=None,
            max_queue=max_queue,
        )
        return self

    async def send(self, **command: Any) -> None:
        await self.socket.send(json.dumps(command, default=str))

    async def open(self, conversation: Conversation) -> None:
        """Look at it; deltas come from when this returns."""
        await self.send(type="conversation.open", conversation=conversation.pk)
        await self.send(type="no.such.command")
        await self.hear("error")

    async def hear(self, kind: str, seconds: float = 15) -> dict[str, Any]:
        """The next event of that kind; everything that came before it is in `heard`."""
        async with asyncio.timeout(seconds):
            while True:
                event = json.loads(await self.socket.recv())
                self.heard.append(event)
                if event["type"] == kind:
                    return event

    async def hear_any(self) -> dict[str, Any]:
        """The next event, whatever it is and however long it takes."""
        event: dict[str, Any] = json.loads(await self.socket.recv())
        return event

    async def close_code(self, seconds: float = 15) -> int:
        """Wait until the server closes the socket."""
        async with asyncio.timeout(seconds):
            try:
                while True:
                    self.heard.append(json.loads(await self.socket.recv()))
            except websockets.ConnectionClosed as closed:
                return int(closed.rcvd.code) if closed.rcvd else 1006

    def text(self, message_id: str) -> str:
        """What the deltas of an answer say together; they must fit each other."""
        text = b""
        for event in self.heard:
            if event["type"] == "completion.delta" and event["message"] == message_id:
                assert 2 * event["offset"] == len(text)
                text += event["text"].encode("utf-16-le")
        return text.decode("utf-16-le")

    async def say(self, conversation: Conversation, content: str) -> None:
        """Post a message that nobody answers."""
        body = posting(content=content, reply=False)
        response = await self.http.post(f"/conversations/{conversation.pk}/messages", json=body)
        assert response.status_code == 201, response.text

    async def ask(self, conversation: Conversation, content: str, **fields: Any) -> dict[str, Any]:
        """Post a question; the answer as it begins."""
        body = posting(content=content, **fields)
        response = await self.http.post(f"/conversations/{conversation.pk}/messages", json=body)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.json()["answer"]
        return answer


@asynccontextmanager
async def tab(url: str, session: str | None = None) -> AsyncIterator[Tab]:
    opened = Tab(url, session or uuid4().hex)
    try:
        yield opened
    finally:
        if opened.socket is not None:
            await opened.socket.close()
        await opened.http.aclose()
