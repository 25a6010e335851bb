"""Opaque cursors for pages by keyset: the place after which the next page begins."""

import base64
import binascii
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from webchat.errors import InvalidInput


class InvalidCursor(InvalidInput):
    def __init__(self) -> None:
        super().__init__("This page marker is not one of ours. Begin again from the first page.")


def written(*place: Any) -> str:
    return (
        base64.urlsafe_b64encode(json.dumps([str(part) for part in place]).encode())
        .decode()
        .rstrip("=")
    )


def read(cursor: str, length: int) -> list[str]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise InvalidCursor from None
    if not (
        isinstance(place, list)
        and len(place) == length
        and all(isinstance(part, str) for part in place)
    ):
        raise InvalidCursor
    return place


def moment(cursor: str) -> tuple[datetime, UUID]:
    """The place of a row among others in order of time."""
    at, pk = read(cursor, 2)
    try:
        when, key = datetime.fromisoformat(at), UUID(pk)
    except ValueError:
        raise InvalidCursor from None
    if when.utcoffset() != timedelta(
        0
    ):  # ours are in UTC; another zone may not fit a date at the edge of time
        raise InvalidCursor
    return when, key
