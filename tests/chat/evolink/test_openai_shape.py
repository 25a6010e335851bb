"""The official client understands the simulator: its shapes are the OpenAI format's."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from chat.evolink.simulator import Simulator, demo
from tests.chat.evolink.conftest import KEY, MODEL

HELLO: Any = [{"role": "user", "content": "What is a tree?"}]


@pytest.fixture
async def official(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[openai.AsyncOpenAI]:
    monkeypatch.setattr(demo, "CHUNKS_A_SECOND", 2000)
    async with openai.AsyncOpenAI(
        base_url=f"{simulator.url}/v1", api_key=KEY, max_retries=0
    ) as official:
        yield official


async def test_a_whole_response(official: openai.AsyncOpenAI):
    completion = await official.chat.completions.create(model=MODEL, messages=HELLO)
    choice, usage = completion.choices[0], completion.usage
    assert (completion.object, completion.model, choice.finish_reason) == (
        "chat.completion",
        MODEL,
        "stop",
    )
    assert choice.message.role == "assistant"
    assert "What is a tree?" in str(choice.message.content)
    assert usage is not None
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert 0 < usage.completion_tokens_details.reasoning_tokens < usage.completion_tokens
    assert usage.prompt_tokens_details.cached_tokens == 0


async def test_a_stream(official: openai.AsyncOpenAI):
    stream = await official.chat.completions.create(
        model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    assert "What is a tree?" in text
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert (chunks[-1].choices, chunks[-1].usage.prompt_tokens) == ([], 8)


async def test_usage_comes_only_when_it_was_asked_for(official: openai.AsyncOpenAI):
    stream = await official.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
    assert all(chunk.choices and chunk.usage is None for chunk in [c async for c in stream])


async def test_several_choices(official: openai.AsyncOpenAI):
    completion = await official.chat.completions.create(model=MODEL, messages=HELLO, n=3)
    assert [choice.index for choice in completion.choices] == [0, 1, 2]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (402, openai.APIStatusError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (502, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
async def test_the_nine_errors(official: openai.AsyncOpenAI, code: int, kind: type[Exception]):
    messages: Any = [{"role": "user", "content": f"!script status code={code}"}]
    with pytest.raises(kind) as raised:
        await official.chat.completions.create(model=MODEL, messages=messages)
    body = raised.value.body
    assert (body["code"], isinstance(body["message"], str), isinstance(body["type"], str)) == (
        code,
        True,
        True,
    )
