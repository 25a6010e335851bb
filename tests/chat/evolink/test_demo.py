"""The demo model shows what the page can do."""

import asyncio
import time

import pytest

from chat.completions.prompt import GO_ON
from chat.completions.speakers import NAMED
from chat.evolink import client
from chat.evolink.client import ChatMessage, ChatRequest, Thought
from chat.evolink.simulator import Simulator, demo
from tests.chat.evolink.conftest import MODEL, asking, complete, hear

QUESTION = "How do trees talk?\nWith <b>roots</b> | or `leaves`?"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "CHUNKS_A_SECOND", 2000)


async def test_an_answer_shows_everything_and_repeats_the_question(simulator: Simulator):
    text = (await hear(asking(QUESTION))).text
    for part in ("\n## ", "\n| --- |", "\n```python\n", "\n$$\n", "1. **Stop**", "demo model"):
        assert part in text
    assert "> How do trees talk?\n> With <b>roots</b> | or `leaves`?\n" in text


async def test_different_questions_get_different_answers(simulator: Simulator):
    texts = {(await complete(asking(f"Question {at}"))).text.split("\n")[0] for at in range(12)}
    assert len(texts) > 1


async def test_the_same_question_gets_the_same_answer(simulator: Simulator):
    first, second = await asyncio.gather(complete(asking("Same")), complete(asking("Same")))
    assert first.text == second.text


async def test_it_arrives_in_many_pieces_at_a_readable_pace(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(demo, "CHUNKS_A_SECOND", 200)
    began = time.monotonic()
    heard = await hear(asking(QUESTION))
    assert len(heard.facts) > 100
    assert time.monotonic() - began == pytest.approx(len(heard.facts) / 200, rel=0.3)


async def test_usage_is_believable(simulator: Simulator):
    heard = await hear(asking(QUESTION))
    usage = heard.ending.usage
    assert (heard.ending.usage_source, usage.cached_tokens) == ("upstream", 0)
    assert usage.completion_tokens - usage.reasoning_tokens == -(-len(heard.text) // 4)
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


@pytest.mark.parametrize("cap", [1, 40, 100])
async def test_it_stops_at_the_length_limit(simulator: Simulator, cap: int):
    heard = await hear(asking(QUESTION, max_completion_tokens=cap))
    assert heard.ending.finish_reason == "length"
    assert heard.ending.usage.completion_tokens <= cap


async def test_it_stops_at_a_stop_sequence(simulator: Simulator):
    heard = await hear(asking(QUESTION, stop=["## A little", "## And"]))
    assert heard.text.rstrip().endswith("|")
    assert heard.ending.finish_reason == "stop"


async def test_it_thinks_aloud_when_asked_to_think(simulator: Simulator):
    much = await hear(asking(QUESTION, reasoning_effort="high"))
    little = await hear(asking(QUESTION, reasoning_effort="low"))
    assert (bool(much.of(Thought)), bool(little.of(Thought))) == (True, False)
    assert much.ending.usage.reasoning_tokens > little.ending.usage.reasoning_tokens


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("how do trees talk to each other in winter?", "How do trees talk to"),
        ("**Hi**", "Hi"),
        ("???", "New conversation"),
    ],
)
async def test_it_gives_titles(simulator: Simulator, question: str, title: str):
    order = ChatMessage("system", "Give this conversation a title.")
    request = ChatRequest(MODEL, [order, ChatMessage("user", question)], max_completion_tokens=1024)
    assert (await complete(request)).text == title


@pytest.mark.parametrize(
    "question", ["", "\n\n", "x" * 100_000, "|" * 50, "```", "\N{GRINNING FACE}"]
)
async def test_any_question_gets_an_answer(simulator: Simulator, question: str):
    heard = await hear(asking(question))
    assert heard.ending.state == "completed"
    assert len(heard.text) < 4_000


async def test_the_demo_obeys_no_scripts(point_at):
    upstream = Simulator()
    point_at(await upstream.start())
    text = (await complete(asking("!script status code=500"))).text
    await client.close()
    await upstream.stop()
    assert "> !script status code=500" in text


async def test_asked_to_go_on_it_writes_the_rest_of_the_same_answer(simulator: Simulator):
    asked = asking(QUESTION)
    whole = (await hear(asked)).text
    for length in (1, len(whole) // 2, len(whole) - 1):
        so_far = [ChatMessage("assistant", whole[:length]), ChatMessage("user", GO_ON)]
        rest = await hear(ChatRequest(MODEL, [*asked.messages, *so_far]))
        assert whole[:length] + rest.text == whole


async def test_a_question_about_answers_that_are_cut_off_is_a_question(simulator: Simulator):
    request = ChatRequest(MODEL, [ChatMessage("user", GO_ON)])
    assert "> Your answer above was cut off." in (await hear(request)).text


async def test_where_names_are_told_the_last_persons_words_are_the_question(simulator: Simulator):
    said = [
        ChatMessage("system", NAMED),
        ChatMessage("user", "[Ada] Lunch?\n\n[Ben] How do trees talk?\nWith roots?"),
    ]
    text = (await hear(ChatRequest(MODEL, said))).text
    assert "You asked:\n\n> How do trees talk?\n> With roots?\n\n" in text
    unnamed = await hear(asking("[Ada] Lunch?"))
    assert "> [Ada] Lunch?" in unnamed.text
