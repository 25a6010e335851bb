"""The client: `stream` and `complete`, with fallback and retries until the first text came.

Never raises for anything that the upstream did; cancelling or closing it closes the connection.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import msgspec
import structlog

from chat.evolink.attempt import Attempt
from chat.evolink.inspection import check_key
from chat.evolink.limits import LIMITS
from chat.evolink.line import close
from chat.evolink.pieces import Completed, Ending, Fact, Piece, Thought, UsageSource, Waiting
from chat.evolink.plan import Plan
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

logger = structlog.get_logger(__name__)


def stream(request: ChatRequest) -> AsyncGenerator[Fact, None]:
    """Ask for an answer and yield it as it is written; one Ending, last."""
    asked = msgspec.structs.replace(
        request, stream=True, stream_options=StreamOptions(include_usage=True)
    )
    thinks = request.reasoning_effort in {"medium", "high"}
    return _facts(asked, first_byte=LIMITS.first_byte_thinking if thinks else LIMITS.first_byte)


async def complete(request: ChatRequest) -> Completed:
    """Ask for a whole response."""
    asked = msgspec.structs.replace(request, stream=False, stream_options=None)
    said = [fact async for fact in _facts(asked, first_byte=LIMITS.whole_response)]
    text = "".join(fact.text for fact in said if isinstance(fact, Piece))
    return Completed(text=text, ending=cast("Ending", said[-1]))


async def _facts(request: ChatRequest, *, first_byte: float) -> AsyncGenerator[Fact, None]:
    plan = Plan()
    while True:
        attempt = Attempt(request, address=plan.address, first_byte=first_byte)
        async with aclosing(attempt.texts()) as texts:
            async for text in texts:
                yield text
        wait = None if attempt.said_something else plan.wait_before_next(attempt.ending)
        if wait is None:
            break
        if wait:
            yield Waiting(wait, attempt.ending.code)
            await asyncio.sleep(wait)
    _log(attempt.ending, plan)
    yield attempt.ending


def _log(ending: Ending, plan: Plan) -> None:
    logger.info(
        "evolink.finished",
        state=ending.state,
        code=ending.code,
        finish_reason=ending.finish_reason,
        usage_source=ending.usage_source,
        upstream_id=ending.upstream_id,
        flags=ending.flags,
        host=plan.address.host,
        retries=plan.retries,
    )
