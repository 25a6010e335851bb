"""Many streams at once against a relay, seen from the browser's side.

The upstream's text is the time at which each chunk was written, so a chunk's delay is what its reader sees.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import quantiles

import websockets

RATE = 50


@dataclass(frozen=True)
class Load:
    """So many streams at once, each of so many chunks."""

    streams: int
    chunks: int

    @property
    def question(self) -> str:
        return f"!script stamp chunks={self.chunks} rate={RATE}"

    @property
    def ideal_seconds(self) -> float:
        return (self.chunks - 1) / RATE


@dataclass
class Seen:
    """What one stream's reader saw; times in nanoseconds."""

    asked: int
    delays: list[int] = field(default_factory=list)
    first: int = 0
    last: int = 0

    def take(self, text: str) -> None:
        now = time.time_ns()
        self.first = self.first or now
        self.delays += [now - int(stamp) for stamp in text.split()]
        self.last = now


Ask = Callable[[websockets.ClientConnection], Awaitable[None]]


async def watch(socket: websockets.ClientConnection, ask: Ask, start: asyncio.Event) -> Seen:
    """Ask when all are ready, and read to the end."""
    await start.wait()
    seen = Seen(asked=time.time_ns())
    await ask(socket)
    async for frame in socket:
        event = json.loads(frame)
        if event["type"] == "completion.delta":
            seen.take(event["text"])
        elif event["type"] == "completion.finished":
            break
    return seen


@dataclass(frozen=True)
class Figures:
    """Milliseconds, but for `wall` (seconds) and `lost` (chunks)."""

    p50: float
    p95: float
    p99: float
    first: float
    wall: float
    lost: int


def figures(load: Load, seen: list[Seen]) -> Figures:
    cuts = quantiles([delay for one in seen for delay in one.delays], n=100)
    firsts = sorted(one.first - one.asked for one in seen)
    return Figures(
        p50=cuts[49] / 1e6,
        p95=cuts[94] / 1e6,
        p99=cuts[98] / 1e6,
        first=firsts[len(firsts) // 2] / 1e6,
        wall=(max(one.last for one in seen) - min(one.asked for one in seen)) / 1e9,
        lost=sum(load.chunks - len(one.delays) for one in seen),
    )
