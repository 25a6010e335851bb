"""CPU seconds of processes, from the kernel's own counting (10 ms ticks)."""

import os
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> set[int]:
    """A process and all below it."""
    parents = {pid: fields[1] for pid, fields in _all()}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def seconds(pids: Iterable[int]) -> float:
    """User and system time, with that of children which have ended."""
    wanted = set(pids)
    return sum(sum(fields[11:15]) for pid, fields in _all() if pid in wanted) / TICK


def _all() -> list[tuple[int, list[int]]]:
    """(pid, numeric fields after the name) of every process; see proc(5), `stat`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found.append((int(path.parent.name), [0, *map(int, words[1:])]))
    return found
