"""Sessions in PostgreSQL, for keys that can be ours: a cookie may hold anything, even what no database takes."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str) -> bool:
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()  # type: ignore[misc]
