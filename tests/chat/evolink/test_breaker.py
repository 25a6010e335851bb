"""An outage of the upstream: ten answers pay for it, the next are told at once, and it ends by itself."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from chat.evolink import record
from chat.evolink.client import Ending
from chat.evolink.limits import LIMITS
from chat.evolink.simulator import Simulator
from chat.evolink.simulator.refusals import status
from tests.chat.evolink.conftest import MODEL, PointAt, asking, complete, hear, script

DOWN = "upstream_down"


@pytest.fixture(autouse=True)
def without_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt an answer, but for the tests that say otherwise; five seconds become a fifth of one."""
    monkeypatch.setattr(LIMITS, "retries_most", 0)
    monkeypatch.setattr(LIMITS, "skip", 0.2)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def codes(count: int, ask: Callable[[], Awaitable[Ending]]) -> list[str]:
    return [(await ask()).code for _ in range(count)]


def asks(line: str, **parameters: object) -> Callable[[], Awaitable[Ending]]:
    async def ask() -> Ending:
        return (await hear(script(line, **parameters))).ending

    return ask


async def open_up(line: str = "status code=503") -> None:
    assert DOWN not in await codes(10, asks(line))


async def waited(seconds: float) -> None:
    """The time after which an address is tried again is what these tests are about."""
    await asyncio.sleep(seconds)


# How it opens ------------------------------------------------------------------------------------


async def test_ten_answers_pay_and_the_next_is_told_at_once(simulator: Simulator):
    await open_up()
    began = time.perf_counter()
    heard = await hear(script("well"))
    took = time.perf_counter() - began
    print(f"the eleventh answer was told after {took * 1000:.1f} ms")
    assert (heard.facts, heard.ending.state, heard.ending.code) == ([], "failed", DOWN)
    assert "Retry" in heard.ending.detail
    assert len(simulator.calls) == 10
    assert took < 0.05


async def test_nobody_waits_for_a_port_where_nobody_listens(
    simulator: Simulator, point_at: PointAt
):
    point_at(f"http://127.0.0.1:{free_port()}")
    assert await codes(11, asks("well")) == [*["upstream_unreachable"] * 10, DOWN]


@pytest.mark.parametrize("line", ["breaks how=reset after=head", "breaks how=hang after=head"])
async def test_an_upstream_without_a_first_byte_is_an_outage(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, line: str
):
    monkeypatch.setattr(LIMITS, "failures_most", 2)
    monkeypatch.setattr(LIMITS, "first_byte", 0.1)
    assert (await codes(3, asks(line)))[-1] == DOWN


async def test_ten_who_wait_too_long_are_enough(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "late", 0.1)
    waiting = [asyncio.ensure_future(asks("late wait=0.45 pings=no")()) for _ in range(10)]
    await waited(0.25)
    assert await codes(1, asks("well")) == [DOWN]
    assert {ending.state for ending in await asyncio.gather(*waiting)} == {"completed"}
    assert await codes(1, asks("well")) == [""]


async def test_retries_of_one_answer_count_once(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "retries_most", 2)
    assert DOWN not in await codes(10, asks("status code=503"))
    assert (len(simulator.calls), await codes(1, asks("well"))) == (30, [DOWN])


async def test_an_answer_that_its_retry_saved_is_no_failure(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "retries_most", 2)
    lines = [f"status code=503 times=1 retry_after=0.0{at}" for at in range(1, 10)]
    for line in [*lines, "status code=503 times=2"] * 2:
        await hear(script(line))
    assert LIMITS.failures_most < 20
    assert await codes(1, asks("well")) == [""]


@pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 429])
async def test_what_the_service_refuses_is_no_outage(simulator: Simulator, code: int):
    assert DOWN not in await codes(12, asks(f"status code={code}"))


