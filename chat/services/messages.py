"""Say something in a conversation; take it back."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat import events
from chat.errors import AnswerRunning, IdTaken, NotYours, UnknownParent
from chat.models import Conversation, Message
from chat.models.branches import end_of_branch, newest_end
from chat.models.conversation import Answering
from chat.models.message import Speaker
from chat.services import answers, mentions, shares
from chat.services.access import locked_conversation, message_for, writable_conversation
from chat.services.arrivals import announce, insert_message
from chat.services.parameters import known_model
from chat.services.text import message_text
from chat.shapes import message_shapes


@dataclass(frozen=True)
class Posting:
    """What a person sends. `id` is made by the page, so that sending it again changes nothing. Without `reply` the
    conversation's rule says whether the model answers; `at_end`: below whatever stands under `parent` when it is
    stored, so that people who send at once do not part."""

    id: UUID
    parent: UUID | None
    content: str
    model: str | None = None
    parameters: dict[str, Any] | None = None
    reply: bool | None = None
    at_end: bool = False


@dataclass(frozen=True)
class Posted:
    conversation: Conversation
    message: Message
    answer: Message | None


@transaction.atomic
def post_message(conversation_id: UUID, *, author: User, posting: Posting) -> Posted:
    """Store a message and, if it is to be answered, begin its answer, or have it wait in line. The same posting again
    returns the same rows."""
    content = message_text(posting.content)
    if posting.model:
        known_model(posting.model)
    conversation, member = writable_conversation(author, conversation_id)
    if known := Message.objects.with_details().filter(pk=posting.id).first():
        return _posted_before(conversation, known, author, posting)
    message = insert_message(
        id=posting.id,
        conversation=conversation,
        parent=_parent(conversation, posting),
        role=Speaker.USER,
        author=author,
        content=content,
    )
    answer = _answer(conversation, message, author, posting)
    announce(conversation, member, [message, answer] if answer else [message])
    mentions.tell(message)
    if answer:
        answers.reserve_and_run(answer, payer=author)
    return Posted(conversation, message, answer)


def _answer(
    conversation: Conversation, message: Message, author: User, posting: Posting
) -> Message | None:
    if not _is_answered(conversation, posting):
        return None
    return answers.insert_answer(
        conversation, message, by=author, model=posting.model, parameters=posting.parameters
    )


def _is_answered(conversation: Conversation, posting: Posting) -> bool:
    """As the person says, else by the conversation's rule."""
    if posting.reply is not None:
        return posting.reply
    return conversation.answering == Answering.ALWAYS or mentions.names_model(posting.content)


def _parent(conversation: Conversation, posting: Posting) -> Message | None:
    parent = _named_parent(conversation, posting.parent)
    if posting.at_end:
        return end_of_branch(parent) if parent else newest_end(conversation)
    if parent and parent.is_running():
        raise AnswerRunning
    return parent


def _named_parent(conversation: Conversation, parent_id: UUID | None) -> Message | None:
    if parent_id is None:
        return None
    parent = conversation.messages.filter(pk=parent_id).first()
    if parent is None:
        raise UnknownParent
    return parent


def _posted_before(
    conversation: Conversation, known: Message, author: User, posting: Posting
) -> Posted:
    """Sent twice: the rows of the first time, or IdTaken if this is something else."""
    answers_so_far = known.children.filter(role=Speaker.ASSISTANT).order_by("position")
    answer = None if posting.reply is False else answers_so_far.with_details().first()
    same = (
        known.conversation_id == conversation.pk
        and known.author_id == author.pk
        and known.role == Speaker.USER
        and known.content == posting.content
        and (posting.at_end or known.parent_id == posting.parent)
        and posting.reply in (None, answer is not None)
    )
    if not same or (answer and posting.model and posting.model != answer.completion.model):
        raise IdTaken
    return Posted(conversation, known, answer)


@transaction.atomic
def delete_message(message_id: UUID, *, by: User) -> Message:
    """Take the content away for good; the row stays as a tombstone, so that the tree holds. An answer to it that waits
    in line is taken back."""
    conversation, member = locked_conversation(by, message_for(by, message_id).conversation_id)
    message = (
        conversation.messages.select_for_update(of=("self",)).with_details().get(pk=message_id)
    )
    if message.author_id != by.pk and not member.is_owner():
        raise NotYours
    if message.is_running():
        raise AnswerRunning
    if message.deleted_at is None:
        answers.take_back_below(conversation, message)
        for beginning in _hidden_beginnings(message):
            _bury(conversation, beginning)
        _bury(conversation, message)
    return message


def _hidden_beginnings(message: Message) -> list[Message]:
    """The answers that this one goes on from, as far as it stands in their place: its text is in them too."""
    completion = getattr(message, "completion", None)
    older = completion.continues if completion else None
    if older is None or older.deleted_at or older.children.exists():
        return []
    return [older, *_hidden_beginnings(older)]


def _bury(conversation: Conversation, message: Message) -> None:
    message.content = ""
    message.deleted_at = timezone.now()
    message.version = conversation.next_version()
    message.save(update_fields=["content", "deleted_at", "version"])
    conversation.save(update_fields=["version"])
    if completion := getattr(message, "completion", None):
        completion.reasoning = ""
        completion.save(update_fields=["reasoning"])
    shares.forget(message)
    [shape] = message_shapes(conversation, [message])
    events.publish(events.message_deleted(shape), to=conversation.member_ids())
