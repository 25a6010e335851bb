"""A title for a conversation after its first completed answer, by a cheap completion that nobody watches."""

from uuid import UUID, uuid4

from django.db import transaction

from accounts.services import spending
from chat import events
from chat.completions.prompt import title_request
from chat.evolink import client
from chat.evolink.pieces import Completed
from chat.models import Conversation, Message
from chat.models.message import Speaker
from chat.shapes import conversation_shape
from webchat.threads import in_thread

LENGTH = 60


async def suggest_title(conversation_id: UUID) -> None:
    """Never over a title that a person gave; what fails falls back to the question's first words."""
    question = await in_thread(_question)(conversation_id)
    if question is None:
        return
    completion_id = uuid4()
    await in_thread(_reserve)(question, completion_id)
    completed = await client.complete(title_request(question.content))
    await in_thread(_settle)(question, completion_id, completed)
    await in_thread(_set_title)(
        conversation_id, _cleaned(completed.text) or first_words(question.content)
    )


def _question(conversation_id: UUID) -> Message | None:
    asked = Message.objects.filter(
        conversation=conversation_id, conversation__title="", role=Speaker.USER
    )
    return asked.exclude(content="").select_related("author").order_by("position").first()


def _reserve(question: Message, completion_id: UUID) -> None:
    if question.author:
        spending.reserve(
            question.author, completion_id=completion_id, model=title_request("").model
        )


def _settle(question: Message, completion_id: UUID, completed: Completed) -> None:
    usage = completed.ending.usage
    spending.settle(
        user_id=question.author_id,
        completion_id=completion_id,
        model=title_request("").model,
        usage={name: getattr(usage, name) for name in usage.__struct_fields__} if usage else None,
        purpose="title",
    )


@transaction.atomic
def _set_title(conversation_id: UUID, title: str) -> None:
    untitled = Conversation.objects.select_for_update().filter(title="", titled_by_hand=False)
    conversation = untitled.filter(pk=conversation_id).first()
    if conversation is None:
        return
    conversation.title = title
    conversation.next_version()
    conversation.save(update_fields=["title", "version"])
    running = conversation.has_running_answer()
    for member in conversation.members.all():
        shape = conversation_shape(conversation, member, running=running)
        events.publish(events.conversation_updated(shape), to=[member.user_id])


def _cleaned(title: str) -> str:
    line = next((line for line in title.splitlines() if line.strip()), "")
    return _shortened(line.strip().strip("\"'“”„«»*#` ").rstrip("."))


def first_words(question: str) -> str:
    return _shortened(" ".join(question.split())) or "Untitled"


def _shortened(text: str) -> str:
    if len(text) <= LENGTH:
        return text
    return text[:LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
