"""Settings > Profile: one's own name, address, password, sessions and the way out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import LastStaff
from accounts.forms import DeleteAccountForm, ProfileForm
from accounts.http import person_of
from accounts.models import User
from accounts.services import people

require_page = require_http_methods(["GET", "HEAD", "POST"])


@require_page
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = ProfileForm(request.POST or None, initial={"name": person.name, "digest": person.digest})
    if request.method == "POST" and form.is_valid():
        _save(person, form)
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    return render(request, "accounts/profile.html", _about(request, form))


def _save(person: User, form: ProfileForm) -> None:
    people.rename(person, name=form.cleaned_data["name"])
    if digest := form.cleaned_data["digest"]:
        people.choose_digest(person, digest=digest)


def _about(request: HttpRequest, form: ProfileForm) -> dict[str, object]:
    verified = person_of(request).has_verified_email()
    words = {"form": form, "verified": verified, "mail_is_set_up": bool(settings.EMAIL_URL)}
    return words | {"digest_help": _digest_help(verified)}


def _digest_help(verified: bool) -> str:
    if not settings.EMAIL_URL:
        return "This server sends no mail, so that none will come."
    if not verified:
        return "None will come as long as your address is not verified."
    return "Who named or invited you, and where; nothing of what was written."


@require_POST
@login_required
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    people.sign_out_everywhere(person, by=person)
    logout(request)
    messages.success(request, "You are signed out on all devices.")
    return redirect(settings.LOGIN_URL)


@sensitive_post_parameters("password")
@require_page
@login_required
def delete_account(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = DeleteAccountForm(request.POST or None, user=person)
    if request.method == "POST" and form.is_valid():
        try:
            return _delete(request)
        except LastStaff as refusal:
            form.add_error(None, refusal.detail)
    return render(request, "accounts/delete_account.html", {"form": form})


def _delete(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    people.delete(person, by=person)
    logout(request)
    messages.success(request, "Your account is deleted.")
    return redirect(settings.LOGIN_URL)
