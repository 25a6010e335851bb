"""What tokens cost, in whole numbers: a dollar for a million tokens is a million pico-dollars each."""

from dataclasses import dataclass

PICO_PER_MICRO = 1_000_000


@dataclass(frozen=True)
class Tokens:
    """Of one call. Cached is inside the prompt, reasoning inside the output."""

    prompt: int
    output: int
    cached: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        return self.prompt + self.output


@dataclass(frozen=True)
class Rate:
    """Pico-dollars a token."""

    prompt: int
    cached: int
    output: int


@dataclass(frozen=True)
class PriceTag:
    """A prompt of more than `long_prompt` tokens is priced at the `long` rate, the whole of it."""

    id: int
    rate: Rate
    long: Rate | None = None
    long_prompt: int = 0

    def rate_for(self, prompt: int) -> Rate:
        return self.long if self.long and prompt > self.long_prompt else self.rate

    def pico(self, used: Tokens) -> int:
        rate = self.rate_for(used.prompt)
        cached = min(used.cached, used.prompt)
        return (
            (used.prompt - cached) * rate.prompt + cached * rate.cached + used.output * rate.output
        )


# The gateway's list prices, which the price table begins with: (model, prompt, cached, output).
LIST = {
    "gemini-3.1-pro-preview": Rate(prompt=2_000_000, cached=200_000, output=12_000_000),
    "gemini-3.5-flash": Rate(prompt=1_500_000, cached=150_000, output=9_000_000),
    "gemini-3.1-flash-lite-preview": Rate(prompt=250_000, cached=25_000, output=1_500_000),
}
LONG = {
    "gemini-3.1-pro-preview": (200_000, Rate(prompt=4_000_000, cached=400_000, output=18_000_000)),
}


def to_micro(pico: int) -> int:
    """Micro-dollars, rounded up, once a call: less than a micro-dollar too much, and never too little."""
    return -(-pico // PICO_PER_MICRO)
