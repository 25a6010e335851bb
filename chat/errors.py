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


class TooManyWaiting(TooMany):
    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit:,} answers wait in this conversation already, and that is the most. "
            "Your text is kept: wait until one has begun, or take one back, and send again.",
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


# Share links


class ShareNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such link, or it does not open any more.")


class NothingToShare(InvalidInput):
    def __init__(self) -> None:
        super().__init__("There is nothing to show yet. Write something first, then share it.")


class UnknownChoice(InvalidInput):
    def __init__(self, field: str) -> None:
        sentence = "A chosen message is not on this branch. Reload and choose again."
        super().__init__(sentence, fields={field: sentence})


class SnapshotsOnly(InvalidInput):
    def __init__(self) -> None:
        sentence = "Chosen messages can only be shared as they are now. Choose a snapshot, or the whole branch."
        super().__init__(sentence, fields={"messages": sentence})


class OwnTitleOfLiveLink(InvalidInput):
    def __init__(self) -> None:
        sentence = "A live link shows the title of the chat as it is. Rename the chat, or choose a snapshot."
        super().__init__(sentence, fields={"title": sentence})


class PreviewOutdated(Conflict):
    def __init__(self) -> None:
        super().__init__("What the link would show has changed since you looked. Look at it again.")


class UnknownReaders(InvalidInput):
    def __init__(self) -> None:
        sentence = "Choose at least one person, and only people who can sign in here."
        super().__init__(sentence, fields={"people": sentence})


class EndsTooEarly(InvalidInput):
    def __init__(self) -> None:
        sentence = "A link ends in the future, within ten years, or never."
        super().__init__(sentence, fields={"expires_at": sentence})


class EndsTooLate(InvalidInput):
    def __init__(self, days: int) -> None:
        sentence = f"Here a link lives at most {days:,} {'day' if days == 1 else 'days'}. Choose an earlier end."
        super().__init__(sentence, longest_link_days=days, fields={"expires_at": sentence})


class LinkPasswordRequired(InvalidInput):
    def __init__(self) -> None:
        sentence = "Here every link needs a password. Choose one."
        super().__init__(sentence, fields={"password": sentence})


class PasswordTooShort(InvalidInput):
    def __init__(self, least: int) -> None:
        sentence = (
            f"Choose a password of at least {least} characters; spaces around it do not count."
        )
        super().__init__(sentence, fields={"password": sentence})


class PublicLinksForbidden(NotAllowed):
    def __init__(self) -> None:
        super().__init__(
            "Links for everybody are turned off here. Share with people who are signed in."
        )


class TooManyLinks(Conflict):
    def __init__(self, limit: int) -> None:
        super().__init__(
            f"You have {limit:,} open links, and that is the most. Turn one off first.",
            limit=limit,
        )


class TooManyMisses(TooMany):
    def __init__(self, *, retry_after: int) -> None:
        super().__init__(
            f"Too many addresses that lead nowhere. Try again in {retry_after} seconds.",
            retry_after=retry_after,
        )


class TooManyGuesses(TooMany):
    def __init__(self, *, retry_after: int) -> None:
        super().__init__(
            f"Too many wrong passwords. Try again in {retry_after} seconds.",
            retry_after=retry_after,
        )


class WrongPassword(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This is not the password of this link. Ask whoever sent it to you.")


# Members ------------------------------------------------------------------------------------------


class OwnerOnly(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Only the owner of the conversation can do that. Ask them.")


class MemberNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("This person is not in the conversation. Reload to see who is.")


class WhoIsMissing(InvalidInput):
    def __init__(self) -> None:
        super().__init__("Say whom to add: either a person or an email address.")


class UnknownPerson(InvalidInput):
    def __init__(self) -> None:
        super().__init__("There is nobody with this id here. Search for the person by name.")


class AlreadyMember(Conflict):
    def __init__(self) -> None:
        super().__init__("This person is in the conversation already. Change their role instead.")


class OwnerStays(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "A conversation has one owner, and that is you. Make somebody else the owner first."
        )


class ConversationFull(Conflict):
    def __init__(self, limit: int) -> None:
        super().__init__(
            f"At most {limit:,} people fit into a conversation, with those who are invited. Remove somebody first.",
            limit=limit,
        )
