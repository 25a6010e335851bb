"""Structured logs: one JSON line an event, with the request's id, and never a message's text."""

import logging
import re
import sys
from typing import Any

import structlog

_BEARER = re.compile(r"(?i)(bearer\s+|sk-)[\w.~+/=-]{8,}")
# Whoever has one of these addresses is let in: that of a share link, or of an invitation.
_LIVING_ADDRESS = re.compile(
    r"""(?ix) ( (?:/|%2F) (?: s | invitations | shares (?= (?:/|%2F) [\w%-]+? (?:/|%2F) copy\b) ) (?:/|%2F) )
    (?: (?!%2F) [\w%.~-] )+""",
)


def _redact(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Last line of defence: a key, or an address that lets in, is cut out of whatever it reached, the event's own words
    included. What is no text or number is written as it would be shown: a request shows its address."""
    return {
        name: value if name.startswith("_") else _without_secrets(value)
        for name, value in event.items()
    }


def _without_secrets(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {_cut(str(name)): _without_secrets(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(each) for each in value]
    return _cut(value if isinstance(value, str) else repr(value))


def _cut(text: str) -> str:
    return _LIVING_ADDRESS.sub(r"\1[redacted]", _BEARER.sub(r"\1[redacted]", text))


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _redact,
]


def formatter() -> logging.Formatter:
    """Of every line, our own and the libraries'."""
    render: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(),
    ]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=render)


def configure(level: str) -> None:
    """Send our own and the libraries' logs through one renderer to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "daphne.http_protocol", "asyncio", "django.server"):
        logging.getLogger(noisy).setLevel("WARNING")
    # A traceback every second while Valkey is away; `nodes` says it in a line, and readiness fails.
    logging.getLogger("channels_redis").setLevel("CRITICAL")
    # Our own request line says it with less: Django's would add the whole address.
    logging.getLogger("django.request").setLevel("ERROR")
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
