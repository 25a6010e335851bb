"""A websocket handshake is only taken from our own pages.

The Origin must equal PUBLIC_URL's origin, or the request's own scheme, host and port where that host is allowed.
Channels' own validator compares host names only: another scheme or port of the same host would pass.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

PATH = "/ws/"
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class SameOrigin:
    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if scope["path"] == PATH and is_ours(scope):
            return await self.application(scope, receive, send)
        # A close before accept is an HTTP 403 to the one who knocks.
        return await send({"type": "websocket.close", "code": 4403})


def is_ours(scope: dict[str, Any]) -> bool:
    origins = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
    if len(origins) != 1 or (origin := _parts(origins[0])) is None:
        return False
    return origin == _parts(settings.PUBLIC_URL) or origin == _own(scope)


def _parts(origin: str) -> tuple[str, str, int] | None:
    """(scheme, host, port); None for what is no plain origin, such as `null` or one with a user or a path."""
    try:
        url = urlsplit(origin)
        port = url.port or PORTS.get(url.scheme, 0)
    except ValueError:
        return None
    plain = (
        url.scheme in ("http", "https")
        and url.hostname
        and not (url.path or url.query or url.fragment or url.username)
    )
    return (url.scheme, str(url.hostname), port) if plain and "@" not in url.netloc else None


def _own(scope: dict[str, Any]) -> tuple[str, str, int] | None:
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    scheme = "https" if _is_secure(scope) else "http"
    own = _parts(f"{scheme}://{host}")
    return own if own and validate_host(own[1], settings.ALLOWED_HOSTS) else None


def _is_secure(scope: dict[str, Any]) -> bool:
    if settings.TRUSTED_PROXIES:
        return bool(dict(scope["headers"]).get(b"x-forwarded-proto", b"") == b"https")
    return bool(scope.get("scheme") == "wss")
