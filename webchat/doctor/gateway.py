"""Whether the gateway takes our key and has our models, asked at no cost.

The request has no message, so a gateway refuses it before any model is asked; what it complains about first tells
whether the key and the model are known.
"""

import asyncio
from collections.abc import Iterator

from django.conf import settings

from chat import catalog
from chat.evolink import client
from chat.evolink.address import addresses
from chat.evolink.attempt import Attempt
from chat.evolink.wire import ChatRequest
from webchat.doctor.finding import Finding, note, ok, problem

SECONDS = 4.5
FIRST_BYTE_SECONDS = 4.0
REFUSED = {"model_gone", "model_denied"}
UNWELL = {
    "upstream_error",
    "upstream_timeout",
    "upstream_unreachable",
    "rate_limited",
    "stall",
    "reset",
}
_KEY = "Set EVOLINK_API_KEY and EVOLINK_BASE_URL anew and restart; see the gateway's console."


def look() -> Iterator[Finding]:
    if settings.DEMO:
        says = "No EVOLINK_API_KEY is set, so a demo model answers."
        yield note("Gateway", says, "Set EVOLINK_API_KEY to talk with Gemini.")
        return
    try:
        warning, codes = asyncio.run(_asked())
    except TimeoutError:
        says = f"{_host()} does not answer within {SECONDS:.0f} seconds."
        yield problem("Gateway", says, "Look at the network, and at EVOLINK_BASE_URL.")
        return
    yield problem("Gateway", warning, _KEY) if warning else _of_models(codes)


async def _asked() -> tuple[str | None, dict[str, str]]:
    """A warning about the key, and what was said to each model."""
    async with asyncio.timeout(SECONDS):
        try:
            warning, *codes = await asyncio.gather(client.check_key(), *map(_said, catalog.MODELS))
        finally:
            await client.close()
    return warning, dict(zip(catalog.MODELS, map(str, codes), strict=True))


async def _said(model: str) -> str:
    nothing = ChatRequest(model=model, messages=[], max_completion_tokens=1)
    attempt = Attempt(nothing, address=addresses()[0], first_byte=FIRST_BYTE_SECONDS)
    async for _ in attempt.texts():
        pass
    return attempt.ending.code


def _of_models(codes: dict[str, str]) -> Finding:
    if all(code in REFUSED for code in codes.values()):
        says = f"{_host()} knows none of our models."
        return problem("Gateway", says, "Look whether EVOLINK_BASE_URL is the gateway's address.")
    if refused := [model for model, code in codes.items() if code in REFUSED]:
        says = f"{_host()} takes the key and refuses {', '.join(refused)}."
        return problem(
            "Gateway", says, "Ask the gateway for that model, or tell people not to use it."
        )
    if unwell := set(codes.values()) & UNWELL:
        says = f"{_host()} is not well at the moment ({', '.join(sorted(unwell))})."
        return note("Gateway", says, "Answers may fail; ask again in a minute.")
    return ok("Gateway", f"{_host()} takes the key and knows {', '.join(codes)}.")


def _host() -> str:
    return f"The gateway at {addresses()[0].host}"
