"""What the gateway counted, in our terms."""

from typing import Any

import pytest

from chat.evolink import usage
from chat.evolink.wire import Usage


def counted(prompt: Any, completion: Any, total: Any, cached: Any = 0, reasoning: Any = 0) -> dict:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": total,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
        "input_tokens": 0,
        "output_tokens": 0,
        "input_tokens_details": None,
    }


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (counted(13, 1891, 1904, 0, 1480), Usage(13, 0, 1891, 1480, 1904)),
        (counted(100, 5, 105, 80, 2), Usage(100, 80, 5, 2, 105)),
        (counted(13, 5, 0), Usage(13, 0, 5, 0, 18)),
        (counted(13, 5, None), Usage(13, 0, 5, 0, 18)),
        (counted(13, None, 18), Usage(13, 0, 5, 0, 18)),
        (counted(13, 0, 81, 0, 60), Usage(13, 0, 68, 60, 81)),
        (counted(13, 5, 10), Usage(13, 0, 5, 0, 18)),
        (counted(13, 5, 18, 99, 99), Usage(13, 13, 5, 5, 18)),
        (counted(13, 5, 18, -1, "x"), Usage(13, 0, 5, 0, 18)),
        (counted(0, 0, 0), Usage()),
        ({"prompt_tokens": 13}, Usage(13, 0, 0, 0, 13)),
    ],
)
def test_output_is_the_larger_figure_and_parts_stay_inside(raw: dict, expected: Usage):
    assert usage.normalise(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        counted(-1, 5, 4),
        counted(13, -5, 8),
        counted(13, 5, -18),
        counted(13.0, 5, 18),
        counted("13", 5, 18),
        counted(True, 5, 6),
        counted(0, 5, 5),
        counted(None, 5, 18),
        counted(1_048_577, 5, 0),
        counted(13, 10**9, 0),
        counted(1_048_000, 1_000, 0),
        counted(13, float("nan"), 18),
        {},
        [13, 5, 18],
        "many",
        7,
    ],
)
def test_figures_that_cannot_be_true_are_refused(raw: Any):
    with pytest.raises(usage.Absurd):
        usage.normalise(raw)
