"""The passwords of share links: what looks the same opens the same."""

import unicodedata

from django.contrib.auth.hashers import check_password, make_password

from chat.errors import PasswordTooShort

SHORTEST, LONGEST = 4, 128
_MOST_TYPED = 8 * LONGEST  # one character may come as several that are put together


def hashed(password: str) -> str:
    """For the link's row; empty without a password. It takes a tenth of a second on purpose: call it before any lock is
    held. Raises PasswordTooShort."""
    normal = _normal(password)
    if password and len(normal) < SHORTEST:
        raise PasswordTooShort(SHORTEST)
    return make_password(normal) if normal else ""


def fits(password: str, kept: str) -> bool:
    return check_password(_normal(password[:_MOST_TYPED]), kept)


def _normal(password: str) -> str:
    """Keyboards differ in how they write an accent, and what is pasted brings a space or the end of a line along."""
    return unicodedata.normalize("NFC", password).strip()
