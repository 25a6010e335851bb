"""By which names a text speaks of the people of a conversation, for a link that is to hide who they are."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from django.db.models import Q

from accounts.models import User
from chat.models import Conversation
from chat.services.mentions import UNSPACED
from chat.services.share_content import Turn

# A person's name, and what calls them: the whole of it, or "@" and the first.
Names = Mapping[str, tuple[str, str]]
SPACE = re.compile(r"\s+")


def of_people(conversation: Conversation, turns: Iterable[Turn]) -> Names:
    """Of its members, and of those who have written and left."""
    authors = {turn.author for turn in turns if turn.author}
    concerned = Q(memberships__conversation=conversation) | Q(pk__in=authors)
    people = User.objects.filter(concerned, deleted_at=None).order_by("name", "pk").distinct()
    return {each.name: (each.name, f"@{each.get_short_name()}") for each in people}


def called_in(text: str, names: Names) -> list[str]:
    """Whom a text calls. A name of one word counts only as it is written: "will" is not Will."""
    plain = _plain(text)
    folded = plain.casefold()
    return [
        name
        for name, words in names.items()
        if any(_stands_in(plain, folded, _plain(word)) for word in words)
    ]


def _stands_in(plain: str, folded: str, name: str) -> bool:
    is_plain_word = " " not in name and "@" not in name
    return _is_whole(name, plain) if is_plain_word else _is_whole(name.casefold(), folded)


def _is_whole(name: str, text: str) -> bool:
    """The literal comes first in the pattern: only then a long text is gone through at full speed."""
    before = "" if UNSPACED.match(name[0]) else rf"(?<!\w{re.escape(name)})"
    after = "" if UNSPACED.match(name[-1]) else r"(?!\w)"
    return re.search(f"{re.escape(name)}{after}{before}", text) is not None


def _plain(text: str) -> str:
    return SPACE.sub(" ", unicodedata.normalize("NFC", text).replace("\uff20", "@")).strip()
