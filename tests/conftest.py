"""The cast, and the real PostgreSQL that all tests share.

Ada owns, Ben takes part, Cyd must see nothing.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import CommandError
from django.test import Client, TransactionTestCase

from accounts.models import User, Workspace
from accounts.services import workspace
from chat import events
from chat.models import Conversation
from chat.services import notifications
from tests.factories import make_conversation, make_user
from tests.services import (  # noqa: F401  fixtures
    assets,
    server,
    site,
    site_upstream,
    upstream,
    valkey,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the common server comes last: once it runs, it takes the answers that other tests' nodes leave."""
    items.sort(key=lambda item: "site" in getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True, scope="session")
def patient_flush() -> Iterator[None]:
    """A page that is being closed may still save a draft while the tables are emptied: whoever emptied them last and
    lost the deadlock does it again."""
    empty = TransactionTestCase._fixture_teardown

    def again(case: TransactionTestCase) -> None:
        for _ in range(3):
            with suppress(CommandError):
                return empty(case)
        return empty(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", again)
        yield


@pytest.fixture(autouse=True)
def usual_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    """As nobody has changed it, and known already; what a test makes of it is gone afterwards."""
    monkeypatch.setattr(workspace, "_memory", {"seen": workspace.Seen(Workspace(), float("inf"))})


@pytest.fixture
def ada(db: None) -> User:
    """Owns the conversation."""
    return make_user("Ada")


@pytest.fixture
def ben(db: None) -> User:
    """Takes part in it."""
    return make_user("Ben")


@pytest.fixture
def cyd(db: None) -> User:
    """Must see nothing."""
    return make_user("Cyd")


@pytest.fixture
def conversation(ada: User) -> Conversation:
    return make_conversation(ada, title="Leases")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], list[Any]]]:
    """Every fact that was published (event, people), without waiting for a commit."""
    told: list[tuple[dict[str, Any], list[Any]]] = []
    monkeypatch.setattr(events, "publish", lambda event, *, to: told.append((event, list(to))))
    monkeypatch.setattr(notifications, "after_commit", lambda act, *args: act(*args))
    return told


@pytest.fixture
def as_ada(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def as_cyd(cyd: User) -> Client:
    outsider = Client()
    outsider.force_login(cyd)
    return outsider
