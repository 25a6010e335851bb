"""Refusals: HTTP statuses with every kind of body that gateways and the proxies before them send."""

import gzip
from collections.abc import Callable
from typing import Any

from chat.evolink.simulator.replies import Act, Reply, error_fields, json_reply

_TYPES = {
    400: ("Invalid request parameters", "invalid_request_error"),
    401: ("Invalid or expired token", "authentication_error"),
    402: ("Insufficient quota", "insufficient_quota_error"),
    403: ("Access denied for this model", "permission_error"),
    404: ("Specified model not found", "not_found_error"),
    429: ("Rate limit exceeded", "rate_limit_error"),
    500: ("Internal server error", "internal_server_error"),
    502: ("Upstream AI service unavailable", "upstream_error"),
    503: ("Service temporarily unavailable", "service_unavailable_error"),
}
_SUGGESTIONS = {
    402: "https://evolink.ai/dashboard/billing",
    404: "gemini-3.5-flash",
    429: "retry after 60 seconds",
    500: "try again later",
    502: "try different model",
    503: "retry after 30 seconds",
}


def status(
    model: str, code: int, body: str = "", param: str = "", retry_after: Any = None
) -> Reply:
    """Refuse with a status as the documents show it, or with one of BODIES."""
    reply = _documented(code, param) if not body else BODIES[body](code)
    if retry_after is not None:
        reply.headers["Retry_After"] = str(retry_after).replace("_", " ")
    return reply


def moved(model: str, code: int = 307) -> Reply:
    """Point somewhere else, where the key must not go."""
    return Reply(status=code, framing="length", headers={"Location": "http://127.0.0.1:9/v1"})


def echo_key(model: str, key: str) -> Reply:
    """Repeat a secret in the error, as some gateways do."""
    return json_reply(error_fields(401, f"Incorrect API key provided: {key}", "auth"), 401)


def _documented(code: int, param: str) -> Reply:
    message, kind = _TYPES.get(code, ("Something else", "other_error"))
    suggestion = {"fallback_suggestion": _SUGGESTIONS[code]} if code in _SUGGESTIONS else {}
    field = {"param": param} if param else {}
    return json_reply(error_fields(code, message, kind, **field, **suggestion), code)


def _page(code: int) -> Reply:
    body = b"<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"
    return Reply(status=code, kind="text/html", framing="length", steps=[body])


def _says(message: str, kind: str = "invalid_request_error") -> Callable[[int], Reply]:
    return lambda code: json_reply(error_fields(code, message, kind), code)


def _is(body: Any) -> Callable[[int], Reply]:
    return lambda code: json_reply(body, code)


def _bomb(code: int) -> Reply:
    body = gzip.compress(b" " * 50_000_000)
    headers = {"Content_Encoding": "gzip"}
    return Reply(
        status=code, kind="application/json", framing="length", headers=headers, steps=[body]
    )


def _unfinished(code: int) -> Reply:
    return Reply(status=code, kind="application/json", steps=[b'{"error":', Act.HANG])


BODIES: dict[str, Callable[[int], Reply]] = {
    "page": _page,
    "too_long": _says("This model's maximum context length is 1048576 tokens."),
    "too_long_code": _is({"error": {"code": "context_length_exceeded", "message": "no"}}),
    "too_many": _says("The input token count (1200000) exceeds the maximum number of tokens."),
    "policy": _says("Your request was rejected by our content policy."),
    "policy_code": _is({"error": {"code": "content_policy_violation", "message": "no"}}),
    "string": _is({"error": "it broke"}),
    "missing": _is({"detail": "it broke"}),
    "null": _is({"error": None}),
    "list": _is([1, 2]),
    "odd": _is({"error": {"code": None, "message": 7, "type": [], "param": {"a": 1}}}),
    "nested": _is({"error": '{"error": {"message": "it broke", "code": "x"}}'}),
    "unknown_param": _is({"error": {"message": "no", "param": "<b>alert</b>"}}),
    "empty": _is(b""),
    "bytes": _is(b"\xff\xfe{\x00"),
    "deep": _is(b'{"error":' + b"[" * 100_000),
    "long": _says("x" * 1_000_000),
    "bomb": _bomb,
    "unfinished": _unfinished,
}

SCRIPTS: dict[str, Callable[..., Reply]] = {
    script.__name__: script for script in (status, moved, echo_key)
}
