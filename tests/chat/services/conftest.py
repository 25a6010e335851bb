"""What tests of conversations with several people share: a team, and an answer that is being written."""

from uuid import uuid4

import pytest

from accounts.models import User
from chat.models import Conversation, Member, Message
from chat.services.messages import Posted, Posting, post_message
from tests.factories import make_message, make_running_answer


@pytest.fixture
def together(conversation: Conversation, ben: User) -> Conversation:
    """Ada owns, Ben writes."""
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    return conversation


@pytest.fixture
def running(together: Conversation, ada: User) -> Message:
    """An answer to Ada that another node is writing."""
    question = make_message(together, ada, content="First?")
    return make_running_answer(together, question, owner=uuid4(), requested_by=ada)


def send(person: User, conversation: Conversation, **fields: object) -> Posted:
    """To the end of what is there."""
    given = {"id": uuid4(), "parent": None, "content": "And then?", "at_end": True, **fields}
    return post_message(conversation.pk, author=person, posting=Posting(**given))  # type: ignore[arg-type]
