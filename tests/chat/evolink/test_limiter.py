"""A gateway that bears only so many calls: a burst is let through in turn, not thrown at it again and again."""

import asyncio
import time
from collections import Counter

import pytest
from msgspec import structs
from prometheus_client import REGISTRY

from chat.evolink import limiter
from chat.evolink.client import Waiting, stream
from chat.evolink.limits import LIMITS
from chat.evolink.simulator import Call, Reply, Simulator
from chat.evolink.simulator.refusals import status
from chat.evolink.simulator.streams import steady
from tests.chat.evolink.conftest import MODEL, Heard, PointAt, asking, hear, script

OTHER = "gemini-3.1-pro-preview"


class Gateway(Simulator):
    """Writes so many answers at once, and says 429 to everyone else."""

    def __init__(self, most: int, *, retry_after: float | None = None) -> None:
        super().__init__(scripts=True)
        self.most = most
        self.retry_after = retry_after
        self.refused = 0
        self.taken: list[Call] = []
        self.transcripts["busy"] = self.answer

    def answer(self) -> Reply:
        self.taken = [call for call in self.taken if not call.ended]
        if len(self.taken) >= self.most:
            self.refused += 1
            return status(MODEL, 429, retry_after=self.retry_after)
        self.taken.append(self.calls[-1])
        return steady(MODEL, chunks=5, rate=100)

    def order(self) -> list[str]:
        """The questions in the order in which they came to be answered."""
        return [_question(call) for call in self.calls]


def _question(call: Call) -> str:
    return call.request["messages"][0]["content"]


@pytest.fixture
async def gateway(simulator: Simulator, point_at: PointAt):
    """One that allows five."""
    made = Gateway(5)
    point_at(await made.start())
    yield made
    await made.stop()


async def burst(count: int) -> list[Heard]:
    return await asyncio.gather(*(hear(script("busy")) for _ in range(count)))


def states(many: list[Heard]) -> Counter[str]:
    return Counter(heard.ending.code or heard.ending.state for heard in many)


# A burst -----------------------------------------------------------------------------------------


async def test_a_burst_is_answered_without_a_storm(gateway: Gateway):
    began = time.monotonic()
    many = await burst(50)
    took = time.monotonic() - began
    print(f"50 answers, 5 at once: {states(many)}, {gateway.refused} times 429, {took:.1f} s")
    assert states(many) == {"completed": 50}
    assert gateway.refused <= 45 + 15  # the first burst, then a try now and then whether more fit


async def test_the_next_burst_knows_what_the_gateway_bears(gateway: Gateway):
    await burst(20)
    gateway.refused = 0
    assert states(await burst(20)) == {"completed": 20}
    assert gateway.refused <= 6


async def test_without_the_queue_the_same_burst_is_a_storm(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
):
    """What the tests above are measured against."""
    monkeypatch.setattr(limiter.Queue, "shrink", lambda *_: None)
    many = await burst(50)
    print(f"without: {states(many)}, {gateway.refused} times 429")
    assert gateway.refused > 60
    assert states(many)["rate_limited"] > 5


async def test_people_who_wait_are_told(gateway: Gateway):
    many = await burst(20)
    told = [fact for heard in many for fact in heard.of(Waiting)]
    assert {fact.reason for fact in told} == {"rate_limited"}
    assert len(told) >= 15


async def test_nobody_waits_while_there_was_no_refusal(simulator: Simulator):
    many = await asyncio.gather(*(hear(script("steady chunks=3 rate=50")) for _ in range(30)))
    assert [heard.of(Waiting) for heard in many] == [[]] * 30


# The order ---------------------------------------------------------------------------------------


@pytest.fixture
async def one_by_one(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal while nothing was under way: from now on one call goes after the other."""
    gateway.most = 0
    with monkeypatch.context() as once:
        once.setattr(LIMITS, "retries_most", 0)
        await hear(script("busy"))
    gateway.most = 50
    gateway.calls.clear()


async def test_first_come_first_served(gateway: Gateway, one_by_one: None):
    names = [f"{name}\n!script busy" for name in "abcdef"]
    await asyncio.gather(*(hear(asking(name)) for name in names))
    assert gateway.order() == names


async def test_who_leaves_the_queue_frees_the_place(gateway: Gateway, one_by_one: None):
    first = asyncio.ensure_future(hear(script("busy")))
    leaving = [asyncio.ensure_future(hear(script("busy"))) for _ in range(5)]
    last = asyncio.ensure_future(hear(script("busy")))
    await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    assert states([await first, await last]) == {"completed": 2}
    assert len(gateway.calls) == 2


async def test_who_leaves_in_the_middle_of_a_call_frees_it(gateway: Gateway, one_by_one: None):
    leaving = stream(script("busy"))
    await anext(leaving)
    waiting = asyncio.ensure_future(hear(script("busy")))
    await asyncio.sleep(0)
    await leaving.aclose()
    assert (await waiting).ending.state == "completed"


# Time --------------------------------------------------------------------------------------------


async def test_the_time_that_the_gateway_asks_for_is_everyones(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "retries_most", 0)
    gateway.most, gateway.retry_after = 0, 0.25
    refused = await hear(script("busy"))
    gateway.most = 5
    began = time.monotonic()
    heard = await hear(script("busy"))
    assert (refused.ending.code, heard.ending.state) == ("rate_limited", "completed")
    assert 0.2 <= time.monotonic() - began < 1.0


async def test_nobody_waits_beyond_the_first_token(
    gateway: Gateway, one_by_one: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "first_token", 0.2)
    holding = stream(script("steady chunks=500 rate=50"))
    await anext(holding)
    began = time.monotonic()
    heard = await hear(script("busy"))
    assert (heard.ending.state, heard.ending.code) == ("failed", "rate_limited")
    assert 0.15 <= time.monotonic() - began < 0.6
    assert gateway.order()[1:] == []
    await holding.aclose()


async def test_after_a_quiet_time_the_limit_is_forgotten(
    gateway: Gateway, one_by_one: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "calm", 0.0)
    many = await burst(10)
    assert [heard.of(Waiting) for heard in many] == [[]] * 10


async def test_the_limit_grows_while_all_goes_well(gateway: Gateway, one_by_one: None):
    await burst(12)
    assert allowed() > 3


async def test_each_model_has_a_queue_of_its_own(gateway: Gateway, one_by_one: None):
    holding = stream(script("steady chunks=500 rate=50"))
    await anext(holding)
    other = structs.replace(script("well"), model=OTHER)
    assert (await hear(other)).of(Waiting) == []
    await holding.aclose()


def allowed() -> float:
    return REGISTRY.get_sample_value("webchat_upstream_calls_most", {"model": MODEL}) or 0.0
