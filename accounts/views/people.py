"""The staff page People: who is here, and what staff may do about it."""

import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.forms import ResetPasswordForm
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Suspended, TooManyLinks
from accounts.http import person_of, staff_required
from accounts.models import User, UserQuerySet
from accounts.services import invitations, people
from webchat.errors import ChatError

PAGE = 50
Action = Callable[[HttpRequest, User], str]


@require_safe
@staff_required
def listing(request: HttpRequest) -> HttpResponse:
    return _shown(request)


def _shown(request: HttpRequest, **more: object) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "").strip()
    everybody = User.objects.existing()
    found = everybody.found_by(words) if words else everybody
    page, next_page = _page(request, found.with_verified().in_order_of_name())
    about = {"people": page, "next_page": next_page, "words": words, "count": found.count()}
    standing = {"is_later_page": "after" in request.GET, "me": person_of(request)}
    return render(request, "accounts/people.html", {**about, **standing, **_invited(), **more})


def _invited() -> dict[str, object]:
    """The newest that can still be accepted."""
    rows = invitations.open_ones().select_related("invited_by").order_by("-created_at")
    return {"invitations": list(rows[:PAGE])}


def _page(request: HttpRequest, rows: UserQuerySet) -> tuple[list[User], str]:
    """One page, and the query string of the next or ""."""
    found = list(_after(request, rows)[: PAGE + 1])
    page = found[:PAGE]
    if len(found) <= PAGE:
        return page, ""
    end = {"after": f"{page[-1].pk}:{page[-1].sort_name}"}  # type: ignore[attr-defined]  # annotated
    words = request.GET.get("q", "")
    return page, urlencode({"q": words, **end} if words else end)


def _after(request: HttpRequest, rows: UserQuerySet) -> UserQuerySet:
    """Where the page before ended; an end that nobody made is no end."""
    pk, _, name = request.GET.get("after", "").replace("\0", "").partition(":")
    try:
        return rows.after(name, uuid.UUID(pk))
    except ValueError:
        return rows


@require_POST
@staff_required
def invite(request: HttpRequest) -> HttpResponse:
    """A link that no mail carries is shown at once and never kept: nobody can read it later."""
    email = request.POST.get("email", "").replace("\0", "")
    try:
        sent = invitations.invite(email, by=person_of(request))
    except ChatError as refusal:
        return _shown(request, refusal=refusal.detail, email=email)
    if sent.url:
        return _shown(request, sent=sent)
    messages.success(request, f"An invitation is on its way to {sent.invitation.email}.")
    return redirect("people")


@require_POST
@staff_required
def withdraw(request: HttpRequest, invitation_id: uuid.UUID) -> HttpResponse:
    try:
        invitations.withdraw(invitation_id, by=person_of(request))
        messages.success(request, "The invitation is withdrawn; its link works no more.")
    except ChatError as refusal:
        messages.error(request, refusal.detail)
    return redirect("people")


@require_POST
@staff_required
def act(request: HttpRequest, person_id: uuid.UUID, action: str) -> HttpResponse:
    """One of ACTIONS on one person, then back to where the list was."""
    if action not in ACTIONS:
        raise Http404
    person = get_object_or_404(User.objects.existing(), pk=person_id)
    try:
        messages.success(request, ACTIONS[action](request, person))
    except ChatError as refusal:
        messages.error(request, refusal.detail)
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    own = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if own else reverse("people")


def _make_staff(request: HttpRequest, person: User) -> str:
    people.make_staff(person, by=person_of(request))
    return f"{person} is staff now."


def _unmake_staff(request: HttpRequest, person: User) -> str:
    people.unmake_staff(person, by=person_of(request))
    return f"{person} is no longer staff."


def _suspend(request: HttpRequest, person: User) -> str:
    people.suspend(person, by=person_of(request))
    return f"{person} is suspended and signed out everywhere."


def _unsuspend(request: HttpRequest, person: User) -> str:
    people.unsuspend(person, by=person_of(request))
    return f"{person} can sign in again."


def _sign_out(request: HttpRequest, person: User) -> str:
    people.sign_out_everywhere(person, by=person_of(request))
    return f"{person} is signed out everywhere."


def _delete(request: HttpRequest, person: User) -> str:
    name = str(person)
    people.delete(person, by=person_of(request))
    return f"{name} is deleted."


def _send_reset_link(request: HttpRequest, person: User) -> str:
    """The link that "Forgot your password?" sends, under the same limits."""
    if person.is_suspended():
        raise Suspended
    if not ratelimit.consume(request, action="reset_password", key=person.email):
        raise TooManyLinks
    form = ResetPasswordForm({"email": person.email})
    if form.is_valid():
        form.save(request)
    if settings.EMAIL_URL:
        return f"A link to set a new password is on its way to {person.email}."
    return "The link is in the server's log: no mail server is set up (EMAIL_URL)."


ACTIONS: dict[str, Action] = {
    "make-staff": _make_staff,
    "unmake-staff": _unmake_staff,
    "suspend": _suspend,
    "unsuspend": _unsuspend,
    "sign-out": _sign_out,
    "send-reset-link": _send_reset_link,
    "delete": _delete,
}
