"""What concerns a person, over HTTP: find, call, describe."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from chat.api import cursors
from chat.api.conversations import Limit
from chat.api.schemas import Author, Body, Page
from chat.models import Notification
from chat.services import notifications
from chat.shapes import Shape, notification_shape
from webchat.http import SignedInRequest

router = Router(tags=["notifications"])
MOST_IDS = 1000


class NotificationOut(Schema):
    """Without a conversation for who was removed from it; without a message where none is meant."""

    id: UUID
    kind: str
    conversation: UUID | None
    message: UUID | None
    actor: Author | None
    title: str
    created_at: datetime
    read_at: datetime | None


class NotificationsOut(Page[NotificationOut]):
    unread: int


class ReadIn(Body):
    """With both, those of the ids that are of the conversation; with neither, all."""

    ids: Annotated[list[UUID], Field(max_length=MOST_IDS)] | None = None
    conversation: UUID | None = None


class UnreadOut(Schema):
    unread: int


@router.get("/notifications", response=NotificationsOut)
def list_notifications(request: SignedInRequest, before: str = "", limit: Limit = 50) -> Shape:
    """Newest first."""
    place = cursors.moment(before) if before else None
    found = notifications.newest(request.user, before=place, limit=limit + 1)
    unread = notifications.unread_of(request.user.pk)
    return {**_page(found, limit), "unread": unread}


def _page(found: list[Notification], limit: int) -> Shape:
    shown = found[:limit]
    more = len(found) > limit
    following = cursors.written(shown[-1].created_at.isoformat(), shown[-1].pk) if more else None
    return {"items": [notification_shape(each) for each in shown], "next": following}


@router.post("/notifications/read", response=UnreadOut)
def read_notifications(request: SignedInRequest, payload: ReadIn) -> Shape:
    """Mark as read; what is not the caller's is passed over."""
    unread = notifications.mark_read(
        request.user, ids=payload.ids, conversation_id=payload.conversation
    )
    return {"unread": unread}
