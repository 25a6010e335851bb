"""What the demo model writes: about the question, and different for different questions."""

import re
from hashlib import sha256
from typing import TypeVar

from chat.evolink.simulator.questions import question_in, system_prompt_in
from chat.evolink.wire import ChatRequest

T = TypeVar("T")
_QUOTE_MOST = 600
_TITLE_WORDS = 5
_MARKS = re.compile(r"""[#>*_`"'|\[\]()!?.:;,]+""")

_OPENINGS = (
    "Thank you for trying this chat. I am the **demo model**: I understand nothing, but I can"
    " show you everything that the page does with an answer.",
    "Here is an answer from the **demo model**. It was written without thinking, yet it arrives"
    " piece by piece, exactly as a real one does.",
    "A good question for a real model! I am only the **demo model**, so I will look at its words"
    " rather than at its meaning.",
)
_FORMULAS = (
    ("The sum of the first *n* numbers", r"\sum_{k=1}^{n} k = \frac{n(n+1)}{2}"),
    ("The area under a bell curve", r"\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}"),
    ("The roots of a quadratic", r"x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}"),
)
_CODES = (
    'def count_words(question: str) -> dict[str, int]:\n    """How often each word occurs."""\n'
    "    counts: dict[str, int] = {}\n    for word in question.lower().split():\n"
    "        counts[word] = counts.get(word, 0) + 1\n    return counts",
    "from collections import Counter\n\n\ndef longest_words(question: str, most: int = 3):\n"
    "    words = Counter(question.split())\n"
    "    return sorted(words, key=len, reverse=True)[:most]",
    "def shout(question: str) -> str:\n    # Loud, but polite.\n"
    '    return " ".join(word.upper() for word in question.split()) + ", please!"',
)
_THOUGHTS = (
    "Somebody asks me something. ",
    "I should repeat it, so that they see it arrived. ",
    "Then a table, a little code and a formula, ",
    "because those are what a page gets wrong most easily. ",
    "I will keep it friendly and short.",
)


def answer_to(request: ChatRequest) -> str:
    """Markdown, or a bare title where one is asked for."""
    question = question_in(request)
    if _asks_for_title(request):
        return _title(question)
    return "\n\n".join(_paragraphs(request, question))


def thoughts_about(request: ChatRequest) -> tuple[str, ...]:
    """What is thought aloud: something only where much reasoning was asked for."""
    return _THOUGHTS if request.reasoning_effort in {"medium", "high"} else ()


def _asks_for_title(request: ChatRequest) -> bool:
    return not request.stream and "title" in system_prompt_in(request).lower()


def _title(question: str) -> str:
    words = _MARKS.sub(" ", question).split()[:_TITLE_WORDS]
    title = " ".join(words)
    return title[:1].upper() + title[1:] or "New conversation"


def _paragraphs(request: ChatRequest, question: str) -> list[str]:
    formula, tex = _pick(_FORMULAS, question)
    return [
        _pick(_OPENINGS, question),
        "You asked:",
        _quote(question),
        "## What I can say about it",
        _table(request, question),
        "## A little code",
        f"```python\n{_pick(_CODES, question)}\n```",
        "## And a formula",
        f"{formula}:",
        f"$$\n{tex}\n$$",
        "## What to try next",
        "1. **Stop** me in the middle of an answer, or ask the same again and compare.\n"
        "2. **Edit** your question: the first version is kept, and you can go back to it.\n"
        "3. Set `EVOLINK_API_KEY` and start again, and a real model answers here.",
    ]


def _pick(choices: tuple[T, ...], question: str) -> T:
    return choices[sha256(question.encode("utf-8", "replace")).digest()[0] % len(choices)]


def _quote(question: str) -> str:
    shown = question if len(question) <= _QUOTE_MOST else question[:_QUOTE_MOST] + " …"
    return "\n".join(f"> {line}".rstrip() for line in shown.splitlines() or [""])


def _table(request: ChatRequest, question: str) -> str:
    words = question.split()
    rows = [
        ("Model", f"`{request.model}`"),
        ("Words", f"{len(words):,}"),
        ("Characters", f"{len(question):,}"),
        ("Longest word", _cell(max(words, key=len, default="none"))),
        ("Messages so far", f"{len(request.messages):,}"),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(["| About your question | |", "| --- | ---: |", *lines])


def _cell(word: str) -> str:
    return "`" + word[:40].replace("|", "¦").replace("`", "'") + "`"
