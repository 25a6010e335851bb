"""Whom a text names: `@name`, where it is not code, an address or a link.

Text and names are compared in one form (NFKC, case folded), so that no way of typing a name makes a difference.
"""

import re
import unicodedata
from collections import defaultdict
from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from chat.models import Conversation, Message, Notification
from chat.models.notification import Kind
from chat.services import notifications

MODEL = "gemini"
MOST_PLACES = 200  # of one text; what comes after is not looked at
TOLD_LATELY = timedelta(minutes=10)
LONGEST_NAME = 400  # a hundred characters, some of which are written out as several
BLANK_LINE = re.compile(r"\n[ \t]*\n")
BACKTICKS = re.compile(r"`+")
FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
# Thai and Lao, kana, Han and Hangul, whose words go on with an ending.
UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
QUOTED = " \t>"  # what may stand before a fence


def tell(message: Message) -> None:
    """Notify whom a person's message names. An edit that names them again says nothing new for a while."""
    named = mentioned(message.conversation, message.content)
    lately = _told_lately(message) if named else set()
    if news := [user.pk for user in named if user.pk not in lately]:
        notifications.notify_all(
            Kind.MENTION,
            user_ids=news,
            conversation=message.conversation,
            actor=message.author,
            message=message,
        )


def _told_lately(message: Message) -> set[UUID]:
    """Whom the same author named in a message that stands beside this one."""
    beside = Notification.objects.filter(
        kind=Kind.MENTION,
        actor=message.author_id,
        created_at__gt=timezone.now() - TOLD_LATELY,
        message__conversation=message.conversation_id,
        message__parent=message.parent_id,
    )
    return set(beside.values_list("user_id", flat=True))


def mentioned(conversation: Conversation, text: str) -> list[User]:
    """The members whom a text names, by their whole name or by a first name that nobody shares, in the order of the
    text."""
    places = _places(text)
    if not places:
        return []
    members = conversation.members.filter(user__is_active=True).select_related("user")
    handles = _handles([member.user for member in members])
    found = (user for place in places for user in _named_at(place, handles))
    return list(dict.fromkeys(found))


def names_model(text: str) -> bool:
    """Whether a text calls the model."""
    return any(_begins_with(place, MODEL) for place in _places(text))


# Names -------------------------------------------------------------------------------------------

Handles = list[tuple[str, list[User]]]


def _handles(users: list[User]) -> Handles:
    """What calls whom, the longest first. A first name calls only where it can mean one person."""
    whole, first = defaultdict(list), defaultdict(list)
    for user in users:
        whole[_alike(user.name)].append(user)
        first[_alike(user.get_short_name())].append(user)
    unique = {name: found for name, found in first.items() if len(found) == 1}
    handles = {name: found for name, found in {**unique, **whole}.items() if name}
    return sorted(handles.items(), key=lambda handle: -len(handle[0]))


def _named_at(place: str, handles: Handles) -> list[User]:
    return next((users for name, users in handles if _begins_with(place, name)), [])


def _begins_with(place: str, name: str) -> bool:
    """And the name ends there. What goes on with a dot or a hyphen is another name, or an address."""
    rest = place[len(name) : len(name) + 2]
    goes_on = (
        _is_word(rest[:1]) or rest[:1] == "@" or (rest[:1] in (".", "-") and _is_word(rest[1:]))
    )
    return place.startswith(name) and not goes_on


def _is_word(character: str) -> bool:
    """Letters, digits, and the marks that are written onto letters; not where words follow each other without a space.
    "" is none."""
    if not character or UNSPACED.match(character):
        return False
    is_mark = unicodedata.category(character).startswith("M")
    return is_mark or character.isalnum() or character in ("_", "\u200d")


def _alike(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"[^\S\n]+", " ", folded).strip(" ")


# Places ------------------------------------------------------------------------------------------


def _places(text: str) -> list[str]:
    """What follows each @ that may begin a name."""
    if "@" not in text and "\uff20" not in text:
        return []
    prose = _alike(_without_code(text))
    calls = (at for at, character in enumerate(prose) if character == "@" and _may_call(prose, at))
    return [prose[at + 1 : at + 1 + LONGEST_NAME] for at in islice(calls, MOST_PLACES)]


def _may_call(prose: str, at: int) -> bool:
    """Not inside a word, an address or a link, and not where it was taken back with a backslash."""
    before = prose[at - 1 : at]
    return not _is_word(before) and before not in tuple("@/\\+")


def _without_code(text: str) -> str:
    paragraphs = BLANK_LINE.split(_without_fences(text))
    return "\n\n".join(_without_spans(paragraph) for paragraph in paragraphs)


def _without_fences(text: str) -> str:
    """Line by line: a pattern over the whole text would go back and forth in one that is made to hurt."""
    kept, open_fence = [], ""
    for line in text.split("\n"):
        bare = line.lstrip(QUOTED).rstrip()
        if open_fence:
            closes = bare.startswith(open_fence) and not bare.strip(open_fence[0])
            open_fence = "" if closes else open_fence
        elif found := FENCE.match(bare):
            open_fence = found[0]
            kept.append("")
        else:
            kept.append(line)
    return "\n".join(kept)


def _without_spans(paragraph: str) -> str:
    """`code` ends with as many backticks as it begins with; what never ends is no code."""
    runs = list(BACKTICKS.finditer(paragraph))
    ends = _ends(runs)
    kept, at = [], 0
    for run in runs:
        if run.start() >= at and (end := ends.get(run.start())):
            kept.append(paragraph[at : run.start()])
            at = end
    return " ".join([*kept, paragraph[at:]])


def _ends(runs: list[re.Match[str]]) -> dict[int, int]:
    """Where a span ends, by where it begins."""
    ends: dict[int, int] = {}
    following: dict[int, int] = {}
    for run in reversed(runs):
        length = len(run[0])
        if length in following:
            ends[run.start()] = following[length]
        following[length] = run.end()
    return ends
