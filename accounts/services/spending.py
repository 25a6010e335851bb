"""The door of money: every completion passes `reserve` before it starts, `settle` when it ends.

Knows nothing of chat. Budgets, holds and the ledger will live behind these two functions.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Literal

from prometheus_client import Counter

from accounts import prices
from accounts.models import User

Purpose = Literal["chat", "title"]
KINDS = ("prompt", "cached", "completion", "reasoning")

TOKENS = Counter("webchat_tokens", "Tokens that were used up", ["model", "purpose", "kind"])
COST = Counter("webchat_cost_micro_usd", "Cost in micro-dollars", ["model", "purpose"])


def reserve(user: User, *, completion_id: uuid.UUID, model: str) -> None:
    """Refuse (by raising) what the budget does not cover. The last step of the posting transaction:
    a refusal rolls everything back."""


def settle(
    *,
    user_id: uuid.UUID | None,
    completion_id: uuid.UUID,
    model: str,
    usage: Mapping[str, Any] | None,
    purpose: Purpose,
) -> int | None:
    """Account for a completion that ended; its cost in micro-dollars, None if it cannot be known.

    `usage` has `prompt_tokens`, `cached_tokens`, `completion_tokens` and `reasoning_tokens`
    (cached is inside prompt, reasoning inside completion), or is None when nothing was reported.
    """
    if usage is None:
        return None
    tokens = _tokens(usage)
    cost = _cost_micro(model, tokens)
    _count(model if cost is not None else "unknown", purpose, tokens, cost or 0)
    return cost


def cost_of(model: str, usage: Mapping[str, Any] | None) -> int | None:
    """What `settle` will say, in micro-dollars; books nothing."""
    return None if usage is None else _cost_micro(model, _tokens(usage))


def _tokens(usage: Mapping[str, Any]) -> dict[str, int]:
    return {kind: int(usage.get(f"{kind}_tokens") or 0) for kind in KINDS}


def _cost_micro(model: str, tokens: Mapping[str, int]) -> int | None:
    pico = prices.cost_pico(
        model, prompt=tokens["prompt"], cached=tokens["cached"], output=tokens["completion"]
    )
    return None if pico is None else prices.to_micro(pico)


def _count(model: str, purpose: Purpose, tokens: Mapping[str, int], cost: int) -> None:
    """`model` is from the price list only: names from outside would make endless time series."""
    for kind, count in tokens.items():
        TOKENS.labels(model, purpose, kind).inc(count)
    COST.labels(model, purpose).inc(cost)
