"""Amounts are exact: worked out by hand from the price list."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import prices
from accounts.services import spending

PRO, FLASH, LITE = "gemini-3.1-pro-preview", "gemini-3.5-flash", "gemini-3.1-flash-lite-preview"


def usage(prompt: int, completion: int, cached: int = 0, reasoning: int = 0) -> dict:
    counts = {"prompt": prompt, "completion": completion, "cached": cached, "reasoning": reasoning}
    return {f"{kind}_tokens": count for kind, count in counts.items()} | {"estimated": False}


def settle(model: str, used: dict | None, purpose: str = "chat") -> int | None:
    return spending.settle(
        user_id=uuid4(), completion_id=uuid4(), model=model, usage=used, purpose=purpose
    )


@pytest.mark.parametrize(
    ("model", "used", "micro"),
    [
        (PRO, usage(13, 1891, reasoning=1480), 22_718),
        (FLASH, usage(13, 1891), 17_039),  # 17,038.5
        (LITE, usage(13, 1891), 2_840),  # 2,839.75
        (PRO, usage(200_000, 100), 401_200),
        (PRO, usage(200_001, 100), 801_804),
        (PRO, usage(250_000, 0, cached=50_000), 820_000),
        (FLASH, usage(250_000, 0), 375_000),
        (FLASH, usage(1_200, 0, cached=1_000), 450),
        (LITE, usage(2, 0), 1),  # 0.5
        (LITE, usage(1, 0), 0),  # 0.25
        (FLASH, usage(0, 0), 0),
        (FLASH, usage(10, 0, cached=99), 2),  # 1.5: never more cached than asked
    ],
)
def test_cost_is_exact_and_rounded_half_up_once(model: str, used: dict, micro: int) -> None:
    assert settle(model, used) == micro


@pytest.mark.parametrize(("model", "used"), [("gemini-9", usage(1, 1)), (PRO, None)])
def test_what_cannot_be_known_has_no_cost(model: str, used: dict | None) -> None:
    assert settle(model, used) is None


def test_missing_counts_are_nothing() -> None:
    assert settle(PRO, {"prompt_tokens": 10, "cached_tokens": None}) == 20


@given(
    st.sampled_from(sorted(prices.PRICES)),
    st.integers(0, 10**7),
    st.integers(0, 10**7),
    st.integers(0, 10**7),
)
def test_cost_is_an_integer_within_half_a_micro_dollar(
    model: str, prompt: int, cached: int, output: int
) -> None:
    pico = prices.cost_pico(model, prompt=prompt, cached=cached, output=output)
    micro = prices.to_micro(pico)
    assert type(pico) is type(micro) is int
    assert -500_000 < micro * 1_000_000 - pico <= 500_000


def test_what_is_settled_is_counted_by_purpose() -> None:
    tokens = spending.TOKENS.labels(LITE, "title", "completion")._value
    cost = spending.COST.labels(LITE, "title")._value
    before = tokens.get(), cost.get()
    settle(LITE, usage(1_000, 100), purpose="title")
    assert (tokens.get() - before[0], cost.get() - before[1]) == (100, 400)


def test_a_model_from_outside_makes_no_time_series() -> None:
    settle("made-up", usage(1, 1))
    assert "made-up" not in str(list(spending.TOKENS.collect()))
