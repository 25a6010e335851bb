"""Who is in a conversation, over HTTP: find, call, describe."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field, StringConstraints

from chat.api.schemas import Author, Body
from chat.models import InvitedMember
from chat.services import inviting, members, people_search
from chat.services.inviting import Added
from chat.services.text import storable
from chat.shapes import Shape, member_shape
from webchat.http import SignedInRequest

router = Router(tags=["members"])
Address = Annotated[str, Field(max_length=254)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]


class MemberIn(Body):
    """Either `email` or `user`."""

    email: Address | None = None
    user: UUID | None = None
    role: Literal["writer", "reader"] = "writer"


class MemberChanges(Body):
    """`owner` hands the conversation over."""

    role: Literal["writer", "reader", "owner"] | None = None


class MemberOut(Schema):
    user: Author
    role: str
    joined_at: datetime


class InvitedOut(Schema):
    id: UUID
    email: str
    role: str
    expires_at: datetime


class NewInvitedOut(InvitedOut):
    """`url` only where no mail server is set: then nothing was mailed, and the link is to be handed over."""

    url: str | None


class MembersOut(Schema):
    """`invited` is for the owner."""

    items: list[MemberOut]
    invited: list[InvitedOut]


class AddedOut(Schema):
    """One of the two."""

    member: MemberOut | None
    invitation: NewInvitedOut | None


class PersonFound(Schema):
    id: UUID
    name: str
    hint: str


class PeopleOut(Schema):
    items: list[PersonFound]


@router.get("/conversations/{uuid:conversation_id}/members", response=MembersOut)
def list_members(request: SignedInRequest, conversation_id: UUID) -> Shape:
    """The owner first, then by when they came."""
    conversation, found = members.members_of(request.user, conversation_id)
    is_owner = found[0].user_id == request.user.pk
    waiting = members.waiting_in(conversation) if is_owner else []
    return {
        "items": [member_shape(member) for member in found],
        "invited": [_invited(place) for place in waiting],
    }


def _invited(place: InvitedMember) -> Shape:
    return {
        "id": place.invitation_id,
        "email": place.invitation.email,
        "role": place.role,
        "expires_at": place.invitation.expires_at,
    }


@router.post("/conversations/{uuid:conversation_id}/members", response={201: AddedOut})
def add_member(request: SignedInRequest, conversation_id: UUID, payload: MemberIn) -> Status[Shape]:
    """Who has an account is a member at once; everybody else is invited, and the same address again renews that."""
    added = inviting.add(
        conversation_id,
        by=request.user,
        role=payload.role,
        user_id=payload.user,
        address=payload.email,
    )
    return Status(201, _described(added))


def _described(added: Added) -> Shape:
    place = added.place
    return {
        "member": member_shape(added.member) if added.member else None,
        "invitation": {**_invited(place), "url": added.url} if place else None,
    }


@router.patch("/conversations/{uuid:conversation_id}/members/{uuid:user_id}", response=MemberOut)
def change_member(
    request: SignedInRequest, conversation_id: UUID, user_id: UUID, payload: MemberChanges
) -> Shape:
    by = request.user
    return member_shape(members.change_role(conversation_id, user_id, by=by, role=payload.role))


@router.delete("/conversations/{uuid:conversation_id}/members/{uuid:user_id}", response={204: None})
def remove_member(request: SignedInRequest, conversation_id: UUID, user_id: UUID) -> Status[None]:
    """Oneself: leave."""
    members.remove(conversation_id, user_id, by=request.user)
    return Status(204, None)


@router.get("/people", response=PeopleOut)
def find_people(request: SignedInRequest, q: Words) -> Shape:
    """By a part of the name, or the whole address."""
    found = people_search.found_by(storable(q), by=request.user)
    return {"items": [_person(*person) for person in found]}


def _person(pk: UUID, name: str, email: str) -> Shape:
    return {"id": pk, "name": name, "hint": people_search.hint(email)}
