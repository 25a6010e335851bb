"""Whatever arrives: no exception, exactly one ending, text that can be stored."""

import asyncio

from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from chat.evolink import client
from chat.evolink.body import Body
from chat.evolink.errors import Fault
from chat.evolink.reducer import Reducer
from chat.evolink.simulator import Act, Reply, Simulator
from chat.evolink.simulator.streams import SHAPES, ending, said
from chat.evolink.verdict import conclude
from tests.chat.evolink.conftest import KEY, MODEL, Heard, hear, script
from tests.faults.tiers import COUNTS

TRANSCRIPTS = [b"".join([*shape(MODEL), *ending(MODEL)]) for shape in SHAPES.values()]
TRANSCRIPTS.append(b"".join([*said(MODEL, "Hello", "日本語 👩‍👩‍👧"), *ending(MODEL)]))
TOKENS = [
    *(b"\n", b"\r", b"\n\n", b"data: ", b"event: error\n", b"{", b"}", b"[", b'"', b"\\", b"\0"),
    *(b"null", b"-1", b"1e999", b"NaN", b"\xff", b"\\ud800", b'"error":', b'"usage":', b"[DONE]"),
    *(b'"content":', b'"choices":', b'"finish_reason":"stop"', b'"index":1', b"9" * 5000, b"<"),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A transcript with pieces taken out, put in, doubled and overwritten."""
    text = bytearray(draw(st.sampled_from(TRANSCRIPTS)))
    for _ in range(draw(st.integers(0, 6))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 40)))
        put = draw(st.sampled_from(TOKENS) | st.binary(max_size=6) | st.just(text[begin:end] * 2))
        text[begin:end] = put
    return bytes(text)


def check(heard: Heard) -> None:
    end = heard.ending
    assert heard.text.encode() is not None
    assert "\0" not in heard.text
    assert (end.state == "completed") == (end.code == "")
    assert (end.state == "failed") == (not heard.text.strip())
    assert end.upstream_detail.encode() is not None
    assert len(end.finish_reason) <= 64
    assert (end.usage is None) == (end.usage_source != "upstream")


@given(mutated(), st.integers(1, 2000))
@effort(max_examples=COUNTS.transcripts, deadline=None)
def test_any_bytes_come_to_one_ending(text: bytes, size: int):
    reducer, fault, texts = Reducer(MODEL), None, []
    body = Body(reducer, on_event=lambda: None)
    try:
        for at in range(0, len(text), size):
            texts += body.feed(text[at : at + size])
        texts += body.finish()
    except Fault as found:
        fault = found
    texts += reducer.rest()
    check(Heard(texts, conclude(reducer, fault, redact=str)))


@given(
    text=mutated(),
    sizes=st.lists(st.integers(1, 300), max_size=10),
    act=st.sampled_from([None, Act.RESET, Act.CUT]),
    framing=st.sampled_from(["chunked", "none"]),
    status=st.sampled_from([200, 200, 200, 400, 429, 500]),
)
@effort(
    max_examples=COUNTS.transcripts_over_http,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_any_transcript_over_http_comes_to_one_ending(
    point_at, text: bytes, sizes: list[int], act: Act | None, framing: str, status: int
):
    reply = Reply(
        status=status, framing=framing, steps=[*cut(text, sizes), *([act] if act else [])]
    )
    heard = asyncio.run(play(point_at, reply))
    check(heard)


def cut(text: bytes, sizes: list[int]) -> list[bytes]:
    steps = []
    for size in sizes:
        steps.append(text[:size])
        text = text[size:]
    return [step for step in (*steps, text) if step]


async def play(point_at, reply: Reply) -> Heard:
    simulator = Simulator(scripts=True, key=KEY)
    simulator.transcripts["fuzz"] = lambda: reply
    point_at(await simulator.start())
    try:
        return await asyncio.wait_for(hear(script("fuzz")), 20)
    finally:
        await client.close()
        await simulator.stop()
