"""What Ada shares: two questions and their answers. Nobody has missed or guessed anything before a test."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from accounts.models import User
from chat.models import Conversation, Member, Message
from tests.factories import make_branch
from tests.shares import Shared, share, visitor


@pytest.fixture(autouse=True)
def no_counts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def branch(conversation: Conversation, ada: User) -> list[Message]:
    return make_branch(conversation, ada, 4)


@pytest.fixture
def writer(conversation: Conversation, ben: User, branch: list[Message]) -> Member:
    """Ben takes part and stands where the branch ends."""
    return Member.objects.create(
        conversation=conversation, user=ben, role="writer", current_message=branch[-1]
    )


@pytest.fixture
def locked(conversation: Conversation, ada: User, branch: list[Message]) -> Shared:
    return share(conversation, ada, password="open sesame")


@pytest.fixture
def changes():
    """`changes(shared, since)`: what the page of a live link is told."""
    client = visitor()

    def ask(shared, since=0):
        response = client.get(f"{shared.path}/changes?since={since}")
        assert response.status_code == 200
        return response.json()

    return ask
