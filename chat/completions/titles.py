"""A title for a conversation after its first completed answer, by a cheap completion that nobody watches."""

from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.prices import Tokens
from accounts.services import spending
from accounts.services.spending import Hold, Source
from chat import events
from chat.completions import calling
from chat.completions.prompt import Prompt, title_prompt
from chat.models import Completion, Conversation, Message
from chat.models.message import Speaker
from chat.shapes import conversation_shapes
from webchat.errors import ChatError
from webchat.threads import in_thread

LENGTH = 60


async def suggest_title(answered: Completion) -> None:
    """After an answer, at the cost of who asked for it. Never over a title that a person gave; what fails, or is
    refused, falls back to the question's first words."""
    conversation_id = answered.message.conversation_id
    question = await in_thread(_question)(conversation_id)
    if question is None:
        return
    title = await _asked_for(question, answered) or first_words(question.content)
    await in_thread(_set_title)(conversation_id, title)


async def _asked_for(question: Message, answered: Completion) -> str:
    """The model's title; empty where the budget does not allow to ask."""
    prompt, completion_id = title_prompt(question.content), uuid4()
    hold = await in_thread(_held)(answered.requested_by, prompt, completion_id)
    if hold is None:
        return ""
    completed = await calling.complete(prompt, hold)
    usage = completed.ending.usage
    used = calling.counted(usage) if usage else _estimate(prompt, hold, completed.text)
    source: Source = "upstream" if usage else "estimate"
    await in_thread(spending.settle)(completion_id, 0, used, source)
    return _cleaned(completed.text)


def _estimate(prompt: Prompt, hold: Hold, text: str) -> Tokens | None:
    """Nothing for what never came."""
    if not text:
        return None
    return spending.within(hold, Tokens(-(-prompt.bytes // 3), hold.max_output))


def _held(payer: User | None, prompt: Prompt, completion_id: UUID) -> Hold | None:
    try:
        return calling.hold_for_title(payer, prompt, completion_id) if payer else None
    except ChatError:
        return None


def _question(conversation_id: UUID) -> Message | None:
    """The first that the model was asked: what people say among themselves is not its business, or their cost."""
    answered = Completion.objects.filter(message__parent=OuterRef("pk"))
    asked = Message.objects.filter(
        Exists(answered), conversation=conversation_id, conversation__title="", role=Speaker.USER
    )
    return asked.exclude(content="").order_by("position").first()


@transaction.atomic
def _set_title(conversation_id: UUID, title: str) -> None:
    untitled = Conversation.objects.select_for_update().filter(title="", titled_by_hand=False)
    conversation = untitled.filter(pk=conversation_id).first()
    if conversation is None:
        return
    conversation.title = title
    conversation.next_version()
    conversation.save(update_fields=["title", "version"])
    for user_id, shape in conversation_shapes(conversation).items():
        events.publish(events.conversation_updated(shape), to=[user_id])


def _cleaned(title: str) -> str:
    line = next((line for line in title.splitlines() if line.strip()), "")
    return _shortened(line.strip().strip("\"'“”„«»*#` ").rstrip("."))


def first_words(question: str) -> str:
    return _shortened(" ".join(question.split())) or "Untitled"


def _shortened(text: str) -> str:
    if len(text) <= LENGTH:
        return text
    return text[:LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
