"""Exceptions of the network, as Faults. Nothing of theirs is kept: some carry our headers."""

import ssl
from collections.abc import Iterator

import aiohttp
import httpx

from chat.evolink.errors import Fault

TROUBLE = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, aiohttp.ClientError, OSError)


def fault_of_trouble(trouble: Exception, *, got_head: bool) -> Fault:
    """What it means depends on whether the response had begun."""
    code = _code_while_reading(trouble) if got_head else _code_while_reaching(trouble)
    return Fault(code, told=" < ".join(type(cause).__name__ for cause in _causes(trouble)))


def _code_while_reading(trouble: Exception) -> str:
    return "protocol" if isinstance(trouble, httpx.DecodingError) else "reset"


def _code_while_reaching(trouble: Exception) -> str:
    causes = list(_causes(trouble))
    if any(isinstance(cause, ssl.SSLError | aiohttp.ClientSSLError) for cause in causes):
        return "upstream_tls"
    if any(isinstance(cause, aiohttp.ClientResponseError) for cause in causes):
        return "protocol"
    return "reset" if any(_was_connected(cause) for cause in causes) else "upstream_unreachable"


def _was_connected(cause: BaseException) -> bool:
    if isinstance(cause, aiohttp.ClientConnectorError):
        return False
    return isinstance(cause, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)


def _causes(trouble: BaseException | None) -> Iterator[BaseException]:
    while trouble is not None:
        yield trouble
        trouble = trouble.__cause__ or trouble.__context__
