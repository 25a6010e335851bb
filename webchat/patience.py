"""A PostgreSQL that hangs without closing looks, from here, like one that thinks: only our own clock tells.

The kernel of a frozen server, or a proxy before it, goes on acknowledging what we send, so that no TCP timeout notices.
"""

from collections.abc import Generator
from typing import Any, ClassVar, TypeVar

import psycopg
from psycopg.errors import _WaitTimeout  # its own name for a wait that took too long

T = TypeVar("T")
SERVING_SECONDS = 4.5  # more than the longest wait for a lock, less than a person's patience


class Connection(psycopg.Connection[Any]):
    """Gives up, and closes, where a single answer takes longer than `seconds`; None waits for ever (migrations)."""

    seconds: ClassVar[float | None] = None

    def wait(
        self,
        gen: Generator[Any, Any, T],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> T:
        try:
            return super().wait(gen, interval, timeout or self.seconds)
        except _WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server says nothing") from None
