"""What a share link shows: one branch or chosen messages of it, without anything that says more than the text.

A turn is numbered by its place on the branch from the root, also past what is not shown: its number never changes,
and no id of a row leaves the server.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from chat import catalog
from chat.errors import NothingToShare, UnknownChoice
from chat.models import Message
from chat.models.branches import Place, places_upwards
from chat.models.message import Speaker
from chat.models.states import RUNNING, State
from chat.shapes import Shape

MOST = 2_000  # turns of one page; of a longer branch the end is shown
HUES = 5
MODEL = "Gemini"
NOBODY = "Deleted person"


@dataclass(frozen=True)
class Turn:
    """`message` and `author` are for the server alone (and `message` for a maker's preview)."""

    id: int
    message: UUID
    author: UUID | None
    role: str
    name: str
    hue: int
    model: str | None
    content: str
    status: str
    created_at: str

    def shape(self) -> Shape:
        """A SharedMessage."""
        return {
            "id": self.id,
            "role": self.role,
            "name": self.name,
            "hue": self.hue,
            "model": self.model,
            "content": self.content,
            "status": self.status,
            "created_at": self.created_at,
        }

    def is_running(self) -> bool:
        return self.status in RUNNING


@dataclass(frozen=True)
class Branch:
    """What is on a branch by its numbers, root first, without the texts."""

    places: dict[int, Place]

    @property
    def length(self) -> int:
        return len(self.places)

    def shown(self) -> dict[int, Place]:
        """Those that one page can hold: the end."""
        return dict(islice(self.places.items(), max(0, self.length - MOST), None))

    def changed_since(self, version: int) -> dict[int, Place]:
        """Of these, what was written later or is being written."""
        return {
            number: place
            for number, place in self.shown().items()
            if place.version > version or place.status in RUNNING
        }


def branch_up_from(leaf: UUID) -> Branch:
    return Branch(dict(enumerate(places_upwards(leaf), 1)))


def followed_from(message: Message) -> Message:
    """From where a live link that is made at a message follows the branch. In the place of an answer that may break
    off or has, another one may stand soon: that is below the question too."""
    if message.is_answer() and (message.status != State.COMPLETED or message.can_be_continued()):
        return message.parent or message
    return message


def turns_of(
    branch: Branch, *, show_names: bool, running: bool, only: Iterable[int] | None = None
) -> list[Turn]:
    """What is shown of a branch, or `only` of these numbers of it. Letters go by the first appearance on the whole
    branch, deleted turns and those that no page holds any more counted, so that nobody's letter ever changes."""
    people = _letters(each.author for each in branch.places.values() if each.role == Speaker.USER)
    wanted = branch.shown() if only is None else only
    numbers = {branch.places[number].id: number for number in wanted}
    found = Message.objects.select_related("author").filter(pk__in=numbers).order_by("position")
    return [
        _turn(numbers[row.pk], row, people, show_names)
        for row in found
        if is_shown(row, running=running)
    ]


def is_shown(row: Message, *, running: bool) -> bool:
    if row.is_running():
        return running
    return row.deleted_at is None and row.content != ""


def chosen(turns: list[Turn], wanted: Iterable[UUID]) -> list[Turn]:
    """Some of the turns, in their order. Raises UnknownChoice."""
    ids = set(wanted)
    found = [turn for turn in turns if turn.message in ids]
    if len(found) < len(ids):
        raise UnknownChoice("messages")
    return found


def some(turns: list[Turn]) -> list[Turn]:
    if not turns:
        raise NothingToShare
    return turns


def people_in(turns: Iterable[Turn]) -> int:
    return len({turn.name if turn.author is None else turn.author for turn in turns if turn.hue})


def _letters(authors: Iterable[UUID | None]) -> dict[UUID | None, int]:
    return {author: at for at, author in enumerate(dict.fromkeys(authors))}


def _turn(number: int, row: Message, people: dict[UUID | None, int], show_names: bool) -> Turn:
    at = None if row.is_answer() else people[row.author_id]
    return Turn(
        id=number,
        message=row.pk,
        author=row.author_id,
        role=row.role,
        name=MODEL if at is None else _name(row, at, show_names),
        hue=0 if at is None else at % HUES + 1,
        model=model_name(row.model) if row.is_answer() else None,
        content=row.content,
        status=row.status,
        created_at=row.created_at.isoformat(),
    )


def _name(row: Message, at: int, show_names: bool) -> str:
    if not show_names:
        return f"Person {_letter(at)}"
    return row.author.name if row.author else NOBODY


def _letter(at: int) -> str:
    """A to Z, then AA."""
    more, last = divmod(at, 26)
    return (_letter(more - 1) if more else "") + chr(ord("A") + last)


def model_name(model: str) -> str:
    known = catalog.MODELS.get(model)
    return known.name if known else model
