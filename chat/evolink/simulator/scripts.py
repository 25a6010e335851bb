"""Which script a request asks for: `!script NAME key=value ...` in its last user message.

Every script takes `times=N` (afterwards all is well) and `slice=N` (send N bytes at a time). Asked to go on with
an answer that was cut off, a script says the rest of it.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from chat.evolink.simulator import faults, gate, refusals, streams
from chat.evolink.simulator.continuing import going_on
from chat.evolink.simulator.questions import question_in
from chat.evolink.simulator.replies import Reply
from chat.evolink.wire import ChatRequest

_MARK = "!script "
SCRIPTS: dict[str, Callable[..., Reply]] = {
    **streams.SCRIPTS,
    **faults.SCRIPTS,
    **refusals.SCRIPTS,
}


class Script(Struct, frozen=True):
    """A chosen script; `line` identifies it, so that calls can be counted."""

    line: str
    name: str
    model: str
    options: dict[str, Any]
    slice_size: int
    times: float

    def reply(self, number: int, kept: str = "") -> Reply:
        """The reply to the number-th such request, of whose answer `kept` is there already.
        Raises Refused for a script nobody wrote."""
        if number > self.times:
            return going_on(streams.well(self.model), kept)
        make = SCRIPTS.get(self.name)
        if kept and self.name in faults.MENDED:
            make = faults.MENDED[self.name]
        if make is None:
            raise gate.refused_script(self.name)
        return going_on(make(self.model, **self.options), kept)


def chosen(request: ChatRequest) -> Script | None:
    lines = question_in(request).splitlines()
    line = next((line.strip() for line in lines if line.strip().startswith(_MARK)), "")
    return _read(line, request.model) if line else None


def _read(line: str, model: str) -> Script:
    name, *words = line.removeprefix(_MARK).split()
    options = dict(_option(word) for word in words)
    return Script(
        line=line,
        name=name,
        model=model,
        slice_size=options.pop("slice", 0),
        times=options.pop("times", float("inf")),
        options=options,
    )


def _option(word: str) -> tuple[str, Any]:
    name, _, value = word.partition("=")
    return name, _number(value)


def _number(value: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
