"""Deltas: the first at once, then in batches, each with its offset in UTF-16 units."""

import asyncio
from uuid import uuid4

import pytest

from chat import events
from chat.completions.relay import Relay, from_utf16_offset, utf16_length


@pytest.fixture
def told(monkeypatch):
    deltas = []

    async def remember(conversation_id, event):
        deltas.append((event["offset"], event["text"]))

    monkeypatch.setattr(events, "tell_viewers", remember)
    return deltas


@pytest.mark.parametrize(("text", "length"), [("", 0), ("abc", 3), ("漢é", 2), ("a🙂b", 4)])
def test_length_is_what_javascript_counts(text, length):
    assert utf16_length(text) == length


@pytest.mark.parametrize(
    ("offset", "rest"), [(0, "a🙂b漢"), (1, "🙂b漢"), (3, "b漢"), (4, "漢"), (5, ""), (9, "")]
)
def test_the_rest_from_an_offset(offset, rest):
    assert from_utf16_offset("a🙂b漢", offset) == rest


async def test_the_first_piece_goes_out_at_once(told):
    relay = Relay(uuid4(), uuid4())
    relay.add("Hello")
    await asyncio.sleep(0)
    assert told == [(0, "Hello")]
    await relay.close()


async def test_what_comes_quickly_goes_out_together(told):
    relay = Relay(uuid4(), uuid4())
    relay.add("a🙂")
    await asyncio.sleep(0)
    for letter in "bcd":
        relay.add(letter)
    await relay.close()
    assert told == [(0, "a🙂"), (3, "bcd")]
    assert relay.text == "a🙂bcd"


async def test_nothing_is_sent_when_nothing_came(told):
    await Relay(uuid4(), uuid4()).close()
    assert told == []
