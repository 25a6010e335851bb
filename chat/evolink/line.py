"""The connections to Evolink: one pool for each event loop, made when first needed."""

import asyncio
import ssl
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from chat.evolink.errors import Fault
from chat.evolink.limits import LIMITS

_KEEP_IDLE_SECONDS = 30
_lines: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Line]" = weakref.WeakKeyDictionary()


class Line:
    """A pool that refuses at once when it is full, instead of letting people wait unseen."""

    def __init__(self) -> None:
        self._open = 0
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=LIMITS.connections_most,
                keepalive_timeout=_KEEP_IDLE_SECONDS,
                ssl=_trust(),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._client = httpx.AsyncClient(
            transport=AiohttpTransport(client=session, verify=_trust()),
            headers={"Accept-Encoding": "identity", "User-Agent": "webchat"},
            follow_redirects=False,  # the key must not travel
            trust_env=False,
        )

    @asynccontextmanager
    async def held(self) -> AsyncIterator[httpx.AsyncClient]:
        """The client, for one request. Raises Fault when too many are under way."""
        if self._open >= LIMITS.connections_most:
            raise Fault("overload")
        self._open += 1
        try:
            yield self._client
        finally:
            self._open -= 1

    async def close(self) -> None:
        await self._client.aclose()


def line() -> Line:
    """The line of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _lines:
        _lines[loop] = Line()
    return _lines[loop]


async def close() -> None:
    """Close the running loop's connections; the next request would open new ones."""
    found = _lines.pop(asyncio.get_running_loop(), None)
    if found:
        await found.close()


@cache
def _trust() -> ssl.SSLContext:
    """Read once: it takes longer than a request."""
    return httpx.create_ssl_context()


def timeout() -> httpx.Timeout:
    """Only for reaching the server: what follows is watched by Watch."""
    return httpx.Timeout(None, connect=LIMITS.connect, pool=LIMITS.reach)
