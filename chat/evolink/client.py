"""The client: `stream` and `complete`.

Never raises for anything that the upstream did; cancelling or closing it closes the connection.
"""

from collections.abc import AsyncGenerator
from typing import cast

import msgspec

from chat.evolink.asking import Asking
from chat.evolink.breaker import Bystander, Trial
from chat.evolink.inspection import check_key
from chat.evolink.limits import LIMITS
from chat.evolink.line import close
from chat.evolink.pieces import Completed, Ending, Fact, Piece, Thought, UsageSource, Waiting
from chat.evolink.wire import ChatMessage, ChatRequest, StreamOptions, Usage

__all__ = [
    "ChatMessage",
    "ChatRequest",
    "Completed",
    "Ending",
    "Fact",
    "Piece",
    "Thought",
    "Usage",
    "UsageSource",
    "Waiting",
    "check_key",
    "close",
    "complete",
    "stream",
]


def stream(request: ChatRequest) -> AsyncGenerator[Fact, None]:
    """Ask for an answer and yield it as it is written; one Ending, last."""
    asked = msgspec.structs.replace(
        request, stream=True, stream_options=StreamOptions(include_usage=True)
    )
    thinks = request.reasoning_effort in {"medium", "high"}
    first_byte = LIMITS.first_byte_thinking if thinks else LIMITS.first_byte
    return Asking(asked, first_byte=first_byte, trial=Trial()).facts()


async def complete(request: ChatRequest) -> Completed:
    """Ask for a whole response, that nobody waits for: it is not asked where an answer would have to try first."""
    asked = msgspec.structs.replace(request, stream=False, stream_options=None)
    asking = Asking(asked, first_byte=LIMITS.whole_response, trial=Bystander())
    said = [fact async for fact in asking.facts()]
    text = "".join(fact.text for fact in said if isinstance(fact, Piece))
    return Completed(text=text, ending=cast("Ending", said[-1]))
