"""What a text holds that its writer may not want everybody to read: e-mail addresses, what looks like a key, files,
names of people where these are hidden.

Every pattern is anchored at something rare and bounded in length, so that a megabyte of anything takes a moment.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from chat.services import share_names
from chat.services.share_content import Turn
from chat.services.share_names import Names
from chat.shapes import Shape

NOBODY: Names = {}
MOST = 200  # of one preview
MOST_OF_ONE = 50
MOST_CHARACTERS = 1_000_000  # that one preview looks through
SHOWN = 4  # characters of a key at each end
# Below this a long word is rather a word: bits for each character.
_ENTROPY = {"hex": 3.0, "base64": 4.0}

EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])", re.UNICODE
)
KEYS = [
    re.compile(pattern)
    for pattern in (
        r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b",
        r"\bAIza[\w-]{35}",
        r"\bsk-[\w-]{16,200}",
        r"\b(?:sk|pk|rk)_(?:live|test)_\w{16,200}",
        r"\b(?:ghp|gho|ghu|ghs|ghr)_\w{30,255}\b",
        r"\bgithub_pat_\w{22,255}\b",
        r"\bglpat-[\w-]{20,100}",
        r"\bxox[abeoprs]-[\w-]{10,250}",
        r"\bhf_[A-Za-z0-9]{30,60}\b",
        r"\bnpm_[A-Za-z0-9]{36}\b",
        r"(?<![\w-])eyJ[\w-]{8,4000}\.[\w-]{4,4000}\.[\w-]{4,1000}",
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----",
    )
]
# What stands behind a name that says it, and a word of an address: scheme://name:password@host
NAMED = [
    re.compile(
        r"(?i)(?:password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token)"
        r"[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([^\s\"'`<>,;]{4,200})"
    ),
    re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:([^\s/@]{3,200})@"),
    re.compile(r"(?i)\bbearer[ \t]{1,4}([\w.~+/-]{16,2000})"),
]
LONG = {
    "hex": re.compile(r"(?<![\w+/=-])[0-9a-fA-F]{32,128}(?![\w+/=-])"),
    "base64": re.compile(
        r"(?<![\w+/=-])(?=[\w+/-]{0,200}\d)(?=[\w+/-]{0,200}[A-Z])[\w+/-]{32,200}={0,2}(?![\w+/=-])"
    ),
}
FILES = [
    re.compile(r"\bfile://[^\s<>\"')]{1,500}"),
    re.compile(
        r"(?i)\bhttps?://[^\s<>\"'()\[\]?#]{1,500}\.(?:pdf|docx?|xlsx?|pptx?|csv|tsv|zip|tar|t?gz|7z|rar|json|xml|sql"
        r"|db|sqlite|log|pem|key|env|png|jpe?g|gif|webp|svg|mp[34]|mov|wav)(?![\w.])"
    ),
]


class Found(NamedTuple):
    kind: str
    text: str


class Findings(NamedTuple):
    """`items`: `{kind, text, message}` for each, keys masked, each once in a message (None: in the title). `more`:
    there are others, or not all of the text was looked through."""

    items: list[Shape]
    more: bool


def findings_in(title: str, turns: list[Turn], names: Names) -> Findings:
    items: list[Shape] = []
    left, more = MOST_CHARACTERS, False
    for message, text in _texts(title, turns):
        if left <= 0 or len(items) > MOST:
            return Findings(items[:MOST], True)
        found, is_cut = found_in(text[:left], names)
        items += [{"kind": kind, "text": word, "message": message} for kind, word in found]
        more = more or is_cut or len(text) > left
        left -= len(text)
    return Findings(items[:MOST], more or len(items) > MOST)


def _texts(title: str, turns: list[Turn]) -> Iterator[tuple[UUID | None, str]]:
    yield None, title
    for turn in turns:
        yield turn.message, turn.content


def found_in(text: str, names: Names = NOBODY) -> tuple[list[Found], bool]:
    """In the order of what weighs most: keys, addresses, names, files; and whether there are more than these."""
    called = (Found("name", name) for name in share_names.called_in(text, names))
    everything = dict.fromkeys(chain(_keys(text), _emails(text), called, _files(text)))
    return list(everything)[:MOST_OF_ONE], len(everything) > MOST_OF_ONE


def masked(key: str) -> str:
    """Enough to find it again, too little to use it."""
    shown = min(SHOWN, len(key) // 6)
    return f"{key[:shown]}…{key[len(key) - shown :]}" if shown else "…"


def _emails(text: str) -> Iterator[Found]:
    return (Found("email", match[0]) for match in EMAIL.finditer(text))


def _files(text: str) -> Iterator[Found]:
    return (Found("file", match[0]) for pattern in FILES for match in pattern.finditer(text))


def _keys(text: str) -> Iterator[Found]:
    """What several patterns see is one finding; one more than are shown tells that there are more."""
    seen: list[tuple[int, int]] = []
    for start, end in _key_spans(text):
        if not any(start < other_end and other_start < end for other_start, other_end in seen):
            seen.append((start, end))
            yield Found("key", masked(text[start:end]))
        if len(seen) > MOST_OF_ONE:
            return


def _key_spans(text: str) -> Iterator[tuple[int, int]]:
    for pattern in KEYS:
        yield from (match.span() for match in pattern.finditer(text))
    for pattern in NAMED:
        yield from (match.span(1) for match in pattern.finditer(text))
    for kind, pattern in LONG.items():
        for match in pattern.finditer(text):
            if _entropy(match[0]) >= _ENTROPY[kind]:
                yield match.span()


def _entropy(word: str) -> float:
    """Bits for each character."""
    counts, length = Counter(word).values(), len(word)
    return -sum(count / length * math.log2(count / length) for count in counts)
