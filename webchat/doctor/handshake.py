"""Whether a page could open its websocket: a handshake through PUBLIC_URL as a browser makes it.

Without a session, so the server accepts and then closes with 4401. Spelt out by hand: a library would hide what a proxy
answers instead, which is what we want to know.
"""

import asyncio
import base64
import secrets
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from chat.consumers import SIGN_IN, SUBPROTOCOL
from webchat import threads
from webchat.checks import is_loopback
from webchat.doctor.finding import Finding, note, ok, problem
from webchat.origin import PATH, PORTS

SECONDS = 4.0
SWITCHED, FORBIDDEN = 101, 403
MOVED = {301, 302, 303, 307, 308}
NOBODY_BEHIND = {502, 503, 504}
CLOSE = 0x88  # a whole close frame
_UPGRADE = (
    "Let the proxy pass on the headers Upgrade, Connection and Sec-WebSocket-*, as Caddy does."
)
_ORIGIN = (
    "PUBLIC_URL must be the very address that people use; the proxy must pass Host on, and "
    "TRUSTED_PROXIES must count the proxies."
)


@dataclass(frozen=True)
class Answer:
    """What came back; `close_code` is 0 where no socket was opened."""

    status: int
    subprotocol: str = ""
    close_code: int = 0


def look() -> Iterator[Finding]:
    try:
        yield _judged(asyncio.run(_within_time(settings.PUBLIC_URL)))
    except ssl.SSLError as trouble:
        says = f"The certificate of {settings.PUBLIC_URL} is refused ({trouble.reason or 'TLS'})."
        yield problem("Websocket", says, "Renew it, or let this machine trust who signed it.")
    except TimeoutError:
        says = f"{settings.PUBLIC_URL} takes the connection and does not answer."
        yield problem("Websocket", says, _UPGRADE)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        says = f"What answers at {settings.PUBLIC_URL} does not speak HTTP as a browser wants it."
        yield problem("Websocket", says, _UPGRADE)
    except OSError as trouble:
        yield _unreached(trouble)


async def _within_time(public_url: str) -> Answer:
    async with asyncio.timeout(SECONDS):
        return await shake_hands(public_url)


async def shake_hands(public_url: str) -> Answer:
    """Raises OSError, TimeoutError, or what reading half an answer raises."""
    url = urlsplit(public_url)
    reader, writer = await asyncio.open_connection(
        url.hostname, url.port or PORTS[url.scheme], ssl=True if url.scheme == "https" else None
    )
    try:
        writer.write(_request(url.scheme, url.netloc))
        return await _answer(reader)
    finally:
        writer.transport.abort()


def _request(scheme: str, host: str) -> bytes:
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    lines = (
        f"GET {PATH} HTTP/1.1",
        f"Host: {host}",
        f"Origin: {scheme}://{host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.split("\r\n")
    status = int(first.split(" ")[1]) if first.startswith("HTTP/1.") else 0
    if status != SWITCHED:
        return Answer(status)
    headers = {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in rest)}
    subprotocol = headers.get("sec-websocket-protocol", "")
    return Answer(status, subprotocol, await _close_code(reader))


async def _close_code(reader: asyncio.StreamReader) -> int:
    """Of the first frame, which an unsigned visitor's socket ends with; 0 where it is another."""
    kind, _, high, low = await reader.readexactly(4)
    return 256 * high + low if kind == CLOSE else 0


def _judged(answer: Answer) -> Finding:
    url, status = settings.PUBLIC_URL, answer.status
    if answer == Answer(SWITCHED, SUBPROTOCOL, SIGN_IN):
        return ok("Websocket", f"Pages can open it through {url}.")
    if status == SWITCHED:
        says = f"It opens at {url} and is not ours (closed with {answer.close_code})."
        return problem("Websocket", says, _UPGRADE)
    if status == FORBIDDEN:
        return problem("Websocket", f"It is refused at {url} for its Origin (403).", _ORIGIN)
    return _not_switched(url, status)


def _not_switched(url: str, status: int) -> Finding:
    if status in MOVED:
        return problem("Websocket", f"{url} sends people to another address.", _ORIGIN)
    if status in NOBODY_BEHIND:
        says = f"A proxy answers at {url}, and no server behind it ({status})."
        return problem("Websocket", says, "Start the server, or point the proxy at HOST:PORT.")
    says = f"{url} answers {status} and opens no websocket."
    return problem("Websocket", says, _UPGRADE)


def _unreached(trouble: OSError) -> Finding:
    url, why = settings.PUBLIC_URL, trouble.strerror or type(trouble).__name__
    if is_loopback(url) and not threads.loop_is_attached():
        return note("Websocket", f"No server runs at {url}.", "Start it and ask again.")
    says = f"Nothing answers at {url} (PUBLIC_URL): {why}."
    return problem("Websocket", says, "Start the server, or correct PUBLIC_URL and the DNS.")
