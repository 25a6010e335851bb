"""What the upstream was asked to say, and what it remembers of saying it."""

from dataclasses import dataclass

from chat.evolink.simulator.calls import Call
from tests.services import Upstream


@dataclass(frozen=True)
class Steady:
    """A text whose every byte is known: numbered pieces of `size` characters, `rate` times a second."""

    chunks: int
    rate: float
    size: int = 8

    @property
    def text(self) -> str:
        return "".join(f"{at:0{self.size - 1}d} " for at in range(self.chunks))

    @property
    def seconds(self) -> float:
        return self.chunks / self.rate

    def question(self, name: object) -> str:
        """`name` tells its call from others."""
        return f"{name}:\n!script steady chunks={self.chunks} rate={self.rate} size={self.size}"

    def seconds_lost(self, call: Call, kept: str) -> float:
        """How much of what had been sent when the call broke off is not in what was kept."""
        assert call.closed_at
        return call.closed_at - call.opened_at - len(kept) / (self.rate * self.size)


def calls_for(upstream: Upstream, name: object) -> list[Call]:
    """The streams that were asked for by a question of that name."""
    streams = [call for call in upstream.calls if call.request and call.request.get("stream")]
    return [call for call in streams if _question(call).startswith(f"{name}:\n")]


def _question(call: Call) -> str:
    content = call.request["messages"][-1]["content"]
    return content if isinstance(content, str) else content[-1]["text"]