async def test_one_good_answer_begins_the_count_again(simulator: Simulator):
    await codes(9, asks("status code=503"))
    await codes(1, asks("well"))
    assert DOWN not in await codes(10, asks("status code=503"))


async def test_answers_that_people_stopped_count_for_nothing(simulator: Simulator):
    await codes(9, asks("status code=503"))
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asks("breaks how=hang after=head")(), 0.05)
    assert await codes(2, asks("status code=503")) == ["upstream_error", DOWN]


# How it ends -------------------------------------------------------------------------------------


async def test_after_a_while_one_answer_tries_and_the_others_are_told(simulator: Simulator):
    await open_up()
    await waited(0.21)
    together = [asks("late wait=0.1")() for _ in range(5)]
    assert sorted(ending.code for ending in await asyncio.gather(*together)) == ["", *[DOWN] * 4]
    assert len(simulator.calls) == 11
    assert await codes(3, asks("well")) == ["", "", ""]


async def test_a_try_that_fails_is_not_repeated_before_its_time(simulator: Simulator):
    await open_up()
    await waited(0.21)
    assert await codes(3, asks("status code=503")) == ["upstream_error", DOWN, DOWN]
    await waited(0.21)
    assert await codes(1, asks("well")) == [""]


@pytest.mark.parametrize("line", ["breaks how=hang after=head", "status code=429"])
async def test_a_try_that_says_nothing_leaves_its_place(simulator: Simulator, line: str):
    await open_up()
    await waited(0.21)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asks("breaks how=hang after=head")(), 0.05)
    assert await codes(1, asks("status code=429")) == ["rate_limited"]
    assert await codes(1, asks("well")) == [""]


async def test_a_service_that_comes_back_is_found(simulator: Simulator, point_at: PointAt):
    port = free_port()
    point_at(f"http://127.0.0.1:{port}")
    assert (await codes(11, asks("well")))[-1] == DOWN
    again = Simulator(scripts=True)
    await again.start(port=port)
    await waited(0.21)
    assert await codes(2, asks("well")) == ["", ""]
    await again.stop()


# Two addresses -----------------------------------------------------------------------------------


async def test_a_dead_address_is_skipped_while_the_other_answers(
    simulator: Simulator, point_at: PointAt, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LIMITS, "retries_most", 2)
    dead = Simulator(scripts=True)
    point_at(await dead.start(), simulator.url)
    dead.transcripts["well"] = partial(status, MODEL, 503)
    assert set(await codes(15, asks("well"))) == {""}
    assert len(dead.calls) == 10
    await dead.stop()


# Titles, staff, figures -----------------------------------------------------------------------------


async def test_titles_keep_off_and_say_nothing(simulator: Simulator):
    for _ in range(12):
        await complete(script("status code=503"))
    await open_up()
    await waited(0.21)
    assert (await complete(asking("A title?"))).ending.code == DOWN
    assert await codes(1, asks("well")) == [""]
    assert (await complete(asking("A title?"))).ending.state == "completed"


def skipped(simulator: Simulator) -> float | None:
    return REGISTRY.get_sample_value("webchat_upstream_skipped", {"host": simulator.url[7:]})


async def test_the_metrics_say_what_is_skipped(simulator: Simulator):
    await open_up()
    assert skipped(simulator) == 1
    await waited(0.21)
    await hear(script("well"))
    assert skipped(simulator) == 0


@pytest.mark.parametrize(
    ("refusal", "code"),
    [(401, "upstream_auth"), (402, "upstream_quota"), (404, "model_gone")],
)
async def test_staff_are_warned_once_a_minute(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, refusal: int, code: str
):
    monkeypatch.setattr(record, "_warned_at", {})
    with capture_logs() as logs:
        await codes(3, asks(f"status code={refusal}"))
    warned = [line for line in logs if line["event"] == "evolink.refused"]
    assert [(line["code"], line["log_level"]) for line in warned] == [(code, "warning")]
    assert await codes(1, asks("well")) == [""]
