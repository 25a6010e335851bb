"""What one check has to say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """Whole sentences: `says` is how it is, `advice` what to do; what is well needs none."""

    subject: str
    state: State
    says: str
    advice: str = ""


Check = Callable[[], Iterator[Finding]]


def ok(subject: str, says: str) -> Finding:
    return Finding(subject, "ok", says)


def note(subject: str, says: str, advice: str = "") -> Finding:
    return Finding(subject, "note", says, advice)


def problem(subject: str, says: str, advice: str) -> Finding:
    return Finding(subject, "problem", says, advice)
