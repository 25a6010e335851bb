"""The price table: what it begins with, and what staff add to it. A price is never changed, only followed."""

from datetime import UTC, datetime

from accounts import prices
from accounts.models import Price

SINCE_EVER = datetime(2000, 1, 1, tzinfo=UTC)


def ensure_prices() -> None:
    """The gateway's list prices, for models that have none yet."""
    for model, rate in prices.LIST.items():
        if not Price.objects.filter(model=model).exists():
            Price.objects.create(
                model=model,
                effective_from=SINCE_EVER,
                prompt=rate.prompt,
                cached=rate.cached,
                output=rate.output,
                note="List price",
                **_long_rate(model),
            )


def _long_rate(model: str) -> dict[str, int]:
    if model not in prices.LONG:
        return {}
    tokens, rate = prices.LONG[model]
    return {
        "long_prompt_tokens": tokens,
        "long_prompt": rate.prompt,
        "long_cached": rate.cached,
        "long_output": rate.output,
    }
