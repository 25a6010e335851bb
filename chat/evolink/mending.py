"""Makes text storable while it streams: well-formed Unicode, no NUL, and not without end."""

import re

_HIGH = re.compile("[\ud800-\udbff]$")
_LONE = re.compile("[\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Mender:
    """One text, fed in pieces. Half a surrogate pair waits for its other half."""

    def __init__(self, most_bytes: int) -> None:
        self._room = most_bytes
        self._half = ""  # a high surrogate that ended the piece before
        self.size = 0  # bytes let through
        self.has_text = False  # anything but white space
        self.full = False

    def feed(self, text: str) -> str:
        """The part of the text that can be shown now; may be empty."""
        if self._half or "\0" in text or not _is_well_formed(text):
            text = self._mend(text)
        return self._let_through(text)

    def finish(self) -> str:
        half, self._half = self._half, ""
        return self._let_through("\N{REPLACEMENT CHARACTER}") if half else ""

    def _mend(self, text: str) -> str:
        text = self._half + text.replace("\0", "")
        held = _HIGH.search(text)
        self._half = held.group() if held else ""
        text = text.removesuffix(self._half) if self._half else text
        return _LONE.sub("\N{REPLACEMENT CHARACTER}", _PAIR.sub(_join, text))

    def _let_through(self, text: str) -> str:
        size = len(text) if text.isascii() else len(text.encode())
        if self.full or self.size + size > self._room:
            text, size = self._cut(text)
        self.size += size
        self.has_text = self.has_text or bool(text.strip())
        return text

    def _cut(self, text: str) -> tuple[str, int]:
        if self.full:
            return "", 0
        self.full = True
        fitting = text.encode()[: self._room - self.size].decode("utf-8", "ignore")
        return fitting, len(fitting.encode())


def _is_well_formed(text: str) -> bool:
    return text.isascii() or _LONE.search(text) is None


def _join(pair: re.Match[str]) -> str:
    return pair.group().encode("utf-16", "surrogatepass").decode("utf-16")
