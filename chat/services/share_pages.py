"""What the page of a share link shows at this moment."""

from dataclasses import dataclass, replace
from uuid import UUID

from accounts.models import User
from chat.errors import ShareNotFound
from chat.models import Message, ShareLink
from chat.models.branches import end_id
from chat.models.share import ShareKind
from chat.services import share_content
from chat.services.share_content import NOBODY, Branch, Turn
from chat.shapes import Shape


@dataclass(frozen=True)
class Page:
    """`version` was read before the messages: what lands in between is told again, never left out."""

    title: str
    version: int
    turns: list[Turn]

    @property
    def people(self) -> int:
        return share_content.people_in(self.turns)


def page_of(link: ShareLink) -> Page:
    """Raises ShareNotFound where the conversation is deleted meanwhile."""
    version = link.conversation.version
    if link.kind == ShareKind.SNAPSHOT:
        return Page(link.title, version, kept_turns(link))
    branch = branch_up_from(leaf_of(link))
    turns = share_content.turns_of(branch, show_names=link.show_names, running=True)
    return Page(link.conversation.title, version, turns)


def leaf_of(link: ShareLink) -> UUID | None:
    """Where the branch of a live link ends now: it goes on below the message at which it was shared, through the
    newest. None where there is no such message."""
    return end_id(link.until_message_id) if link.until_message_id else None


def branch_up_from(leaf: UUID | None) -> Branch:
    """Raises ShareNotFound."""
    branch = share_content.branch_up_from(leaf) if leaf else Branch({})
    if not branch.places:
        raise ShareNotFound
    return branch


def kept_turns(link: ShareLink) -> list[Turn]:
    """Of a snapshot, without what was deleted since."""
    kept = [_turn(each) for each in kept_content(link)]
    there = _undeleted(kept)
    shown = [turn for turn in kept if turn.message in there]
    return _named(shown) if link.show_names else shown


def kept_content(link: ShareLink) -> list[Shape]:
    """It may be long, so the link comes without it."""
    rows = ShareLink.objects.filter(pk=link.pk)
    found: list[Shape] | None = rows.values_list("content", flat=True).first()
    if found is None:
        raise ShareNotFound
    return found


def _turn(kept: Shape) -> Turn:
    author = UUID(kept["author"]) if kept["author"] else None
    return Turn(**{**kept, "message": UUID(kept["message"]), "author": author})


def _undeleted(turns: list[Turn]) -> set[UUID]:
    rows = Message.objects.filter(pk__in=[turn.message for turn in turns], deleted_at=None)
    return set(rows.values_list("pk", flat=True))


def _named(turns: list[Turn]) -> list[Turn]:
    """People as they are called now; who has deleted their account has no name any more."""
    authors = {turn.author for turn in turns if turn.author}
    names = dict(User.objects.filter(pk__in=authors).values_list("pk", "name"))
    return [
        _renamed(turn, turn.author, names.get(turn.author)) if turn.author else turn
        for turn in turns
    ]


def _renamed(turn: Turn, author: UUID, name: str | None) -> Turn:
    return replace(turn, name=name or NOBODY, author=author if name else None)
