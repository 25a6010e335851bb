"""From a branch of the conversation to what is sent: the system prompt, then the newest turns that fit."""

from dataclasses import dataclass
from uuid import UUID

from chat import catalog
from chat.evolink.wire import ChatMessage, ChatRequest
from chat.models import Completion
from chat.models.branches import turns_upwards
from chat.models.message import Speaker

TURN_LIMIT = 1_000
PROMPT_TOKENS = 100_000
DEFAULT_OUTPUT_TOKENS = (
    16_384  # the gateway's own default of 2,000 cuts answers, since thoughts count too
)


GO_ON = (
    "Your answer above was cut off. Go on exactly where it stops, in the middle of a word if need be. "
    "Repeat nothing, and write nothing else before or around it."
)


@dataclass(frozen=True)
class Prompt:
    """`left_out` counts the older turns that did not fit."""

    request: ChatRequest
    left_out: int

    @property
    def bytes(self) -> int:
        return sum(len(str(message.content).encode()) for message in self.request.messages)


def build(completion: Completion, kept: str = "") -> Prompt:
    """The request for one completion. The question itself is always in it, and so is what is `kept` of
    the answer that this one goes on from."""
    conversation = completion.message.conversation
    turns = _turns(completion.message.parent_id) + _unfinished(kept)
    room = min(PROMPT_TOKENS, _context_of(completion.model)) - tokens_in(conversation.system_prompt)
    fitting = _newest_that_fit(turns, room)
    system = (
        [ChatMessage(role="system", content=conversation.system_prompt)]
        if conversation.system_prompt
        else []
    )
    return Prompt(_request(completion, system + fitting), left_out=len(turns) - len(fitting))


def _context_of(model: str) -> int:
    """A model that is not offered any more may still have answers that are under way."""
    known = catalog.MODELS.get(model)
    return known.context_tokens if known else catalog.CONTEXT_TOKENS


def _request(completion: Completion, messages: list[ChatMessage]) -> ChatRequest:
    chosen = {"max_completion_tokens": DEFAULT_OUTPUT_TOKENS, **completion.parameters}
    return ChatRequest(model=completion.model, messages=messages, **chosen)


def _turns(question_id: UUID | None) -> list[ChatMessage]:
    """What was said from the root to the question, oldest first, without what is empty or deleted."""
    said = turns_upwards(question_id, TURN_LIMIT) if question_id else []
    return [
        ChatMessage(role="user" if role == Speaker.USER else "assistant", content=content)
        for role, content in said
    ]


def _unfinished(kept: str) -> list[ChatMessage]:
    """The answer so far and the order to go on. Not every model goes on by itself from an answer that stands last."""
    if not kept:
        return []
    return [ChatMessage(role="assistant", content=kept), ChatMessage(role="user", content=GO_ON)]


def _newest_that_fit(turns: list[ChatMessage], room: int) -> list[ChatMessage]:
    """The newest turns, at least down to a person's question that is not our own order to go on."""
    kept: list[ChatMessage] = []
    for turn in reversed(turns):
        room -= tokens_in(str(turn.content))
        if room < 0 and any(one.role == "user" and one.content != GO_ON for one in kept):
            break
        kept.append(turn)
    return kept[::-1]


def tokens_in(text: str) -> int:
    """A cautious estimate, for fitting a prompt and never for money: three bytes a token, and some for the frame."""
    return len(text.encode()) // 3 + 8 if text else 0


def title_request(question: str) -> ChatRequest:
    """Ask the cheapest model for a title. Thoughts count against the cap, so a small cap would come back empty."""
    order = (
        "Give this conversation a title of two to five words, in its own language. "
        "Answer with the title only: no quotes, no full stop."
    )
    messages = [
        ChatMessage(role="system", content=order),
        ChatMessage(role="user", content=question[:2_000]),
    ]
    return ChatRequest(
        model=catalog.CHEAPEST,
        messages=messages,
        max_completion_tokens=1_024,
        reasoning_effort="low",
    )
