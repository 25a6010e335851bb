"""What every HTTP request passes: its id and log line, one error shape, no caching of what is private."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from accounts.models import User
from webchat import metrics

log = structlog.get_logger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SENTENCES = {
    400: ("bad_request", "The request could not be read. Check that the body is valid JSON."),
    401: ("unauthenticated", "Sign in first."),
    403: ("not_allowed", "You may not do that."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "That is too much at once: a request holds at most 1 MB."),
    503: ("unavailable", "The service is away for a moment. Nothing is lost; try again shortly."),
    500: ("internal_error", "Something went wrong on our side. It has been logged; try again."),
}


class SignedInRequest(HttpRequest):
    """A request whose user is known: every route behind authentication gets one."""

    user: User


def problem(status: int) -> JsonResponse:
    """The error shape for what the framework refuses by itself."""
    code, detail = SENTENCES.get(status, SENTENCES[500] if status >= 500 else SENTENCES[400])  # noqa: PLR2004
    return JsonResponse({"code": code, "detail": detail}, status=status)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


class RequestLog:
    """Gives each request an id (also in the answer), refuses bodies over the limit, logs one line without content."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = uuid.uuid4().hex[:16]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        began = time.perf_counter()
        response = problem(413) if _is_too_large(request) else self.get_response(request)
        response["X-Request-ID"] = request_id
        _record(request, response, time.perf_counter() - began)
        return response


def _is_too_large(request: HttpRequest) -> bool:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _record(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    route = request.resolver_match.route if request.resolver_match else "(none)"
    method = request.method if request.method in METHODS else "other"
    metrics.REQUESTS.labels(method, route, response.status_code).observe(seconds)
    log.info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000),
    )


class NeverCache:
    """Everything that is made for a person stays out of every cache, and what the API refuses has one shape."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if is_api(request) and response.status_code >= 400 and not _is_json(response):  # noqa: PLR2004
            response = problem(response.status_code)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        patch_vary_headers(response, ["Cookie"])
        _keep_own_cookies(response)
        return response


def _keep_own_cookies(response: HttpResponseBase) -> None:
    """Where a view names its cookies (`own_cookies`) nobody sets or deletes another one: the session's middleware
    would, for a session that has ended."""
    own = getattr(response, "own_cookies", None)
    if own is not None:
        for name in response.cookies.keys() - own:
            del response.cookies[name]


def _is_json(response: HttpResponseBase) -> bool:
    return str(response.get("Content-Type", "")).startswith("application/json")


def csrf_problem() -> JsonResponse:
    detail = "The page is out of date. Reload it and try again."
    return JsonResponse({"code": "csrf_failed", "detail": detail}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django calls this when a form came without its token: usually a page that was open too long."""
    if is_api(request):
        return csrf_problem()
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
