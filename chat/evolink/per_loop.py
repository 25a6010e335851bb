"""What this process has learnt of the upstream, by name: of one event loop, as its timers and futures are."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerLoop(Generic[T]):
    """Makes a thing when it is first asked for; all of them go with their loop."""

    def __init__(self, make: Callable[[str], T]) -> None:
        self._make = make
        self._of: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, T]] = (
            weakref.WeakKeyDictionary()
        )

    def named(self, name: str) -> T:
        known = self._of.setdefault(asyncio.get_running_loop(), {})
        if name not in known:
            known[name] = self._make(name)
        return known[name]
