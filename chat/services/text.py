"""What may be stored as text."""

from chat.errors import EmptyMessage, InvalidText, MessageTooLong

MESSAGE_LIMIT = 100_000  # characters; far more than a person types, and a page can still draw it


def storable(text: str) -> str:
    """The text itself, or InvalidText: PostgreSQL takes neither NUL nor half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidText from None
    if "\0" in text:
        raise InvalidText
    return text


def message_text(text: str) -> str:
    if not text.strip():
        raise EmptyMessage
    if len(text) > MESSAGE_LIMIT:
        raise MessageTooLong(MESSAGE_LIMIT)
    return storable(text)
