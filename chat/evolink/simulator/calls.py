"""What the simulator remembers of each request, for tests to look at."""

import time
from typing import Any

from msgspec import Struct, field

_SECRET_HEADERS = {"authorization", "cookie"}


class Call(Struct):
    """Times are seconds since the epoch; `ended` is empty while the answer is being written."""

    path: str
    request: Any
    headers: dict[str, str]
    connection: int  # the client's port: the same for requests that shared a connection
    opened_at: float = field(default_factory=time.time)
    closed_at: float | None = None
    ended: str = ""  # "finished", "left" (by the client) or what the script did: "reset", "cut"

    def close(self, how: str) -> None:
        """The first reason stands."""
        if not self.ended:
            self.ended, self.closed_at = how, time.time()


def without_secrets(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _SECRET_HEADERS}
