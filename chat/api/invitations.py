"""Invitations over HTTP. They are made for a conversation (members.py), or by staff for the workspace."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status

from accounts.models import Invitation
from accounts.services import invitations
from chat.api.members import Address
from chat.api.schemas import Author, Body
from chat.models import InvitedMember
from chat.services import inviting
from chat.shapes import Shape, author_shape
from webchat.doors import Staff
from webchat.http import SignedInRequest

router = Router(tags=["invitations"])
MOST = 200


class InvitationIn(Body):
    email: Address


class PlaceOut(Schema):
    id: UUID
    title: str
    role: str


class InvitationOut(Schema):
    """`state`: open, accepted, withdrawn or expired. `conversations`: those that the caller is in."""

    id: UUID
    email: str
    created_at: datetime
    expires_at: datetime
    state: str
    invited_by: Author
    conversations: list[PlaceOut]


class InvitationsOut(Schema):
    items: list[InvitationOut]


class InvitationMade(Schema):
    """`url` only where no mail server is set."""

    id: UUID
    email: str
    expires_at: datetime
    url: str | None


@router.get("/invitations", response=InvitationsOut)
def list_invitations(request: SignedInRequest) -> Shape:
    """One's own, for staff all; the newest 200."""
    return {"items": [_shape(*found) for found in inviting.listing(request.user, MOST)]}


def _shape(invitation: Invitation, places: list[InvitedMember]) -> Shape:
    return {
        "id": invitation.pk,
        "email": invitation.email,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "state": invitations.state_of(invitation),
        "invited_by": author_shape(invitation.invited_by),
        "conversations": [_place(place) for place in places],
    }


def _place(place: InvitedMember) -> dict[str, Any]:
    return {"id": place.conversation_id, "title": place.conversation.title, "role": place.role}


@router.post("/invitations", response={201: InvitationMade}, auth=Staff())
def invite(request: SignedInRequest, payload: InvitationIn) -> Status[Shape]:
    """To the workspace, by staff. The same address again renews the link."""
    sent = invitations.invite(payload.email, by=request.user)
    made = sent.invitation
    shape = {"id": made.pk, "email": made.email, "expires_at": made.expires_at, "url": sent.url}
    return Status(201, shape)


@router.delete("/invitations/{uuid:invitation_id}", response={204: None})
def withdraw(request: SignedInRequest, invitation_id: UUID) -> Status[None]:
    """By who made it, staff, and the owner of the conversation that it leads to."""
    invitations.withdraw(invitation_id, by=request.user)
    return Status(204, None)
