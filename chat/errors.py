"""What can go wrong in a chat, one class each. `webchat.errors` has the kinds and what they mean over HTTP."""

from webchat.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooMany, Unavailable


class ConversationNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such conversation, or it is not shared with you.")


class MessageNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such message, or it is not shared with you.")


class EmptyMessage(InvalidInput):
    def __init__(self) -> None:
        super().__init__("Write something first: the message is empty.")


class MessageTooLong(InvalidInput):
    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The message is too long. At most {limit:,} characters fit; shorten or split it.",
            limit=limit,
        )


class InvalidText(InvalidInput):
    def __init__(self) -> None:
        super().__init__(
            "The text holds characters that cannot be stored (NUL or half a character). Remove them."
        )


class UnknownModel(InvalidInput):
    def __init__(self, model: str) -> None:
        super().__init__(f"The model {model[:80]!r} is not offered here. Choose one from the list.")


class UnknownParent(InvalidInput):
    def __init__(self) -> None:
        super().__init__(
            "The message that this one answers is not in this conversation. Reload and try again."
        )


class UnknownMessage(InvalidInput):
    def __init__(self) -> None:
        super().__init__("This message is not in this conversation. Reload and try again.")


class IdTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("This id was used before with other content. Send again under a new id.")


class ReadOnly(NotAllowed):
    def __init__(self) -> None:
        super().__init__("You can read this conversation, but not write in it. Ask its owner.")


class NotYours(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Only its author or the owner of the conversation can do that.")


class CannotAnswer(InvalidInput):
    def __init__(self) -> None:
        super().__init__(
            "Only a person's message can be answered. Choose the question, not the answer."
        )


class CannotContinue(InvalidInput):
    def __init__(self) -> None:
        super().__init__(
            "Only an answer that breaks off can be continued, and there must be some text of it. Ask again instead."
        )


class ShuttingDown(Unavailable):
    def __init__(self) -> None:
        super().__init__(
            "This server is about to restart. Your text is kept; send again in a few seconds.",
            retry_after=3,
        )


class AnswerRunning(Conflict):
    def __init__(self) -> None:
        super().__init__("The answer is still being written. Wait for its end or stop it first.")


class TooManyAnswers(TooMany):
    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit:,} answers are being written for you at once, and that is the most. "
            "Your text is kept: wait until one has ended, or stop one, and send again.",
            limit=limit,
            retry_after=5,
        )


class ServerBusy(TooMany):
    def __init__(self) -> None:
        super().__init__(
            "This server is writing as many answers as it can. Your text is kept; send again in a few seconds.",
            retry_after=3,
        )


class TooManyRequests(TooMany):
    def __init__(self, limit: int, *, retry_after: int) -> None:
        super().__init__(
            f"That was more than {limit:,} changes in a minute. Nothing is lost; "
            f"try again in {retry_after} seconds.",
            limit=limit,
            retry_after=retry_after,
        )
