"""Who is let through to the HTTP interface: its routers, and single routes that are not for everybody."""

from django.http import Http404, HttpRequest
from ninja.security import SessionAuth

from accounts.models import User
from webchat import throttle

READS = {"GET", "HEAD", "OPTIONS"}


class SignedIn(SessionAuth):
    """Cookie routes are exempt from Django's CSRF check in ninja: this brings it back, before a write is counted."""

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        user: User | None = super().authenticate(request, key)
        if user is not None and request.method not in READS:
            throttle.count_write(user.pk)
        return user


class Staff(SignedIn):
    """For everybody else there is nothing, whatever they send: this comes before the body is looked at."""

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        user = super().authenticate(request, key)
        if user is not None and not user.is_staff:
            raise Http404
        return user
