"""What the page of a share link shows at this moment, and what has changed since it was drawn."""

from dataclasses import dataclass
from uuid import UUID

from chat.models import Message, ShareLink
from chat.models.branches import newest_leaf
from chat.models.share import ShareKind
from chat.services import share_content
from chat.services.share_content import Branch, Turn
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
    version = link.conversation.version
    if link.kind == ShareKind.SNAPSHOT:
        return Page(link.title, version, kept_turns(link))
    turns = share_content.turns_of(_branch(link), show_names=link.show_names, running=True)
    return Page(link.conversation.title, version, turns)


def kept_turns(link: ShareLink) -> list[Turn]:
    """Of a snapshot, without what was deleted since."""
    kept = [_turn(each) for each in link.content]
    there = _undeleted(kept)
    return [turn for turn in kept if turn.message in there]


def changes_since(link: ShareLink, since: int) -> Shape:
    """{version, title, messages, gone, last}: what is new, changed or being written; the numbers of what is not shown
    any more, and the last number that there is (None: as before)."""
    if link.kind == ShareKind.SNAPSHOT:
        return _snapshot_changes(link)
    if since == link.conversation.version and not link.conversation.has_running_answer():
        return _changes(link, link.conversation.title, [], [], None)
    branch = _branch(link)
    turns = share_content.turns_of(branch, show_names=link.show_names, running=True)
    changed = {at for at, row in branch.rows.items() if row.version > since}
    told = [turn.shape() for turn in turns if turn.id in changed or turn.is_running()]
    gone = sorted(changed - {turn.id for turn in turns})
    return _changes(link, link.conversation.title, told, gone, branch.length)


def _snapshot_changes(link: ShareLink) -> Shape:
    """Nothing but that something was deleted."""
    shown = {turn.id for turn in kept_turns(link)}
    numbers = [each["id"] for each in link.content]
    gone = [number for number in numbers if number not in shown]
    return _changes(link, link.title, [], gone, max(numbers, default=0))


def _changes(
    link: ShareLink, title: str, told: list[Shape], gone: list[int], last: int | None
) -> Shape:
    return {
        "version": link.conversation.version,
        "title": title,
        "messages": told,
        "gone": gone,
        "last": last,
    }


def _branch(link: ShareLink) -> Branch:
    """Through the message at which it was shared, down to the newest end."""
    if link.until_message is None:
        return Branch({}, 0)
    leaf = newest_leaf(link.until_message)
    return share_content.branch_up_from(link.conversation, leaf.pk)


def _turn(kept: Shape) -> Turn:
    author = UUID(kept["author"]) if kept["author"] else None
    return Turn(**{**kept, "message": UUID(kept["message"]), "author": author})


def _undeleted(turns: list[Turn]) -> set[UUID]:
    rows = Message.objects.filter(pk__in=[turn.message for turn in turns], deleted_at=None)
    return set(rows.values_list("pk", flat=True))
