"""How an attempt ended: one Ending from what the reducer saw and what broke the stream."""

from collections.abc import Callable
from typing import Any

from chat.evolink.errors import KINDS, Fault
from chat.evolink.limits import LIMITS
from chat.evolink.pieces import Ending
from chat.evolink.reducer import Reducer, clean

_FILTERS = {"content_filter", "safety", "prohibited_content", "blocklist", "recitation", "spii"}
_SPENT = "The model reached the length limit before it wrote anything. Allow a longer answer."


def conclude(seen: Reducer, fault: Fault | None, *, redact: Callable[[str], str]) -> Ending:
    """A seen finish_reason completes an answer, whatever broke afterwards."""
    fault = seen.fault or fault
    if seen.finish_reason or (seen.done and not fault):
        return _finished(seen)
    if fault is None:
        fault = Fault("eof" if seen.has_text else "empty_answer")
    return _broken(seen, fault, redact)


def retries_allowed(ending: Ending) -> int:
    """How often this ending may be tried again. A finished or counted answer never is."""
    if ending.state != "failed" or ending.finish_reason or ending.usage:
        return 0
    return KINDS[ending.code].retries


def _finished(seen: Reducer) -> Ending:
    if not seen.done:
        seen.flag("no_done")
    if not seen.finish_reason:
        seen.flag("unknown_finish")
    if seen.has_text:
        return Ending(state="completed", **_facts(seen))
    return _empty(seen)


def _empty(seen: Reducer) -> Ending:
    reason = seen.finish_reason.lower()
    code = "filtered" if reason in _FILTERS else "empty_answer"
    detail = _SPENT if reason in {"length", "max_tokens"} else KINDS[code].failed
    return Ending(state="failed", code=code, detail=detail, **_facts(seen))


def _broken(seen: Reducer, fault: Fault, redact: Callable[[str], str]) -> Ending:
    cut = seen.has_text
    return Ending(
        state="truncated" if cut else "failed",
        code="upstream_error" if cut and seen.fault_was_told else fault.code,
        detail=fault.sentence(cut=cut),
        upstream_detail=clean(redact(fault.told), LIMITS.detail_characters),
        retry_after=fault.retry_after,
        **_facts(seen),
    )


def _facts(seen: Reducer) -> dict[str, Any]:
    usage, source = seen.usage()
    return {
        "finish_reason": seen.finish_reason,
        "usage": usage,
        "usage_source": source,
        "upstream_id": seen.upstream_id,
        "model": seen.model,
        "flags": tuple(seen.flags),
    }
