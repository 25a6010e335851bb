"""The simulator on a real port, and a client that waits milliseconds where people wait seconds."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from django.conf import settings

from chat.evolink import client
from chat.evolink.client import ChatMessage, ChatRequest, Completed, Ending, Fact, Piece
from chat.evolink.limits import LIMITS
from chat.evolink.simulator import Simulator

KEY = "sk-planted-4f9d1c7be2a85036"
MODEL = "gemini-3.5-flash"
QUICK = {
    "connect": 0.4,
    "reach": 0.8,
    "first_byte": 0.5,
    "first_byte_thinking": 1.0,
    "whole_response": 0.5,
    "silence": 0.35,
    "keep_alive": 0.7,
    "after_finish": 0.15,
    "after_done": 0.1,
    "total": 5.0,
    "first_token": 4.0,
    "backoff_least": 0.01,
    "backoff_most": 0.04,
    "retry_after_most": 0.3,
}

PointAt = Callable[..., None]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in QUICK.items():
        monkeypatch.setattr(LIMITS, name, seconds)


@pytest.fixture
def point_at(monkeypatch: pytest.MonkeyPatch) -> PointAt:
    """Say where Evolink is."""

    def point(base: str, fallback: str = "", key: str = KEY) -> None:
        monkeypatch.setattr(settings, "EVOLINK_BASE_URL", base)
        monkeypatch.setattr(settings, "EVOLINK_FALLBACK_URL", fallback)
        monkeypatch.setattr(settings, "EVOLINK_API_KEY", key)

    return point


@pytest.fixture
async def simulator(point_at: PointAt) -> AsyncIterator[Simulator]:
    """An upstream that obeys scripts, and the client pointed at it."""
    upstream = Simulator(scripts=True, key=KEY)
    point_at(await upstream.start())
    yield upstream
    await client.close()
    await upstream.stop()


def asking(question: str, **parameters: object) -> ChatRequest:
    return ChatRequest(model=MODEL, messages=[ChatMessage("user", question)], **parameters)


def script(line: str, **parameters: object) -> ChatRequest:
    return asking(f"Please\n!script {line}", **parameters)


@dataclass
class Heard:
    """A whole stream: its facts without the ending, the answer's text, and the ending."""

    facts: list[Fact]
    ending: Ending

    @property
    def text(self) -> str:
        return "".join(fact.text for fact in self.facts if isinstance(fact, Piece))

    def of(self, kind: type) -> list[Fact]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


async def hear(request: ChatRequest) -> Heard:
    """Read a stream to its end. Exactly one ending, and it is last."""
    facts = [fact async for fact in client.stream(request)]
    assert [isinstance(fact, Ending) for fact in facts] == [False] * (len(facts) - 1) + [True]
    return Heard(facts[:-1], facts[-1])


async def complete(request: ChatRequest) -> Completed:
    return await client.complete(request)
