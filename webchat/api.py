"""The HTTP interface `/api/v1/`: one NinjaAPI, its routers, and the handlers that give errors their one shape."""

from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import BaseRenderer

from accounts.api import admin, me
from chat.api import conversations, invitations, members, messages, notifications, people, shares
from webchat.doors import SignedIn, Staff
from webchat.errors import ChatError
from webchat.http import csrf_problem, problem

log = structlog.get_logger(__name__)


class MsgspecRenderer(BaseRenderer):
    """The same encoder as the socket's, so that a fact has one spelling; several times quicker than the default."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


api = NinjaAPI(
    title="Webchat",
    version="1",
    auth=SignedIn(),
    renderer=MsgspecRenderer(),
    docs_url="/docs",
    urls_namespace="api",
)
api.add_router("", conversations.router)
api.add_router("", messages.router)
api.add_router("", people.router)
api.add_router("", members.router)
api.add_router("", invitations.router)
api.add_router("", notifications.router)
api.add_router("", shares.router)
api.add_router("/admin", shares.staff_router, auth=Staff())
api.add_router("/admin", admin.router, auth=Staff())
api.add_router("", me.router)


@api.exception_handler(ChatError)
def _chat_error(request: HttpRequest, error: ChatError) -> HttpResponse:
    response = api.create_response(request, error.as_dict(), status=error.status)
    if "retry_after" in error.more:
        response["Retry-After"] = str(error.more["retry_after"])
    return response


@api.exception_handler(OperationalError)
@api.exception_handler(InternalError)
@api.exception_handler(InterfaceError)
def _database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    """No connection, or a lock that did not come: nothing is stored, and the page keeps what was typed."""
    log.warning("database.away", problem=type(error).__name__)
    response = problem(503)
    response["Retry-After"] = "2"
    return response


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(401)


@api.exception_handler(Http404)
def _nothing_there(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404)


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413)


@api.exception_handler(HttpError)
def _framework_refusal(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == HTTPStatus.FORBIDDEN:
        return csrf_problem()  # ninja's own check says it in other words
    return problem(error.status_code)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = {_field(item["loc"]): _sentence(item) for item in error.errors}
    detail = "Some of what was sent cannot be used: " + ", ".join(fields) + "."
    return api.create_response(
        request, {"code": "invalid_input", "detail": detail, "fields": fields}, status=422
    )


def _field(location: tuple[Any, ...]) -> str:
    """("body", "payload", "parameters", "top_p") is `parameters.top_p` to the person who sent it."""
    inner = [str(part) for part in location if part not in ("body", "query", "path", "payload")]
    return ".".join(inner)[:100].encode("utf-8", "replace").decode() or "body"


def _sentence(item: dict[str, Any]) -> str:
    if item["type"] == "extra_forbidden":
        return "This field is not known here."
    return str(item["msg"]).encode("utf-8", "replace").decode()[:200]
