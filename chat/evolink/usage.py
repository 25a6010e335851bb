"""Evolink's usage object in our terms, or a verdict that it cannot be believed."""

from typing import Any

from chat.evolink.wire import Usage

# No model of the catalogue takes more; whoever reports more has miscounted.
MOST_TOKENS = 1_048_576


class Absurd(ValueError):
    """The figures cannot be true, so they must not become money."""


def normalise(raw: Any) -> Usage:
    """Read a usage object. Raises Absurd.

    Output is the larger of completion_tokens and total - prompt, because some gateways leave
    the reasoning out of the former.
    """
    if not isinstance(raw, dict):
        raise Absurd("not an object")
    usage = _usage(raw)
    if usage.total_tokens > MOST_TOKENS or usage.prompt_tokens == 0 < usage.completion_tokens:
        raise Absurd("total_tokens")
    return usage


def explains(usage: Usage, *, text: bool) -> bool:
    """Whether the figures fit an answer that has, or has no, text."""
    return usage.completion_tokens > 0 or not text


def _usage(raw: dict[str, Any]) -> Usage:
    prompt, total = _count(raw, "prompt_tokens"), _count(raw, "total_tokens", 0)
    output = max(_count(raw, "completion_tokens", 0), total - prompt)
    return Usage(
        prompt_tokens=prompt,
        cached_tokens=min(_part(raw, "prompt_tokens_details", "cached_tokens"), prompt),
        completion_tokens=output,
        reasoning_tokens=min(_part(raw, "completion_tokens_details", "reasoning_tokens"), output),
        total_tokens=prompt + output,
    )


def _count(raw: dict[str, Any], name: str, default: int | None = None) -> int:
    value = raw.get(name)
    if value is None and default is not None:
        return default
    if type(value) is not int or not 0 <= value <= MOST_TOKENS:
        raise Absurd(name)
    return value


def _part(raw: dict[str, Any], details: str, name: str) -> int:
    """A share of a total. Nonsense counts as none: that never makes an answer cheaper."""
    parts = raw.get(details)
    value = parts.get(name) if isinstance(parts, dict) else 0
    return max(value, 0) if type(value) is int else 0
