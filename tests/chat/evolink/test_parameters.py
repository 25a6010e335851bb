"""Every parameter of the reference, with its range on both sides."""

from typing import Any

import httpx
import pytest

from chat.evolink.client import ChatMessage, ChatRequest
from chat.evolink.simulator import Simulator
from chat.evolink.wire import ImagePart, ImageUrl, TextPart
from tests.chat.evolink.conftest import KEY, MODEL, asking, complete

ACCEPTED: dict[str, list[Any]] = {
    "max_completion_tokens": [1, 65_536],
    "max_tokens": [1, 65_536],
    "temperature": [0, 0.7, 2],
    "top_p": [0, 0.9, 1],
    "frequency_penalty": [-2, 0, 2],
    "presence_penalty": [-2, 0, 2],
    "stop": ["END", ["END", "STOP"], []],
    "n": [1, 4],
    "reasoning_effort": ["low", "medium", "high"],
    "seed": [-1, 0, 12345],
    "logprobs": [True, False],
    "top_logprobs": [0, 5, 20],
    "response_format": [{"type": "json_object"}, {"type": "json_schema", "json_schema": {}}],
    "tools": [[], [{"type": "function", "function": {"name": "f"}}]],
    "tool_choice": ["none", "auto", "required"],
    "extra_body": [{"google": {}}],
}
REFUSED: dict[str, list[Any]] = {
    "max_completion_tokens": [0, 65_537, 1.5, "5"],
    "max_tokens": [0, 65_537, True],
    "temperature": [-0.01, 2.01, "hot", [1]],
    "top_p": [-0.01, 1.01],
    "frequency_penalty": [-2.01, 2.01],
    "presence_penalty": [-2.01, 2.01],
    "stop": [5, [5]],
    "n": [0, -1],
    "reasoning_effort": ["none", "lots", 3],
    "seed": [1.5, "x"],
    "logprobs": ["yes", 1],
    "top_logprobs": [-1, 21],
    "response_format": ["json", 3],
    "tools": [{}, ["f"]],
    "tool_choice": ["never", 1],
    "extra_body": [[], "x"],
    "stream": ["yes", 1],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in ACCEPTED.items() for value in values]
)
async def test_a_parameter_within_its_range_travels(simulator: Simulator, name: str, value: Any):
    ending = (await complete(asking("Hello", **{name: value}))).ending
    assert (ending.state, ending.upstream_detail) == ("completed", "")
    assert simulator.calls[0].request[name] == value


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values]
)
async def test_a_parameter_out_of_its_range_is_refused(simulator: Simulator, name: str, value: Any):
    response = await post(simulator, **{name: value})
    error = response.json()["error"]
    assert response.status_code == error["code"] == 400
    assert (error["type"], error["param"]) == ("invalid_request_error", name)


async def test_the_refused_parameter_is_named_to_people(simulator: Simulator):
    ending = (await complete(asking("Hello", temperature=2.5))).ending
    assert ending.code == "bad_request"
    assert ending.detail == "This model does not accept the setting temperature."


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "Hello"}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user"}]}, "messages"),
        ({"messages": [{"role": "user", "content": []}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages"),
        ({"model": 5}, "model"),
        ({"surprise": 1}, "surprise"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)
async def test_a_request_of_another_shape_is_refused(
    simulator: Simulator, change: dict[str, Any], param: str
):
    response = await post(simulator, **change)
    assert (response.status_code, response.json()["error"]["param"]) == (400, param)


async def test_a_model_that_nobody_has_is_not_found(simulator: Simulator):
    response = await post(simulator, model="gemini-9")
    error = response.json()["error"]
    assert (response.status_code, error["type"], error["param"]) == (
        404,
        "not_found_error",
        "model",
    )


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_request_is_refused(simulator: Simulator, body: bytes):
    response = await send(simulator, content=body)
    assert response.status_code == 400


@pytest.mark.parametrize("header", [None, "", "Bearer", f"Basic {KEY}", "Bearer no"])
async def test_without_the_key_nothing_is_looked_at(simulator: Simulator, header: str | None):
    headers = {} if header is None else {"Authorization": header}
    response = await send(simulator, content=b"{", headers=headers)
    error = response.json()["error"]
    assert (response.status_code, error["type"]) == (401, "authentication_error")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/chat/completions"), ("POST", "/v1")])
async def test_another_address_is_not_found(simulator: Simulator, method: str, path: str):
    async with httpx.AsyncClient() as http:
        response = await http.request(method, simulator.url + path)
    assert response.status_code == 404


async def test_a_conversation_with_a_system_prompt_and_pictures_travels(simulator: Simulator):
    picture = ImagePart(ImageUrl("https://images.example/cat.png", detail="low"))
    messages = [
        ChatMessage("system", "Be brief."),
        ChatMessage("user", "Hello"),
        ChatMessage("assistant", "Hello!"),
        ChatMessage("user", [TextPart("What is this?"), picture, picture]),
    ]
    completed = await complete(ChatRequest(MODEL, messages))
    image_url = {"url": "https://images.example/cat.png", "detail": "low"}
    assert "What is this?" in completed.text
    assert simulator.calls[0].request["messages"][3]["content"] == [
        {"type": "text", "text": "What is this?"},
        *[{"type": "image_url", "image_url": image_url}] * 2,
    ]


async def post(simulator: Simulator, **fields: Any) -> httpx.Response:
    hello = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}
    return await send(simulator, json={**hello, **fields})


async def send(simulator: Simulator, **request: Any) -> httpx.Response:
    request.setdefault("headers", {"Authorization": f"Bearer {KEY}"})
    async with httpx.AsyncClient() as http:
        return await http.post(f"{simulator.url}/v1/chat/completions", **request)
