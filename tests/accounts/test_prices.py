"""Amounts are exact: worked out by hand from the price list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import prices
from accounts.prices import PriceTag, Tokens

PRO, FLASH, LITE = "gemini-3.1-pro-preview", "gemini-3.5-flash", "gemini-3.1-flash-lite-preview"


def tag(model: str) -> PriceTag:
    tokens, long = prices.LONG.get(model, (0, None))
    return PriceTag(id=1, rate=prices.LIST[model], long=long, long_prompt=tokens)


@pytest.mark.parametrize(
    ("model", "used", "micro"),
    [
        (PRO, Tokens(13, 1891, reasoning=1480), 22_718),
        (FLASH, Tokens(13, 1891), 17_039),  # 17,038.5
        (LITE, Tokens(13, 1891), 2_840),  # 2,839.75
        (PRO, Tokens(200_000, 100), 401_200),
        (PRO, Tokens(200_001, 100), 801_804),
        (PRO, Tokens(250_000, 0, cached=50_000), 820_000),
        (FLASH, Tokens(250_000, 0), 375_000),
        (FLASH, Tokens(1_200, 0, cached=1_000), 450),
        (LITE, Tokens(2, 0), 1),  # 0.5
        (LITE, Tokens(1, 0), 1),  # 0.25: never too little
        (FLASH, Tokens(0, 0), 0),
        (FLASH, Tokens(10, 0, cached=99), 2),  # 1.5: never more cached than asked
    ],
)
def test_cost_is_exact_and_rounded_up_once(model: str, used: Tokens, micro: int) -> None:
    assert prices.to_micro(tag(model).pico(used)) == micro


@given(
    st.sampled_from(sorted(prices.LIST)),
    st.integers(0, 10**7),
    st.integers(0, 10**7),
    st.integers(0, 10**7),
)
def test_cost_is_an_integer_within_a_micro_dollar(
    model: str, prompt: int, cached: int, output: int
) -> None:
    pico = tag(model).pico(Tokens(prompt=prompt, cached=cached, output=output))
    micro = prices.to_micro(pico)
    assert type(pico) is type(micro) is int
    assert 0 <= micro * 1_000_000 - pico < 1_000_000
