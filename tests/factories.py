"""Plain functions that make rows, with defaults for what a test does not care about."""

from itertools import count
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from accounts.models import User
from chat import catalog
from chat.models import Completion, Conversation, Member, Message
from chat.models.member import Role
from chat.models.message import Speaker
from chat.models.states import State

_numbers = count(1)


def make_user(name: str = "", **fields: Any) -> User:
    """Without a password unless one is given: hashing takes a tenth of a second on purpose."""
    name = name or f"Person {next(_numbers)}"
    email = fields.pop("email", f"{name.lower().replace(' ', '.')}@example.org")
    return User.objects.create_user(email, fields.pop("password", None), name=name, **fields)


def make_conversation(owner: User, **fields: Any) -> Conversation:
    defaults = {"model": catalog.DEFAULT, "active_at": timezone.now()}
    conversation = Conversation.objects.create(**{**defaults, **fields})
    Member.objects.create(conversation=conversation, user=owner, role=Role.OWNER)
    return conversation


def make_message(
    conversation: Conversation,
    author: User | None = None,
    *,
    parent: Message | None = None,
    **fields: Any,
) -> Message:
    """A person's message, or an answer when there is no author."""
    position = conversation.next_version()
    conversation.save(update_fields=["version"])
    defaults = {
        "role": Speaker.USER if author else Speaker.ASSISTANT,
        "author": author,
        "content": "Hello",
        "version": position,
        "position": position,
    }
    message = Message.objects.create(
        conversation=conversation, parent=parent, **{**defaults, **fields}
    )
    if message.is_answer():
        Completion.objects.create(message=message, model=catalog.DEFAULT, state=message.status)
    return message


def make_branch(conversation: Conversation, author: User, turns: int) -> list[Message]:
    """Questions and answers in turn, one below the other."""
    made: list[Message] = []
    for number in range(turns):
        speaker = author if number % 2 == 0 else None
        made.append(
            make_message(
                conversation, speaker, parent=made[-1] if made else None, content=f"Turn {number}"
            )
        )
    return made


def make_running_answer(
    conversation: Conversation, question: Message, owner: UUID | None = None, **fields: Any
) -> Message:
    answer = make_message(conversation, parent=question, content="", status=State.QUEUED)
    Completion.objects.filter(message=answer).update(lease_owner=owner, **fields)
    return Message.objects.select_related("completion").get(pk=answer.pk)


def posting(**fields: Any) -> dict[str, Any]:
    """The body of a POST to a conversation's messages."""
    return {"id": str(uuid4()), "parent": None, "content": "What is a lease?", **fields}
