"""What a page that follows a share link is told every two seconds.

Many look at one link, mostly at the same version: what one was told is remembered for a second, in each process for
itself. No text is loaded but that of turns which are told.
"""

import time
from typing import NamedTuple
from uuid import UUID

from chat.models import ShareLink
from chat.models.branches import running_above
from chat.models.share import ShareKind
from chat.services import share_content, share_pages
from chat.shapes import Shape

REMEMBERED_SECONDS = 1.0
MOST_REMEMBERED = 200  # answers
MOST_TURNS = (
    10  # of one that is remembered: who begins from nothing is told a whole chat, and is not many
)


class Asked(NamedTuple):
    link: UUID
    since: int
    version: int


class Told(NamedTuple):
    until: float
    changes: Shape


_memory: dict[Asked, Told] = {}


def changes_since(link: ShareLink, since: int) -> Shape:
    """{version, title, messages, gone, last}: what is new, changed or being written; the numbers of what is not shown
    any more, and the last number that there is (None: as before). Not to be changed: others are given the same one.
    Raises ShareNotFound."""
    asked = Asked(link.pk, since, link.conversation.version)
    known = _memory.get(asked)
    if known and time.monotonic() < known.until:
        return known.changes
    changes = _found(link, since)
    _remember(asked, Told(time.monotonic() + REMEMBERED_SECONDS, changes))
    return changes


def _remember(asked: Asked, told: Told) -> None:
    if len(_memory) >= MOST_REMEMBERED:
        _memory.clear()
    if len(told.changes["messages"]) <= MOST_TURNS:
        _memory[asked] = told


def _found(link: ShareLink, since: int) -> Shape:
    if link.kind == ShareKind.SNAPSHOT:
        return _snapshot_changes(link)
    is_new = since != link.conversation.version
    if not is_new and not link.conversation.has_running_answer():
        return _nothing(link)
    leaf = share_pages.leaf_of(link)
    if leaf is None or not (is_new or running_above(link.conversation, leaf)):
        return _nothing(link)
    return _live_changes(link, leaf, since)


def _live_changes(link: ShareLink, leaf: UUID, since: int) -> Shape:
    branch = share_pages.branch_up_from(leaf)
    changed = branch.changed_since(since)
    turns = share_content.turns_of(branch, show_names=link.show_names, running=True, only=changed)
    gone = sorted(changed.keys() - {turn.id for turn in turns})
    told = [turn.shape() for turn in turns]
    return _changes(link, link.conversation.title, told, gone, branch.length)


def _snapshot_changes(link: ShareLink) -> Shape:
    """Nothing but that something was deleted."""
    shown = {turn.id for turn in share_pages.kept_turns(link)}
    numbers = [each["id"] for each in share_pages.kept_content(link)]
    gone = [number for number in numbers if number not in shown]
    return _changes(link, link.title, [], gone, max(numbers, default=0))


def _nothing(link: ShareLink) -> Shape:
    return _changes(link, link.conversation.title, [], [], None)


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
