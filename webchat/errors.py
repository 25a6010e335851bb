"""Errors that people may see: a code, a sentence, a way out.

ChatError
  + InvalidInput   422  what was sent cannot be used
  + Unauthenticated 401
  + PaymentRequired 402  the budget does not allow it
  + NotAllowed     403  it is there, and you may not
  + NotFound       404  it is not there, or not yours: nobody can tell which
  + Conflict       409  it is there already, and different
  + TooLarge       413
  + TooMany        429  `retry_after` in seconds
  + Unavailable    503  later, perhaps
"""

import re
from typing import Any


class ChatError(Exception):
    """Subclass a kind below; the API's `code` is the class name in snake_case, so it cannot drift."""

    status = 500

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.more = more

    @property
    def code(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "detail": self.detail, **self.more}


class InvalidInput(ChatError):
    status = 422


class Unauthenticated(ChatError):
    status = 401


class PaymentRequired(ChatError):
    status = 402


class NotAllowed(ChatError):
    status = 403


class NotFound(ChatError):
    status = 404


class Conflict(ChatError):
    status = 409


class TooLarge(ChatError):
    status = 413


class TooMany(ChatError):
    status = 429


class Unavailable(ChatError):
    status = 503
