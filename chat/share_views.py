"""The pages of share links: /s/{token} and what it asks for. They set no cookie but the pass behind a password, and a
public one looks at no other cookie either."""

from collections.abc import Callable
from functools import wraps

from csp import constants as csp
from csp.decorators import csp as content_security_policy
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import person_of
from accounts.models import User
from chat.errors import ShareNotFound, WrongPassword
from chat.models import ShareLink
from chat.models.share import ShareKind
from chat.services import share_changes, share_copies, share_pages, share_policy, visits
from chat.services.visits import Visitor
from webchat.addresses import address_of
from webchat.errors import TooMany

View = Callable[..., HttpResponse]
PASS = "share"  # noqa: S105  the name of a cookie
GIF = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b"
)
POLICY = {
    "default-src": [csp.NONE],
    "base-uri": [csp.NONE],
    "form-action": [csp.SELF],
    "frame-ancestors": [csp.NONE],
    "script-src": [csp.NONCE, csp.STRICT_DYNAMIC],
    "script-src-attr": [csp.NONE],
    "style-src": [csp.SELF],
    "img-src": [csp.SELF],
    "font-src": [csp.SELF],
    "connect-src": [csp.SELF],
}
MOST_DIGITS = 19  # fits a bigint
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def page_headers(view: View) -> View:
    """Outermost: whatever refuses or redirects before the view says the same about itself."""

    @wraps(view)
    def headed(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    headed_by_policy: View = content_security_policy(POLICY)(headed)
    return headed_by_policy


def shared(view: View) -> View:
    """`view(request, token, link, visitor)` for a link that opens; everything else is answered here, always alike."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        return _answered(view, request, token)

    return guarded


def _answered(view: View, request: HttpRequest, token: str) -> HttpResponse:
    visitor = _visitor(request)
    try:
        return view(request, token, visits.find(token, visitor), visitor)
    except ShareNotFound:
        return render(request, "chat/shared_missing.html", status=404)
    except TooMany as refusal:
        told = {"words": refusal.detail}
        response = render(request, "chat/shared_wait.html", told, status=refusal.status)
        response["Retry-After"] = str(refusal.more["retry_after"])
        return response


def _visitor(request: HttpRequest) -> Visitor:
    def person() -> User | None:
        return request.user if isinstance(request.user, User) else None

    return Visitor(address_of(request), request.headers.get("User-Agent", ""), person)


def without_cookies(view: View) -> View:
    """Nothing that passes on the way back sets or deletes one (webchat/http.py), and no form here needs one."""

    @wraps(view)
    def answered(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        setattr(response, "own_cookies", {PASS})  # noqa: B010  for the outermost middleware
        return response

    exempt: View = csrf_exempt(answered)
    return exempt


@without_cookies
@page_headers
@require_http_methods(["GET", "HEAD", "POST"])
@shared
def page(request: HttpRequest, token: str, link: ShareLink, visitor: Visitor) -> HttpResponse:
    """What was shared; before that its password, where there is one."""
    if request.method == "POST":
        return _unlock(request, token, link, visitor)
    if not visits.is_unlocked(link, _pass(request)):
        return render(request, "chat/shared_locked.html", {"token": token})
    shown = share_pages.page_of(link)
    about = {"token": token, "link": link, "shown": shown, "ends_at": share_policy.ends_at(link)}
    return render(request, "chat/shared.html", about)


def _unlock(request: HttpRequest, token: str, link: ShareLink, visitor: Visitor) -> HttpResponse:
    response: HttpResponse = HttpResponseRedirect(f"/s/{token}")
    if not link.password:
        return response
    try:
        given = visits.unlock(link, request.POST.get("password", ""), visitor)
    except WrongPassword as refusal:
        told = {"token": token, "problem": refusal.detail}
        return render(request, "chat/shared_locked.html", told, status=refusal.status)
    response.set_cookie(
        PASS,
        given,
        max_age=visits.UNLOCKED_FOR,
        path=f"/s/{token}",
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _pass(request: HttpRequest) -> str:
    return request.COOKIES.get(PASS, "")


def unlocked(view: View) -> View:
    """Behind a password that was not given there is nothing, not even to be counted."""

    @wraps(view)
    def checked(
        request: HttpRequest, token: str, link: ShareLink, visitor: Visitor
    ) -> HttpResponse:
        if not visits.is_unlocked(link, _pass(request)):
            raise ShareNotFound
        return view(request, token, link, visitor)

    return checked


@without_cookies
@page_headers
@require_POST
@shared
@unlocked
def seen(request: HttpRequest, token: str, link: ShareLink, visitor: Visitor) -> HttpResponse:
    """The page was really shown: a preview of the link runs no script."""
    visits.count_view(token, link, visitor)
    return HttpResponse(status=204)


@without_cookies
@page_headers
@require_safe
@shared
@unlocked
def seen_image(request: HttpRequest, token: str, link: ShareLink, visitor: Visitor) -> HttpResponse:
    """The same where scripts are off."""
    visits.count_view(token, link, visitor)
    return HttpResponse(GIF, content_type="image/gif")


@without_cookies
@page_headers
@require_safe
@shared
@unlocked
def changes(request: HttpRequest, token: str, link: ShareLink, visitor: Visitor) -> HttpResponse:
    """What a live link shows anew since a version. From the first version that is all of it, so whoever asks has seen
    it, as by the page."""
    since = request.GET.get("since", "")
    version = (
        int(since) if since.isascii() and since.isdecimal() and len(since) < MOST_DIGITS else 0
    )
    visits.count_once(token, link, visitor)
    return JsonResponse(share_changes.changes_since(link, version))


@without_cookies
@page_headers
@shared
def nothing(request: HttpRequest, token: str, link: ShareLink, visitor: Visitor) -> HttpResponse:
    """Any other address below /s/."""
    raise ShareNotFound


@page_headers
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@shared
def copy(request: HttpRequest, token: str, link: ShareLink, visitor: Visitor) -> HttpResponse:
    """Continue the chat as one's own: what will happen, and on a POST the way into it."""
    if not visits.is_unlocked(link, _pass(request)):
        return redirect("shared", token=token)
    if request.method == "POST":
        visits.count_once(token, link, visitor)
        copied = share_copies.copy_share(link, by=person_of(request))
        return redirect("conversation", copied.conversation_id)
    shown = share_pages.page_of(link)
    is_live = link.kind == ShareKind.LIVE
    told = {"token": token, "link": link, "shown": shown, "is_live": is_live}
    response = render(request, "chat/shared_continue.html", told)
    # A form that is sent without a referrer comes from nowhere, and is refused.
    response["Referrer-Policy"] = "same-origin"
    return response
