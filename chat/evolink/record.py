"""What is counted and logged of the calls: never a word of what was asked or answered."""

import time

import structlog

from chat.evolink.pieces import Ending
from webchat import metrics

# 401, 402, 403 and 404: people cannot mend these, and nothing is disabled because of them.
FOR_STAFF = {"upstream_auth", "upstream_quota", "model_denied", "model_gone"}
_WARN_AGAIN_SECONDS = 60.0

logger = structlog.get_logger(__name__)
_warned_at: dict[str, float] = {}


def count(code: str) -> None:
    metrics.CALLS.labels(code or "ok").inc()


def record(ending: Ending, model: str, *, host: str, retries: int) -> None:
    """The end of a request. `host` is the last one that was asked, empty if none was."""
    logger.info(
        "evolink.finished",
        state=ending.state,
        code=ending.code,
        finish_reason=ending.finish_reason,
        usage_source=ending.usage_source,
        upstream_id=ending.upstream_id,
        flags=ending.flags,
        host=host,
        retries=retries,
    )
    if ending.code in FOR_STAFF and _is_time_to_warn(ending.code):
        logger.warning("evolink.refused", code=ending.code, model=model, host=host)


def _is_time_to_warn(code: str) -> bool:
    """Once for a code and minute: a refused key refuses everyone."""
    now = time.monotonic()
    if now - _warned_at.get(code, -_WARN_AGAIN_SECONDS) < _WARN_AGAIN_SECONDS:
        return False
    _warned_at[code] = now
    return True
