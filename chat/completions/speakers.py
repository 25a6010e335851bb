"""Who says what: where several people write, each of their turns begins with its author's name."""

import re
from collections.abc import Collection, Mapping
from itertools import chain, count
from uuid import UUID

from chat.models.branches import Turn
from chat.models.message import Speaker

NAMED = (
    "Several people write in this conversation. Each of their messages begins with its author's name in square "
    "brackets, like [Name]. Your own answers begin without a name."
)
NOBODY = "Somebody"
_NOT_IN_A_NAME = re.compile(r"[\[\]\s]+")
Names = Mapping[UUID | None, str]


def names_in(said: list[Turn]) -> Names:
    """Author -> the name that their turns begin with, no two alike; empty where fewer than two people have written."""
    names: dict[UUID | None, str] = {}
    for turn in said:
        if turn.role == Speaker.USER and turn.author not in names:
            names[turn.author] = _unlike(names.values(), _cleaned(turn.name))
    return names if len(names) > 1 else {}


def _cleaned(name: str | None) -> str:
    """Nothing in a name can end it, or look like the beginning of another turn."""
    return _NOT_IN_A_NAME.sub(" ", name or "").strip() or NOBODY


def _unlike(taken: Collection[str], name: str) -> str:
    known = {one.casefold() for one in taken}
    numbered = (f"{name} ({number})" for number in count(2))
    return next(one for one in chain([name], numbered) if one.casefold() not in known)


def text_of(turn: Turn, names: Names) -> str:
    if not names or turn.role != Speaker.USER:
        return turn.content
    return f"[{names[turn.author]}] {_in_own_name(turn.content, names)}"


def _in_own_name(text: str, names: Names) -> str:
    """A line that begins as another person's turn would is marked as what it is: part of this text."""
    known = "|".join(re.escape(name) for name in names.values())
    imitated = re.compile(rf"^([ \t]*)\[(?=(?:{known})\])", re.MULTILINE | re.IGNORECASE)
    return imitated.sub(r"\1\\[", text)


def told(system_prompt: str, names: Names) -> str:
    """The whole system text."""
    return "\n\n".join(part for part in (system_prompt, NAMED if names else "") if part)
