"""What a request asks, in one string; and whether it asks to go on with an answer that was cut off."""

import re

from msgspec import structs

from chat.evolink.wire import ChatMessage, ChatRequest, TextPart

_NAMES_ARE_TOLD = "name in square brackets"
_NAME = re.compile(r"^\[[^\[\]\n]+\] ", re.MULTILINE)
_ORDER_TO_GO_ON = "Your answer above was cut off"


def question_in(request: ChatRequest) -> str:
    """The text of the last user message; of the last person in it, without their name, where names are told."""
    said = next((text_of(m) for m in reversed(request.messages) if m.role == "user"), "")
    return _NAME.split(said)[-1] if _NAMES_ARE_TOLD in system_prompt_in(request) else said


def taken_apart(request: ChatRequest) -> tuple[ChatRequest, str]:
    """The request as it was first asked, and the text that its answer has already: none, unless the last two
    messages are an answer and the order to go on with it."""
    if [message.role for message in request.messages[-3:]] != ["user", "assistant", "user"]:
        return request, ""
    *asked, answer, order = request.messages
    if not text_of(order).startswith(_ORDER_TO_GO_ON):
        return request, ""
    return structs.replace(request, messages=asked), text_of(answer)


def system_prompt_in(request: ChatRequest) -> str:
    return "\n".join(text_of(message) for message in request.messages if message.role == "system")


def text_of(message: ChatMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    return "\n".join(part.text for part in message.content if isinstance(part, TextPart))


def pictures_in(request: ChatRequest) -> int:
    """How many images were sent along."""
    parts = (m.content for m in request.messages if not isinstance(m.content, str))
    return sum(not isinstance(part, TextPart) for content in parts for part in content)
