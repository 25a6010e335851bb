"""Invitations into conversations: for people without an account a place waits until they come."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.errors import InvitationGone
from accounts.models import AuditEntry, Invitation, User, normalise_email
from accounts.services import invitations, people, trail
from chat.errors import WhoIsMissing
from chat.models import Conversation, InvitedMember, Member
from chat.models.member import Role
from chat.services import members


@dataclass(frozen=True)
class Added:
    """Either the member, or the place that waits and the link's address where nothing was mailed."""

    member: Member | None = None
    place: InvitedMember | None = None
    url: str | None = None


@transaction.atomic
def add(
    conversation_id: UUID, *, by: User, role: str, user_id: UUID | None, address: str | None
) -> Added:
    """By the owner: who has an account is a member at once, everybody else gets a link. The same address again renews
    the link and the role. Raises OwnerOnly, WhoIsMissing, UnknownPerson, BadAddress, CannotBeInvited, AlreadyMember,
    ConversationFull, TooManyInvitations."""
    conversation = members.owned_conversation(by, conversation_id)
    if (person := _person(user_id, address)) is None:
        return _keep_place(conversation, address or "", role, by)
    members.end_invitations(conversation, Q(email=person.email), by=by)  # they need none any more
    return Added(member=members.let_in(conversation, person, role=role, by=by))


def _person(user_id: UUID | None, address: str | None) -> User | None:
    if user_id and not address:
        return members.account(user_id)
    if user_id or not address:
        raise WhoIsMissing
    return invitations.account_of(address)


def _keep_place(conversation: Conversation, address: str, role: str, by: User) -> Added:
    email = normalise_email(address)
    known = members.waiting_in(conversation).filter(invitation__email=email).first()
    if known is None:
        members.refuse_full(conversation)
    renewed = known.invitation if known else None
    sent = invitations.send(address, by=by, renewed=renewed, conversation=conversation.pk)
    place, _ = InvitedMember.objects.update_or_create(
        invitation=sent.invitation, conversation=conversation, defaults={"role": role}
    )
    return Added(place=place, url=sent.url)


def listing(user: User, limit: int) -> list[tuple[Invitation, list[InvitedMember]]]:
    """One's own (staff: all), the newest first, with those of their places whose conversations one sees."""
    rows = invitations.visible_to(user).select_related("invited_by").order_by("-created_at", "-pk")
    found = list(rows[:limit])
    seen = InvitedMember.objects.filter(
        invitation__in=found, conversation__in=Conversation.objects.visible_to(user)
    )
    places: dict[UUID, list[InvitedMember]] = {row.pk: [] for row in found}
    for place in seen.select_related("conversation").order_by("pk"):
        places[place.invitation_id].append(place)
    return [(row, places[row.pk]) for row in found]


# Where invitations lead (accounts.services.invitations.Guide) -------------------------------------------


def welcome(invitation: Invitation, user: User) -> None:
    """Makes the memberships that wait, in the transaction that accepts the invitation. Who was removed after it was
    sent is not let in by it. Raises InvitationGone for whose account is gone by now."""
    places = {
        place.conversation_id: place
        for place in InvitedMember.objects.filter(invitation=invitation)
    }
    rows = Conversation.objects.select_for_update().filter(pk__in=places).order_by("pk")
    conversations = list(rows)
    if conversations and not people.held(user).is_active:
        raise InvitationGone
    for conversation in conversations:
        place = places[conversation.pk]
        if not (_is_member(conversation, user) or _was_removed_since(place, user)):
            _seat(conversation, place, user)


def _is_member(conversation: Conversation, user: User) -> bool:
    return conversation.members.filter(user=user).exists()


def _was_removed_since(place: InvitedMember, user: User) -> bool:
    """By the trail, whose rows are in the order of the conversation's lock."""
    sent = Q(action="invitation.sent", subject=place.invitation_id)
    removed = Q(action="member.removed", person=user.pk)
    here = AuditEntry.objects.filter(sent | removed, conversation=place.conversation_id)
    newest = here.order_by("-pk").first()
    return newest is not None and newest.action == "member.removed"


def _seat(conversation: Conversation, place: InvitedMember, user: User) -> None:
    members.insert(conversation, user, role=place.role, by=place.invitation.invited_by)
    trail.note(
        "member.joined",
        by=user,
        person=user.pk,
        conversation=conversation.pk,
        subject=place.invitation_id,
        role=place.role,
    )


def is_in(invitation: Invitation, user: User) -> bool:
    """In every conversation that it leads to; in the workspace is everybody who has an account."""
    visible = Conversation.objects.visible_to(user)
    elsewhere = InvitedMember.objects.filter(invitation=invitation).exclude(
        conversation__in=visible
    )
    return not elsewhere.exists()


def path_of(invitation: Invitation, user: User) -> str | None:
    """The conversation that somebody came into, if they are still in it."""
    visible = Conversation.objects.visible_to(user)
    places = InvitedMember.objects.filter(invitation=invitation, conversation__in=visible)
    place = places.order_by("pk").first()
    return reverse("conversation", args=[place.conversation_id]) if place else None


def conversations_of(invitation: Invitation) -> list[UUID]:
    return [place.conversation_id for place in InvitedMember.objects.filter(invitation=invitation)]


def owned_by(user: User) -> QuerySet[Invitation]:
    """Those that lead to a conversation which they own now, whoever made them."""
    owned = InvitedMember.objects.filter(
        conversation__members__user=user, conversation__members__role=Role.OWNER
    )
    return Invitation.objects.filter(pk__in=owned.values("invitation"))
