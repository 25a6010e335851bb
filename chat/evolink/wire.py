"""What travels: the request with every parameter's range, and the chunks of an answer.

The structs describe well-formed chunks, which is what nearly all are; `decode_chunk` falls back
to picking out what can be understood.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

Tokens = Annotated[int, Meta(ge=1, le=65_536)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]


class TextPart(Struct, frozen=True, tag="text", tag_field="type", forbid_unknown_fields=True):
    text: str


class ImageUrl(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    url: str
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(Struct, frozen=True, tag="image_url", tag_field="type", forbid_unknown_fields=True):
    image_url: ImageUrl


class ChatMessage(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    role: Literal["system", "user", "assistant"]
    content: str | Annotated[list[TextPart | ImagePart], Meta(min_length=1)]
    name: str | None = None


class StreamOptions(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    include_usage: bool = False


class ChatRequest(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A chat completion as Evolink's full reference describes it; unset fields do not travel."""

    model: str
    messages: Annotated[list[ChatMessage], Meta(min_length=1)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_completion_tokens: Tokens | None = None
    max_tokens: Tokens | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    stop: str | list[str] | None = None
    n: Annotated[int, Meta(ge=1)] | None = None
    reasoning_effort: Literal["low", "medium", "high"] | None = None
    seed: int | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    response_format: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = None
    extra_body: dict[str, Any] | None = None


class Usage(Struct, frozen=True):
    """Tokens of one answer, normalised: cached is inside prompt, reasoning inside completion."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    total_tokens: int = 0


class Delta(Struct, gc=False):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: Any = None


class Choice(Struct, gc=False):
    index: int | None = 0
    delta: Delta | None = None
    message: Delta | None = None  # a whole response, or a gateway that streams messages
    finish_reason: str | None = None


class Chunk(Struct, gc=False):
    """One `data:` of a stream, or a whole response: they differ in delta and message only."""

    id: str | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: Any = None
    error: Any = None


class Malformed(ValueError):
    """Not a JSON object. Says nothing of the content, which may be somebody's answer."""


encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode
_decode_strictly = msgspec.json.Decoder(Chunk).decode


def decode_chunk(data: bytes) -> Chunk:
    """Read a chunk, whatever shape it has. Raises Malformed when it is no JSON object."""
    try:
        return _decode_strictly(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _chunk(decode_loosely(data))


def decode_loosely(data: bytes) -> dict[str, Any]:
    """Read JSON with what the strict reader refuses: bad UTF-8, lone surrogates, NaN, controls."""
    try:
        found = json.loads(data.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Malformed(f"{len(data)} bytes that are no JSON object")
    return found


def _chunk(raw: dict[str, Any]) -> Chunk:
    choices = [_choice(choice) for choice in _list(raw.get("choices")) if isinstance(choice, dict)]
    return Chunk(
        id=_text(raw.get("id")),
        model=_text(raw.get("model")),
        choices=choices,
        usage=raw.get("usage"),
        error=raw.get("error"),
    )


def _choice(raw: dict[str, Any]) -> Choice:
    index = raw.get("index")
    return Choice(
        index=index if isinstance(index, int) else 0,
        delta=_delta(raw.get("delta")),
        message=_delta(raw.get("message")),
        finish_reason=_text(raw.get("finish_reason")),
    )


def _delta(raw: Any) -> Delta | None:
    if not isinstance(raw, dict):
        return None
    return Delta(
        content=_text(raw.get("content")),
        reasoning_content=_text(raw.get("reasoning_content")),
        reasoning=_text(raw.get("reasoning")),
        refusal=_text(raw.get("refusal")),
        tool_calls=raw.get("tool_calls"),
    )


def _text(raw: Any) -> str | None:
    """A string, or the text of a list of parts; anything else is nothing."""
    if isinstance(raw, list):
        return "".join(_text_of_part(part) for part in raw)
    return raw if isinstance(raw, str) else None


def _text_of_part(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) else part
    return text if isinstance(text, str) else ""


def _list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []
