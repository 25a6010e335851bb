"""From a branch of the conversation to what is sent: the system prompt, then the newest turns that fit."""

import hashlib
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal

from msgspec import structs

from chat import catalog
from chat.completions import speakers
from chat.completions.speakers import Names
from chat.evolink.wire import ChatMessage, ChatRequest
from chat.models import Completion
from chat.models.branches import Turn, turns_upwards
from chat.models.message import Speaker
from chat.models.states import State

FORM = "2"  # of a prompt; what was measured in another one is not comparable
TURN_LIMIT = 1_000
TITLE_TOKENS = 1_024
FRAME_TOKENS = 16
LEAST_OUTPUT, LEAST_WHEN_THINKING = 512, 2_048
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
    """`left_out` counts the older turns that did not fit; `bound` is the most tokens that it can have. `key` names the
    beginning that answers measured before have in common with it, empty where none can."""

    request: ChatRequest
    left_out: int
    bound: int
    least_output: int
    key: str = ""

    @property
    def bytes(self) -> int:
        return sum(len(str(message.content).encode()) for message in self.request.messages)

    @property
    def most_output(self) -> int:
        return self.request.max_completion_tokens or DEFAULT_OUTPUT_TOKENS


def build(completion: Completion, kept: str = "") -> Prompt:
    """The request for one completion. The question itself is always in it, and so is what is `kept` of
    the answer that this one goes on from."""
    return _built(completion, turns_upwards(completion.message.parent_id, TURN_LIMIT), kept)


def build_late(completion: Completion, kept: str = "") -> Prompt | None:
    """The same for one that begins long after it was asked for; None if its question was deleted meanwhile."""
    said = turns_upwards(completion.message.parent_id, TURN_LIMIT)
    is_asked = bool(said) and said[-1].id == completion.message.parent_id
    return _built(completion, said, kept) if is_asked else None


def _built(completion: Completion, said: list[Turn], kept: str) -> Prompt:
    names = speakers.names_in(said)
    told = speakers.told(completion.message.conversation.system_prompt, names)
    system = [ChatMessage(role="system", content=told)] if told else []
    turns = [_as_sent(turn, names) for turn in said] + _unfinished(kept)
    room = min(PROMPT_TOKENS, _context_of(completion.model)) - tokens_in(told)
    fitting = _newest_that_fit(turns, room)
    left_out = len(turns) - len(fitting)
    key = "" if left_out else _key(told, names)
    measured, count = _measured(completion, said, key)
    return Prompt(
        _request(completion, system + _taking_turns(fitting)),
        left_out=left_out,
        bound=measured + most_tokens(fitting[count:] if count else system + fitting),
        least_output=_least_output(completion),
        key=key,
    )


def most_tokens(messages: list[ChatMessage]) -> int:
    """A token takes at least a byte; and some for the frame of each message."""
    return sum(len(str(message.content).encode()) + FRAME_TOKENS for message in messages)


def _key(told: str, names: Names) -> str:
    """Of all that changes how the same turns are sent."""
    form = "\0".join([FORM, told, *names.values()])
    return hashlib.sha256(form.encode()).hexdigest()[:16]


def _measured(completion: Completion, said: list[Turn], key: str) -> tuple[int, int]:
    """What the upstream counted for the beginning, and how many turns that was: the prompt of the newest answer above,
    and what it wrote itself."""
    above = {turn.id: place for place, turn in enumerate(said, 1) if turn.role == Speaker.ASSISTANT}
    if not key or not above:
        return 0, 0
    measured = Completion.objects.filter(
        message_id__in=above,
        model=completion.model,
        prompt_key=key,
        continues=None,
        usage__estimated=False,
    )
    newest = measured.filter(state=State.COMPLETED).order_by("-message__position").first()
    if newest is None or newest.usage is None:
        return 0, 0
    visible = newest.usage["completion_tokens"] - newest.usage["reasoning_tokens"]
    return newest.usage["prompt_tokens"] + visible + FRAME_TOKENS, above[newest.message_id]


def _least_output(completion: Completion) -> int:
    """Less is of no use, and refused rather than cut. Where nobody has asked for a length, thoughts need room."""
    asked = completion.parameters.get("max_completion_tokens")
    return min(asked, LEAST_OUTPUT) if asked else LEAST_WHEN_THINKING


def _context_of(model: str) -> int:
    """A model that is not offered any more may still have answers that are under way."""
    known = catalog.MODELS.get(model)
    return known.context_tokens if known else catalog.CONTEXT_TOKENS


def _request(completion: Completion, messages: list[ChatMessage]) -> ChatRequest:
    chosen = {"max_completion_tokens": DEFAULT_OUTPUT_TOKENS, **completion.parameters}
    return ChatRequest(model=completion.model, messages=messages, **chosen)


def _as_sent(turn: Turn, names: Names) -> ChatMessage:
    role: Literal["user", "assistant"] = "user" if turn.role == Speaker.USER else "assistant"
    return ChatMessage(role=role, content=speakers.text_of(turn, names))


def _taking_turns(messages: list[ChatMessage]) -> list[ChatMessage]:
    """What people say in a row is one turn: not every model takes two from the same side."""
    sides = (list(side) for _, side in groupby(messages, key=attrgetter("role")))
    return [
        structs.replace(side[0], content="\n\n".join(str(one.content) for one in side))
        for side in sides
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


def title_prompt(question: str) -> Prompt:
    """Ask the cheapest model for a title. Thoughts count against the cap, so a small cap would come back empty."""
    order = (
        "Give this conversation a title of two to five words, in its own language. "
        "Answer with the title only: no quotes, no full stop."
    )
    messages = [
        ChatMessage(role="system", content=order),
        ChatMessage(role="user", content=question[:2_000]),
    ]
    request = ChatRequest(
        model=catalog.CHEAPEST,
        messages=messages,
        max_completion_tokens=TITLE_TOKENS,
        reasoning_effort="low",
    )
    return Prompt(request, left_out=0, bound=most_tokens(messages), least_output=LEAST_OUTPUT)
