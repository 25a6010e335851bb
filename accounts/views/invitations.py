"""The page of an invitation's link: who invites, and how to join."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods

from accounts.errors import InvitationGone
from accounts.http import person_of
from accounts.models import Invitation
from accounts.services import invitations


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Opening it accepts nothing: programs that look into mails open links, too."""
    found = invitations.find(token)
    if found is None:
        return _used_by_oneself(request, token) or _gone(request)
    if request.method == "POST":
        return _join(request, found)
    return render(request, "accounts/invitation.html", _about(request, found))


def _about(request: HttpRequest, found: Invitation) -> dict[str, object]:
    """`path` for whom it gives nothing: where they are in already."""
    back = urlencode({"next": request.path})
    return {
        "inviter": found.invited_by,
        "path": _path_of_who_is_in(request, found),
        "can_sign_up": settings.SIGNUP != "closed",
        "sign_up": f"{resolve_url('account_signup')}?{back}",
        "sign_in": f"{resolve_url('account_login')}?{back}",
    }


def _path_of_who_is_in(request: HttpRequest, found: Invitation) -> str | None:
    if not request.user.is_authenticated:
        return None
    person = person_of(request)
    is_in = invitations.gives_nothing_to(found, person)
    return invitations.path_of(found, person) if is_in else None


def _join(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Whom it gives nothing is led on, and it stays open for whom it is meant."""
    if not request.user.is_authenticated:
        return redirect(f"{resolve_url('account_login')}?{urlencode({'next': request.path})}")
    if path := _path_of_who_is_in(request, found):
        return redirect(path)
    person = person_of(request)
    try:
        invitations.claim(found, by=person, how="link")
    except InvitationGone:
        return _gone(request)
    return redirect(invitations.path_of(found, person))


def _used_by_oneself(request: HttpRequest, token: str) -> HttpResponse | None:
    """Who has joined by this link and opens the mail again gets to where it leads."""
    if not request.user.is_authenticated:
        return None
    path = invitations.path_for(token, person_of(request))
    return redirect(path) if path else None


def _gone(request: HttpRequest) -> HttpResponse:
    """The same for what was used, withdrawn, has expired, and never was."""
    return render(request, "accounts/invitation_gone.html", status=404)
