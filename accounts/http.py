"""Who asks: for views behind a sign-in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.models import User

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
