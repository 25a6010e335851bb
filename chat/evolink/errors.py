"""What can go wrong upstream: every code with our sentence for people and how often we try again.

The HTTP status decides the code and the body's fields only refine it. Upstream text never
reaches people: it is not ours, and may hold prompts or keys.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from chat.evolink.wire import ChatRequest, Malformed, decode_loosely


@dataclass(frozen=True)
class Kind:
    """`failed` is said when no text came, `cut` above a text that breaks off."""

    failed: str
    retries: int = 0
    cut: str = "The answer breaks off here, because the model service failed."


_LOST = "The connection to the model was lost, so the answer is not complete."
_SILENT = "The model stopped responding, so the answer is not complete."

KINDS = {
    "bad_request": Kind("The model did not accept this request."),
    "context_length": Kind("This conversation is too long for the model."),
    "empty_answer": Kind("The model gave an empty answer.", 1),
    "eof": Kind("The connection to the model was lost.", 2, _LOST),
    "filtered": Kind("The model's provider blocked this answer under its content policy."),
    "model_denied": Kind("This workspace may not use this model."),
    "model_gone": Kind("This model is no longer available."),
    "overload": Kind("Too many answers are being written at once. Please try again shortly."),
    "protocol": Kind(
        "The model service answered in a way that could not be understood.",
        cut="The answer breaks off here, because what followed could not be understood.",
    ),
    "rate_limited": Kind("The model is busy at the moment. Please try again shortly.", 2),
    "reset": Kind("The connection to the model was lost.", 2, _LOST),
    "stall": Kind("The model did not respond.", 1, _SILENT),
    "too_long": Kind("The answer was too long.", cut="The answer was too long and ends here."),
    "upstream_auth": Kind("The model service refused this workspace's key. An admin can fix it."),
    "upstream_down": Kind(
        "The model service has stopped answering, so it was not asked. "
        "It is tried again every few seconds: press Retry in a moment."
    ),
    "upstream_error": Kind("The model service has a problem at the moment.", 2),
    "upstream_quota": Kind("The model service is unavailable: this workspace's credit is used up."),
    "upstream_redirect": Kind("The model service has moved. An admin can correct its address."),
    "upstream_timeout": Kind("The model took too long to respond.", 1, _SILENT),
    "upstream_tls": Kind("No secure connection to the model service could be made."),
    "upstream_unreachable": Kind("The model service cannot be reached.", 2, _LOST),
}

_OF_STATUS = {
    401: "upstream_auth",
    402: "upstream_quota",
    403: "upstream_auth",
    404: "model_gone",
    408: "upstream_timeout",
    429: "rate_limited",
    504: "upstream_timeout",
}
_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "insufficient_quota_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "internal_server_error": 500,
    "upstream_error": 502,
    "service_unavailable_error": 503,
}
_TOO_LONG = re.compile(r"context.{0,3}(length|window)|token count .{0,40}exceeds", re.IGNORECASE)
_POLICY = re.compile(r"content.{0,3}(policy|filter|management)|prohibited", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_DAY = 86_400.0


@dataclass(eq=False)
class Fault(Exception):
    """Why an attempt failed. `told` is the upstream's own words: for staff, not yet redacted."""

    code: str
    told: str = ""
    parameter: str = ""
    retry_after: float | None = None

    def sentence(self, *, cut: bool = False) -> str:
        """What people read; `cut` when there is text above it."""
        if self.parameter and not cut:
            return f"This model does not accept the setting {self.parameter}."
        return KINDS[self.code].cut if cut else KINDS[self.code].failed


def fault_of_response(status: int, body: bytes, *, content_type: str, retry_after: str) -> Fault:
    """Read a refusal: the status decides, and the body's error refines."""
    if 300 <= status < 400:  # noqa: PLR2004
        return Fault("upstream_redirect", told=f"HTTP {status}")
    if status == 404 and "html" in content_type:  # noqa: PLR2004
        return Fault("protocol", told="HTTP 404 with a page: is the base URL right?")
    fault = fault_of_error(_error_in(body), status=status)
    fault.retry_after = seconds_to_wait(retry_after)
    fault.told = f"HTTP {status} {fault.told or _plain(body)}"
    return fault


def fault_of_error(error: Any, *, status: int | None = None) -> Fault:
    """Read the error object of a body or of an event, whatever shape it has."""
    fields = _fields(error)
    told = _plain(error)
    code = _code_of_status(status or _status_in(fields))
    if code == "bad_request":
        return _refined(fields, told)
    if code == "upstream_auth" and fields.get("param") == "model":
        code = "model_denied"
    if code == "upstream_auth" and _speaks_of(_POLICY, fields):
        code = "filtered"
    return Fault(code, told=told)


def seconds_to_wait(value: str) -> float | None:
    """Read a Retry-After header: seconds or a date. None where it makes no sense."""
    value = value.strip()
    seconds = float(value) if _SECONDS.fullmatch(value) else _seconds_until(value)
    return seconds if seconds is not None and 0 <= seconds <= _DAY else None


def _seconds_until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _code_of_status(status: int) -> str:
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    return "bad_request" if 400 <= status < 500 else "upstream_error"  # noqa: PLR2004


def _refined(fields: dict[str, Any], told: str) -> Fault:
    if _speaks_of(_TOO_LONG, fields):
        return Fault("context_length", told=told)
    if _speaks_of(_POLICY, fields):
        return Fault("filtered", told=told)
    parameter = fields.get("param")
    known = isinstance(parameter, str) and parameter in ChatRequest.__struct_fields__
    return Fault("bad_request", told=told, parameter=str(parameter) if known else "")


def _speaks_of(subject: re.Pattern[str], fields: dict[str, Any]) -> bool:
    told = (fields.get(name) for name in ("code", "type", "message"))
    words = [word[:2000].replace("_", " ") for word in told if isinstance(word, str)]
    return any(subject.search(word) for word in words)


def _error_in(body: bytes) -> Any:
    try:
        answer = decode_loosely(body)
    except Malformed:
        return None
    return answer.get("error", answer)


def _fields(error: Any) -> dict[str, Any]:
    """The error as an object; some gateways put it, or JSON of it, into a string."""
    if isinstance(error, str):
        try:
            error = decode_loosely(error.encode("utf-8", "replace"))
        except Malformed:
            return {"message": error}
        error = error.get("error", error)
    return error if isinstance(error, dict) else {}


def _status_in(fields: dict[str, Any]) -> int:
    """The HTTP status that an error inside a 200 stands for; 500 where it does not say."""
    code = fields.get("code")
    number = int(code) if isinstance(code, str) and re.fullmatch("[45][0-9]{2}", code) else code
    if type(number) is int and 400 <= number < 600:  # noqa: PLR2004
        return number
    return _STATUS_OF_TYPE.get(str(fields.get("type")), 500)


def _plain(told: Any) -> str:
    if isinstance(told, bytes):
        return told.decode("utf-8", "replace")
    if isinstance(told, str):
        return told
    try:
        return json.dumps(told) if told else ""
    except RecursionError:
        return ""
