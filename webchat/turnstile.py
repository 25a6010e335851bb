"""First one in switches the light on, last one out switches it off.

For processes. Everyone inside holds a shared lock on one file, which a killed process loses by
itself; a second file lets one at a time go in or out. Locks belong to an open file, so it nests
within a process too.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Occupied(Exception):
    """Somebody else is in; the text is the sentence that the caller gave."""


@contextmanager
def alone(path: Path, refusal: str) -> Iterator[None]:
    """Nobody else on this machine is in at the same time, or Occupied is raised at once."""
    with path.open("w") as file:
        if not try_lock(file):
            raise Occupied(refusal)
        yield


@contextmanager
def inside(folder: Path, on: Callable[[], None], off: Callable[[], None]) -> Iterator[None]:
    """`on` runs at every entrance (it may find the light burning), `off` after the last exit."""
    with (folder / "users").open("w") as users:
        try:
            _enter(folder, users, on)
            yield
        finally:
            _leave(folder, users, off)


def _enter(folder: Path, users: IO[str], on: Callable[[], None]) -> None:
    with _gate(folder):
        fcntl.flock(users, fcntl.LOCK_SH)
        on()


def _leave(folder: Path, users: IO[str], off: Callable[[], None]) -> None:
    with _gate(folder):
        if try_lock(users):
            off()
        fcntl.flock(users, fcntl.LOCK_UN)


@contextmanager
def _gate(folder: Path) -> Iterator[None]:
    with (folder / "gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
