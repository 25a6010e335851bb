"""Text from outside becomes text that can be stored and shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.evolink.mending import Mender

ANY_TEXT = st.text(st.characters() | st.sampled_from("\0\ud83d\ude00\udfff\ud800"))


def mend(pieces: list[str], most_bytes: int = 1000) -> tuple[list[str], Mender]:
    mender = Mender(most_bytes)
    return [*(mender.feed(piece) for piece in pieces), mender.finish()], mender


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["a", "b"], "ab"),
        (["\ud83d", "\ude00"], "\N{GRINNING FACE}"),
        (["a\ud83d", "", "\ude00b"], "a\N{GRINNING FACE}b"),
        (["\ud83d", "b"], "\ufffdb"),
        (["\ud83d", "\ud83d", "\ude00"], "\ufffd\N{GRINNING FACE}"),
        (["a\ud83d"], "a\ufffd"),
        (["\ude00a"], "\ufffda"),
        (["\ud83d", "\0", "\ude00"], "\N{GRINNING FACE}"),
        (["a\0b", "\0"], "ab"),
    ],
)
def test_halves_meet_and_what_cannot_be_stored_goes(pieces: list[str], expected: str):
    assert "".join(mend(pieces)[0]) == expected


@given(st.lists(ANY_TEXT))
def test_whatever_comes_can_be_stored(pieces: list[str]):
    mended, mender = mend(pieces, most_bytes=10**6)
    assert all("\0" not in piece and piece.encode() is not None for piece in mended)
    assert mender.size == len("".join(mended).encode())


@given(st.lists(ANY_TEXT), st.integers(0, 40))
def test_it_never_lets_more_through_than_it_may(pieces: list[str], most_bytes: int):
    mended, mender = mend(pieces, most_bytes)
    whole = "".join(mend(pieces, most_bytes=10**6)[0])
    assert len("".join(mended).encode()) <= most_bytes
    assert whole.startswith("".join(mended))
    assert mender.full == (len(whole.encode()) > most_bytes)
