"""Nodes on the tests' database, people with a conversation each, and the seed of every chance."""

import random
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from chat.models import Conversation
from tests.factories import make_conversation, make_user
from tests.faults import nodes as faults
from tests.faults.nodes import Node, Valkey, start_nodes
from tests.faults.tiers import SEED, dice
from tests.services import DATA_DIR, Upstream
from tests.tabs import session_for
from webchat import embedded
from webchat.threads import in_thread

Tell = Callable[[str], None]
StartNodes = Callable[..., list[Node]]
Crowd = Callable[[int], Coroutine[Any, Any, list["Person"]]]


_figures: list[str] = []


@pytest.fixture
def tell() -> Tell:
    """Figures, printed below the run whether it passed or not."""
    return _figures.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section(f"faults, FAULT_SEED={SEED}")
    for figure in _figures:
        terminalreporter.line(figure)


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """What is left to chance in one test, from the seed."""
    return dice(request.node.name)


@pytest.fixture
def shared() -> Iterator[Valkey]:
    """The Valkey that the nodes share."""
    with faults.valkey() as running:
        yield running


@pytest.fixture
def nodes(upstream: Upstream, shared: Valkey, transactional_db: None) -> Iterator[StartNodes]:
    """`nodes(2, **settings)` starts nodes on the tests' database. What they log as an error fails the test."""
    name = str(settings.DATABASES["default"]["NAME"])
    url = embedded.database_url(DATA_DIR, name)
    started: list[Node] = []

    def start(count: int, **more: str) -> list[Node]:
        where = {"DATABASE_URL": url, "REDIS_URL": shared.url, **upstream.settings()}
        new = start_nodes(count, **where | more)
        started.extend(new)
        return new

    yield start
    for node in started:
        node.end()
    assert [error for node in started for error in node.errors()] == []


@dataclass(frozen=True)
class Person:
    """Somebody with a session and a conversation of their own (which has a title, so that none is asked for)."""

    user: User
    session: str
    conversation: Conversation


@pytest.fixture
def crowd(transactional_db: None) -> Crowd:
    """`await crowd(20)` makes people."""
    return in_thread(lambda count: [make_person() for _ in range(count)])


def make_person(**fields: object) -> Person:
    user = make_user(**fields)
    return Person(user, session_for(user), make_conversation(user, title="Faults"))
