"""What a request asks, in one string."""

from chat.evolink.wire import ChatMessage, ChatRequest, TextPart


def question_in(request: ChatRequest) -> str:
    """The text of the last user message."""
    return next((text_of(m) for m in reversed(request.messages) if m.role == "user"), "")


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
