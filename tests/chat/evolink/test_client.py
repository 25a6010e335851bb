"""The client against a real server: what is asked and heard, retries, fallback, the key."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from chat.evolink import client
from chat.evolink.client import Piece, Thought, Waiting
from chat.evolink.limits import LIMITS
from chat.evolink.simulator import Simulator
from chat.evolink.wire import Usage
from tests.chat.evolink.conftest import MODEL, QUICK, PointAt, asking, complete, hear, script


@pytest.fixture
async def other(simulator: Simulator) -> AsyncIterator[tuple[Simulator, str]]:
    """A second upstream and where it is."""
    upstream = Simulator(scripts=True)
    yield upstream, await upstream.start()
    await upstream.stop()


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


# What is asked and what is heard -----------------------------------------------------------------


async def test_a_stream_asks_for_usage_and_for_nothing_that_was_not_set(simulator: Simulator):
    await hear(script("well", temperature=0.5))
    assert simulator.calls[0].request == {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Please\n!script well"}],
        "temperature": 0.5,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_text_comes_in_the_pieces_in_which_it_was_sent(simulator: Simulator):
    heard = await hear(script("steady chunks=20 rate=200"))
    assert [fact.text for fact in heard.facts] == [f"{at:04d} " for at in range(20)]


async def test_thoughts_are_kept_apart_from_the_answer(simulator: Simulator):
    heard = await hear(script("shaped shape=thoughts"))
    assert heard.of(Thought) == [Thought("Hm.")]
    assert heard.text == "Hello world"


async def test_the_ending_says_what_was_counted_and_by_whom(simulator: Simulator):
    ending = (await hear(script("well"))).ending
    assert ending.usage == Usage(13, 0, 1891, 1480, 1904)
    assert (ending.model, ending.upstream_id[:9]) == (MODEL, "chatcmpl-")
    assert (ending.code, ending.detail, ending.upstream_detail, ending.flags) == ("", "", "", ())


async def test_the_model_really_used_is_told(simulator: Simulator):
    assert (await hear(script("shaped shape=other_model"))).ending.model == "gemini-9"


async def test_a_whole_response(simulator: Simulator):
    completed = await complete(asking("!script whole"))
    assert (completed.text, completed.ending.state) == ("Hello world", "completed")
    assert completed.ending.usage == Usage(13, 0, 1891, 1480, 1904)
    assert completed.ending.flags == ()
    assert "stream" not in simulator.calls[0].request


async def test_a_whole_response_that_is_streamed_all_the_same(simulator: Simulator):
    assert (await complete(script("well"))).text == "Hello world"


async def test_a_whole_response_that_fails(simulator: Simulator):
    completed = await complete(script("status code=402"))
    assert (completed.text, completed.ending.code) == ("", "upstream_quota")


async def test_a_spent_length_limit_is_explained(simulator: Simulator):
    ending = (await hear(script("silent finish=length"))).ending
    assert "length limit" in ending.detail


async def test_half_a_character_in_the_question_is_refused_here(simulator: Simulator):
    ending = (await hear(asking("a\ud800b"))).ending
    assert (ending.state, ending.code, simulator.calls) == ("failed", "bad_request", [])


# Trying again ------------------------------------------------------------------------------------


async def test_a_retry_is_announced_with_its_reason(simulator: Simulator):
    heard = await hear(script("status code=503 times=1"))
    assert [type(fact) for fact in heard.facts] == [Waiting, Piece, Piece]
    assert heard.facts[0].reason == "upstream_error"


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("0.2", 0.2, 0.2),
        ("10", QUICK["retry_after_most"], QUICK["retry_after_most"]),
        ("0", QUICK["backoff_least"], QUICK["backoff_least"]),
        *((absurd, 0.0, QUICK["backoff_most"]) for absurd in ("-1", "1000000000", "abc")),
        ("Wed,_21_Oct_2015_07:28:00_GMT", 0.0, QUICK["backoff_most"]),
    ],
)
async def test_retry_after_is_obeyed_within_reason(
    simulator: Simulator, header: str, low: float, high: float
):
    heard = await hear(script(f"status code=429 retry_after={header} times=1"))
    waited = simulator.calls[1].opened_at - simulator.calls[0].opened_at
    assert low <= heard.facts[0].seconds <= high
    assert waited >= heard.facts[0].seconds
    assert heard.text == "Hello world"


async def test_a_wait_beyond_the_deadline_fails_at_once_and_tells_the_time(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "first_token", 0.1)
    heard = await hear(script("status code=429 retry_after=0.25"))
    assert (heard.facts, len(simulator.calls)) == ([], 1)
    assert (heard.ending.code, heard.ending.retry_after) == ("rate_limited", 0.25)


async def test_retries_can_be_switched_off(simulator: Simulator, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(LIMITS, "retries_most", 0)
    await hear(script("status code=503"))
    assert len(simulator.calls) == 1


@pytest.mark.parametrize("seen", ["text", "thought", "space"])
@pytest.mark.parametrize("how", ["reset", "hang", "cut"])
async def test_nothing_is_asked_again_once_something_was_seen(
    simulator: Simulator, seen: str, how: str
):
    await hear(script(f"breaks how={how} after={seen}"))
    assert len(simulator.calls) == 1


async def test_an_empty_answer_that_was_counted_is_not_asked_again(simulator: Simulator):
    await hear(script("silent finish=stop"))
    assert len(simulator.calls) == 1


# Two addresses -----------------------------------------------------------------------------------


async def test_the_second_address_answers_at_once_when_the_first_is_dead(
    simulator: Simulator, other: tuple[Simulator, str], point_at: PointAt
):
    point_at(closed_port(), other[1])
    heard = await hear(script("well"))
    assert (heard.text, heard.of(Waiting)) == ("Hello world", [])


async def test_the_second_address_is_tried_after_a_server_error(
    simulator: Simulator, other: tuple[Simulator, str], point_at: PointAt
):
    point_at(simulator.url, other[1])
    await hear(script("status code=503"))
    assert (len(simulator.calls), len(other[0].calls)) == (2, 1)


async def test_a_busy_service_is_not_asked_elsewhere(
    simulator: Simulator, other: tuple[Simulator, str], point_at: PointAt
):
    point_at(simulator.url, other[1])
    await hear(script("status code=429"))
    assert (len(simulator.calls), len(other[0].calls)) == (3, 0)


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
async def test_a_base_url_may_end_as_people_write_it(
    simulator: Simulator, point_at: PointAt, ending: str
):
    point_at(simulator.url + ending)
    assert (await hear(script("well"))).ending.state == "completed"


# Not reached -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base", ["closed", "http://evolink.invalid", "http://[::1]:9", "http://", ""]
)
async def test_a_service_that_cannot_be_reached(simulator: Simulator, point_at: PointAt, base: str):
    point_at(closed_port() if base == "closed" else base)
    ending = (await hear(script("well"))).ending
    assert (ending.state, ending.code) == ("failed", "upstream_unreachable")


async def test_a_service_that_swallows_connections(simulator: Simulator, point_at: PointAt):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        point_at(f"http://127.0.0.1:{address[1]}")
        ending = (await hear(script("well"))).ending
        for filler in fillers:
            filler.close()
    assert (ending.state, ending.code) == ("failed", "upstream_unreachable")


async def test_too_many_at_once_are_refused_instead_of_queued(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "connections_most", 2)
    many = await asyncio.gather(*(hear(script("steady chunks=10 rate=50")) for _ in range(5)))
    assert sorted(heard.ending.code for heard in many) == ["", "", *["overload"] * 3]
    assert (await hear(script("well"))).ending.state == "completed"


# The key -----------------------------------------------------------------------------------------


async def test_a_good_key_needs_no_words(simulator: Simulator):
    assert await client.check_key() is None
    assert simulator.calls[0].request["messages"] == []


async def test_a_refused_key_is_one_sentence(simulator: Simulator, point_at: PointAt):
    point_at(simulator.url, key="another")
    sentence = await client.check_key()
    assert sentence == f"EVOLINK_API_KEY was refused by the gateway at {simulator.url[7:]}."


async def test_a_key_that_no_header_can_carry_is_refused_here(
    simulator: Simulator, point_at: PointAt
):
    point_at(simulator.url, key="ключ")
    assert "refused" in str(await client.check_key())
    assert simulator.calls == []


async def test_a_gateway_that_cannot_be_reached_is_one_sentence(
    simulator: Simulator, point_at: PointAt
):
    point_at(closed_port(), closed_port())
    assert "cannot be reached" in str(await client.check_key())


async def test_the_key_is_checked_at_the_second_address_when_the_first_is_dead(
    simulator: Simulator, point_at: PointAt
):
    point_at(closed_port(), simulator.url)
    assert await client.check_key() is None
