"""What a stream yields: pieces and thoughts as they come, waits between attempts, one ending."""

from typing import Literal

from msgspec import Struct

from chat.evolink.wire import Usage

UsageSource = Literal["upstream", "missing", "rejected"]


class Piece(Struct, frozen=True, gc=False):
    """Answer text: never empty, no NUL, no lone surrogate."""

    text: str


class Thought(Struct, frozen=True, gc=False):
    """What the model says while it reasons; the same promises as a Piece."""

    text: str


class Waiting(Struct, frozen=True):
    """Another attempt follows after `seconds`; `reason` is the code of the one that failed."""

    seconds: float
    reason: str


class Ending(Struct, frozen=True, kw_only=True):
    """How it ended; always the last, and always there unless the reader left."""

    state: Literal["completed", "truncated", "failed"]
    code: str = ""  # empty when all went well
    detail: str = ""  # our sentence for people, never the upstream's text
    upstream_detail: str = ""  # for staff: shortened, without keys
    finish_reason: str = ""
    usage: Usage | None = None
    usage_source: UsageSource = "missing"
    upstream_id: str = ""
    model: str = ""  # the one really used, where it was said
    retry_after: float | None = None  # seconds
    flags: tuple[str, ...] = ()  # oddities that did no harm, for the metrics


class Completed(Struct, frozen=True):
    """A whole response: all of its text, and how it ended."""

    text: str
    ending: Ending


Fact = Piece | Thought | Waiting | Ending
