"""Whether the gateway takes our key, asked once at start and at no cost."""

from chat.evolink.address import Address, addresses
from chat.evolink.attempt import Attempt
from chat.evolink.pieces import Ending
from chat.evolink.wire import ChatRequest

_FIRST_BYTE_SECONDS = 10.0
_UNREACHED = {"upstream_unreachable", "upstream_tls", "upstream_timeout", "reset", "stall"}
_SENTENCES = {
    "upstream_auth": "EVOLINK_API_KEY was refused by the gateway at {host}.",
    "upstream_quota": "The gateway at {host} says that the credit of EVOLINK_API_KEY is used up.",
    "upstream_redirect": "The gateway at {host} has moved: EVOLINK_BASE_URL must be its new address.",
    "upstream_tls": "No secure connection to the gateway at {host} could be made.",
}
_NOT_REACHED = "The gateway at {host} cannot be reached, so no answer can be written for now."


async def check_key() -> str | None:
    """None where all is well or nothing can be said, else a sentence for whoever runs this."""
    first = ""
    for address in addresses():
        ending = await _asked(address)
        if ending.code not in _UNREACHED:
            return _sentence(ending.code, address)
        first = first or _sentence(ending.code, address) or _NOT_REACHED.format(host=address.host)
    return first


async def _asked(address: Address) -> Ending:
    """A request without messages: the key is looked at, and no model is."""
    nothing = ChatRequest(
        model="gemini-3.1-flash-lite-preview", messages=[], max_completion_tokens=1
    )
    attempt = Attempt(nothing, address=address, first_byte=_FIRST_BYTE_SECONDS)
    async for _ in attempt.texts():
        pass
    return attempt.ending


def _sentence(code: str, address: Address) -> str | None:
    sentence = _SENTENCES.get(code)
    return sentence.format(host=address.host) if sentence else None
