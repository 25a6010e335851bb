"""Who asks: for views behind a sign-in, and by whose invitation."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.models import Invitation, User
from accounts.services import invitations

_INVITATION = re.compile(r"/invitations/([\w-]{1,100})", re.ASCII)
View = Callable[..., HttpResponse]


def person_of(request: HttpRequest) -> User:
    """The person who is signed in; only behind `login_required` or `staff_required`."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def staff_required(view: View) -> View:
    """Strangers are sent to sign in, people who are not staff are refused."""

    @wraps(view)
    def check(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if not person_of(request).is_staff:
            raise PermissionDenied
        return view(request, *args, **options)

    return login_required(check)


def invitation_of(request: HttpRequest | None) -> Invitation | None:
    """The open invitation by whose link somebody came to sign in or up. It travels in `next`."""
    link = _INVITATION.fullmatch(next_of(request)) if request else None
    return invitations.find(link[1]) if link else None


def next_of(request: HttpRequest) -> str:
    """Where somebody wants to get to; anybody's word."""
    return request.POST.get("next") or request.GET.get("next") or ""
