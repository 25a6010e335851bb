"""Structured logs: one JSON line an event, with the request's id, and never a message's text."""

import logging
import re
import sys
from typing import Any

import structlog

_BEARER = re.compile(r"(?i)(bearer\s+|sk-)[\w.~+/=-]{8,}")


def _redact(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Last line of defence: a key that reached a log value is cut out of it."""
    return {
        name: _BEARER.sub(r"\1[redacted]", value) if isinstance(value, str) else value
        for name, value in event.items()
    }


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _redact,
]


def configure(level: str) -> None:
    """Send our own and the libraries' logs through one renderer to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    render: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=render)
    )
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
