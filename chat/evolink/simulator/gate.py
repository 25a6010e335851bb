"""The strict half of the contract: who may ask, and what may be asked."""

import re

import msgspec

from chat.evolink.simulator.replies import Reply, error_fields, json_reply
from chat.evolink.wire import ChatRequest

MODELS = ("gemini-3.1-pro-preview", "gemini-3.5-flash", "gemini-3.1-flash-lite-preview")
_decode = msgspec.json.Decoder(ChatRequest).decode
_PATH = re.compile(r"`\$\.(\w+)")
_FIELD = re.compile(r"(?:unknown|required) field `(\w+)`")


class Refused(Exception):
    """The request gets this reply instead of an answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def check_key(authorization: str, *, key: str) -> None:
    """Any key will do unless the simulator was given one."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer" or not given or (key and given != key):
        raise _refused(401, "Invalid or expired token", "authentication_error")


def read_request(body: bytes) -> ChatRequest:
    """Check every field, its type and its range."""
    try:
        request = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise _bad_request(str(wrong)) from None
    if request.stream_options and not request.stream:
        raise _refused_field("stream_options", "stream_options needs stream: true")
    if request.model not in MODELS:
        raise _refused_model()
    return request


def not_found() -> Reply:
    return json_reply(error_fields(404, "No such address", "not_found_error"), 404)


def _bad_request(wrong: str) -> Refused:
    found = _PATH.search(wrong) or _FIELD.search(wrong)
    return _refused_field(found.group(1) if found else "", wrong)


def _refused_field(name: str, message: str) -> Refused:
    param = {"param": name} if name else {}
    return _refused(400, message, "invalid_request_error", **param)


def _refused_model() -> Refused:
    return _refused(
        404,
        "Specified model not found",
        "not_found_error",
        param="model",
        fallback_suggestion=MODELS[0],
    )


def _refused(status: int, message: str, kind: str, **more: str) -> Refused:
    return Refused(json_reply(error_fields(status, message, kind, **more), status))


def refused_script(name: str) -> Refused:
    return _refused_field("messages", f"there is no script {name}")
