"""What a share link shows: one branch or chosen messages of it, without anything that says more than the text.

A turn is numbered by its place on the branch from the root, also past what is not shown: its number never changes,
and no id of a row leaves the server.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from chat import catalog
from chat.errors import NothingToShare, UnknownChoice
from chat.models import Conversation, Message
from chat.models.branches import ids_upwards
from chat.models.states import RUNNING
from chat.shapes import Shape

MOST = 2_000  # turns of one page; of a longer branch the end is shown
LONGEST = 1_000_000
HUES = 5
MODEL = "Gemini"


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
    """The rows of a branch by their numbers, root first, and how many it has in all."""

    rows: dict[int, Message]
    length: int


def branch_up_from(conversation: Conversation, leaf: UUID) -> Branch:
    ids = ids_upwards(leaf, LONGEST)[::-1]
    numbers = {pk: number for number, pk in enumerate(ids, 1)}
    found = conversation.messages.select_related("author").filter(pk__in=ids[-MOST:])
    rows = {numbers[row.pk]: row for row in found.order_by("position")}
    return Branch(rows, len(ids))


def turns_of(branch: Branch, *, show_names: bool, running: bool) -> list[Turn]:
    """What is shown of a branch. Letters go by the first appearance, deleted turns counted, so that nobody's letter
    changes when somebody takes a message back."""
    people = _letters(row.author_id for row in branch.rows.values() if not row.is_answer())
    return [
        _turn(number, row, people, show_names)
        for number, row in branch.rows.items()
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
    return row.author.name if row.author else "Somebody who left"


def _letter(at: int) -> str:
    """A to Z, then AA."""
    more, last = divmod(at, 26)
    return (_letter(more - 1) if more else "") + chr(ord("A") + last)


def model_name(model: str) -> str:
    known = catalog.MODELS.get(model)
    return known.name if known else model
