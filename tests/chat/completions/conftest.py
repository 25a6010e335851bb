"""A server's loop, an upstream over real HTTP, and the real database, in one test."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from accounts.models import User
from chat import events
from chat.completions import heart
from chat.evolink import client, limits
from chat.evolink.simulator import Simulator
from chat.models import Conversation, Message
from chat.services.messages import Posting, post_message
from chat.shapes import Shape
from webchat import threads
from webchat.threads import in_thread


@pytest_asyncio.fixture
async def upstream(transactional_db: None, settings: Any) -> AsyncIterator[Simulator]:
    """The simulator, which a `!script` line in a question tells how to behave."""
    simulator = Simulator(scripts=True)
    settings.EVOLINK_BASE_URL = settings.EVOLINK_FALLBACK_URL = await simulator.start("127.0.0.1")
    settings.EVOLINK_API_KEY = "test-key"
    threads.attach(asyncio.get_running_loop())
    yield simulator
    await until(lambda: not heart.running)
    threads.attach(None)
    await client.close()
    await simulator.stop()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits as in production, a hundred times shorter."""
    shorter = {
        "first_byte": 1.0,
        "silence": 0.5,
        "keep_alive": 0.8,
        "backoff_least": 0.01,
        "backoff_most": 0.02,
    }
    for name, seconds in shorter.items():
        monkeypatch.setattr(limits.LIMITS, name, seconds)


@pytest.fixture
def deltas(monkeypatch: pytest.MonkeyPatch) -> list[Shape]:
    """What the viewers of a conversation are told."""
    told: list[Shape] = []

    async def remember(conversation_id: UUID, event: Shape) -> None:
        told.append(event)

    monkeypatch.setattr(events, "tell_viewers", remember)
    return told


async def until(holds: Callable[[], Any], seconds: float = 10) -> Any:
    """Look until it holds; a test that waits for something says what for."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.01)
    return found


async def ask(conversation: Conversation, author: User, content: str) -> Message:
    """Post a question; its answer."""
    posting = Posting(id=uuid4(), parent=None, content=content)
    posted = await in_thread(post_message)(conversation.pk, author=author, posting=posting)
    assert posted.answer
    return posted.answer


async def ended(answer: Message, seconds: float = 15) -> Message:
    """The answer once it has its final state."""
    deadline = time.monotonic() + seconds
    while (found := await in_thread(_reread)(answer)).is_running():
        assert time.monotonic() < deadline, f"still {found.status}"
        await asyncio.sleep(0.02)
    await until(lambda: answer.pk not in heart.running)
    return found


def _reread(answer: Message) -> Message:
    return Message.objects.select_related("completion", "conversation").get(pk=answer.pk)
