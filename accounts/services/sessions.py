"""Whose session is it: for sockets, which ask at the handshake and again every few seconds."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.http.cookie import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User


def key_in(scope: dict[str, Any]) -> str:
    """The session key in a handshake's cookies, or "". Read like Django does: other programs on the same host set
    cookies too, and some are odd."""
    header = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    key = parse_cookie(header.decode("latin-1")).get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isascii() and key.isalnum() else ""


def user_of(session_key: str) -> User | None:
    """The person behind a session that holds: not ended, not expired, password and epoch unchanged, not suspended."""
    return holders([session_key]).get(session_key)


def holders(session_keys: Collection[str]) -> dict[str, User]:
    """The people behind those of the sessions that hold, in two queries for all."""
    rows = Session.objects.filter(pk__in=session_keys, expire_date__gt=timezone.now())
    sessions = {row.session_key: row.get_decoded() for row in rows}
    wanted = {data[SESSION_KEY] for data in sessions.values() if SESSION_KEY in data}
    people = User.objects.filter(is_active=True).in_bulk([UUID(pk) for pk in wanted])
    found = {
        key: people.get(UUID(data.get(SESSION_KEY) or UUID(int=0).hex))
        for key, data in sessions.items()
    }
    return {
        key: user for key, user in found.items() if user and _is_signed_for(sessions[key], user)
    }


def _is_signed_for(session: dict[str, Any], user: User) -> bool:
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
