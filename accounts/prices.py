"""What tokens cost, in whole numbers: a dollar for a million tokens is a million pico-dollars each.

The list prices of the gateway's models; prices that an admin can change come with the budgets.
"""

from dataclasses import dataclass

PICO_PER_MICRO = 1_000_000


@dataclass(frozen=True)
class Rate:
    """Pico-dollars a token. Cached tokens are inside the prompt, reasoning inside the output."""

    prompt: int
    cached: int
    output: int

    def pico(self, *, prompt: int, cached: int, output: int) -> int:
        return (prompt - cached) * self.prompt + cached * self.cached + output * self.output


@dataclass(frozen=True)
class Price:
    """A prompt of more than `long_prompt` tokens is priced at the `long` rate, the whole of it."""

    rate: Rate
    long: Rate | None = None
    long_prompt: int = 200_000

    def rate_for(self, prompt: int) -> Rate:
        return self.long if self.long and prompt > self.long_prompt else self.rate


PRICES = {
    "gemini-3.1-pro-preview": Price(
        Rate(prompt=2_000_000, cached=200_000, output=12_000_000),
        long=Rate(prompt=4_000_000, cached=400_000, output=18_000_000),
    ),
    "gemini-3.5-flash": Price(Rate(prompt=1_500_000, cached=150_000, output=9_000_000)),
    "gemini-3.1-flash-lite-preview": Price(Rate(prompt=250_000, cached=25_000, output=1_500_000)),
}


def cost_pico(model: str, *, prompt: int, cached: int, output: int) -> int | None:
    """Exact pico-dollars, or None for a model without a price. Cached is at most the prompt."""
    price = PRICES.get(model)
    cached = min(cached, prompt)
    return (
        price.rate_for(prompt).pico(prompt=prompt, cached=cached, output=output) if price else None
    )


def to_micro(pico: int) -> int:
    """Micro-dollars, rounded half up, once a call."""
    return (pico + PICO_PER_MICRO // 2) // PICO_PER_MICRO
