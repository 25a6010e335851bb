"""Who takes part in a conversation: let in, given another role, handed the conversation, removed, gone."""

from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Invitation, User
from accounts.services import invitations, people, trail
from chat import events
from chat.errors import (
    AlreadyMember,
    ConversationFull,
    ConversationNotFound,
    MemberNotFound,
    OwnerOnly,
    OwnerStays,
    UnknownPerson,
)
from chat.models import Conversation, InvitedMember, Member
from chat.models.member import Role
from chat.models.notification import Kind
from chat.services import answers, conversations, notifications, presence
from chat.services.access import conversation_for, locked_conversation
from chat.shapes import conversation_shapes, member_shape
from webchat.commits import after_commit

MOST = 100


def members_of(user: User, conversation_id: UUID) -> tuple[Conversation, list[Member]]:
    """For whoever is in it: the owner first, then by when they came."""
    conversation = conversation_for(user, conversation_id)
    found = conversation.members.select_related("user").order_by("joined_at", "pk")
    return conversation, sorted(found, key=lambda member: not member.is_owner())


def owned_conversation(user: User, conversation_id: UUID) -> Conversation:
    """Under its lock. Raises OwnerOnly for the other members."""
    conversation, member = locked_conversation(user, conversation_id)
    if not member.is_owner():
        raise OwnerOnly
    return conversation


# Coming ----------------------------------------------------------------------------------------------


def account(user_id: UUID) -> User:
    """Whom somebody has chosen. Raises UnknownPerson, CannotBeInvited."""
    person: User | None = User.objects.filter(pk=user_id).first()
    if person is None:
        raise UnknownPerson
    invitations.refuse_inactive(person)
    return person


def let_in(conversation: Conversation, person: User, *, role: str, by: User) -> Member:
    """Under the conversation's lock: a member at once, who is told. Again with the same role changes nothing.
    Raises AlreadyMember, ConversationFull, CannotBeInvited."""
    if known := conversation.members.filter(user=person).first():
        if known.role != role:
            raise AlreadyMember
        return known
    refuse_full(conversation)
    invitations.refuse_inactive(people.held(person))
    member = insert(conversation, person, role=role, by=by)
    notifications.notify(Kind.INVITED, user_id=person.pk, conversation=conversation, actor=by)
    trail.note("member.added", by=by, conversation=conversation.pk, person=person.pk, role=role)
    return member


def refuse_full(conversation: Conversation) -> None:
    """Who is invited has a place already, so that accepting never fails."""
    if conversation.members.count() + waiting_in(conversation).count() >= MOST:
        raise ConversationFull(MOST)


def waiting_in(conversation: Conversation) -> QuerySet[InvitedMember]:
    """The places for whom an invitation is open, the oldest first."""
    places = InvitedMember.objects.filter(
        conversation=conversation, invitation__in=invitations.open_ones()
    )
    return places.select_related("invitation").order_by("invitation__created_at", "pk")


def end_invitations(conversation: Conversation, whose: Q, *, by: User) -> None:
    """Those that lead here and that nobody has accepted yet, also of who is suspended and may come back."""
    invitations.end(Invitation.objects.filter(whose, places__conversation=conversation), by=by)


def insert(conversation: Conversation, person: User, *, role: str, by: User) -> Member:
    """Under the lock, the person `held`: nothing that was said before counts as unread. They get the conversation, the
    others hear it."""
    conversation.next_version()
    conversation.save(update_fields=["version"])
    member = conversation.members.create(
        user=person, role=role, invited_by=by, read_position=conversation.version
    )
    for user_id, shape in conversation_shapes(conversation).items():
        is_new = user_id == person.pk
        event = events.conversation_created(shape) if is_new else events.conversation_updated(shape)
        events.publish(event, to=[user_id])
    joined = events.member_joined(conversation, member_shape(member))
    events.publish(joined, to=conversation.member_ids())
    return member


# Another role ----------------------------------------------------------------------------------------


@transaction.atomic
def change_role(conversation_id: UUID, user_id: UUID, *, by: User, role: str | None) -> Member:
    """By the owner; `role` owner hands the conversation over. Raises MemberNotFound, OwnerOnly, OwnerStays."""
    conversation = owned_conversation(by, conversation_id)
    member = _member(conversation, user_id)
    if role in (None, member.role):
        return member
    if member.is_owner():
        raise OwnerStays
    if role == Role.OWNER:
        return _hand_over(conversation, member, by=by)
    _set_role(conversation, member, str(role))
    notifications.notify(Kind.ROLE, user_id=user_id, conversation=conversation, actor=by)
    trail.note("member.changed", by=by, conversation=conversation.pk, person=user_id, role=role)
    return member


def _hand_over(conversation: Conversation, heir: Member, *, by: User) -> Member:
    """Who owned it may still write."""
    invitations.refuse_inactive(heir.user)
    _set_role(conversation, _member(conversation, by.pk), Role.WRITER)
    _make_owner(conversation, heir, by=by)
    return heir


def _make_owner(conversation: Conversation, heir: Member, *, by: User) -> None:
    _set_role(conversation, heir, Role.OWNER)
    notifications.notify(Kind.OWNER, user_id=heir.user_id, conversation=conversation, actor=by)
    trail.note("conversation.handed_over", by=by, conversation=conversation.pk, person=heir.user_id)


def _set_role(conversation: Conversation, member: Member, role: str) -> None:
    """Each change has a version of its own: a page that lacks one asks."""
    member.role = role
    member.save(update_fields=["role"])
    conversations.save_and_tell(conversation)
    changed = events.member_changed(conversation, member_shape(member))
    events.publish(changed, to=conversation.member_ids())


# Going -----------------------------------------------------------------------------------------------


@transaction.atomic
def remove(conversation_id: UUID, user_id: UUID, *, by: User) -> None:
    """Oneself, which is leaving, or anybody by the owner. Whom it concerns sees nothing more of the conversation from
    the commit on. An owner who is alone takes it along. Raises MemberNotFound, OwnerOnly, OwnerStays."""
    conversation, own = locked_conversation(by, conversation_id)
    if user_id != by.pk and not own.is_owner():
        raise OwnerOnly
    member = _member(conversation, user_id)
    if not member.is_owner():
        _take_out(conversation, member, by=by)
    elif conversation.members.count() == 1:
        conversations.delete_conversation(conversation_id, by=by)
    else:
        raise OwnerStays


def _take_out(conversation: Conversation, member: Member, *, by: User) -> None:
    """What they asked for and has not begun is taken back; what is being written for them is written to its end."""
    answers.take_back_all(conversation, member.user)
    gone, reason = member.user_id, "left" if by.pk == member.user_id else "removed"
    if reason == "removed":  # no way back in but through the owner
        end_invitations(conversation, Q(invited_by=gone) | Q(email=member.user.email), by=by)
    _drop(conversation, member, reason)
    trail.note(f"member.{reason}", by=by, conversation=conversation.pk, person=gone)
    notifications.notify(Kind.REMOVED, user_id=gone, conversation=conversation, actor=by)


def _drop(conversation: Conversation, member: Member, reason: str) -> None:
    shape, gone = member_shape(member), member.user_id
    member.delete()
    conversation.refresh_from_db(fields=["members"])  # those that were read with it
    conversations.save_and_tell(conversation)
    events.publish(events.member_left(conversation, shape), to=conversation.member_ids())
    events.publish(events.conversation_removed(conversation.pk, reason), to=[gone])
    after_commit(presence.dismiss, gone, conversation.pk)


def let_go_of(user: User) -> None:
    """A person is deleted: what they owned alone goes, the rest is handed to the member of longest standing, to one who
    can sign in if there is one. Then once more, for who has let them in while this waited for locks: nobody does while
    they are held."""
    _leave_all(user)
    people.held(user)
    _leave_all(user)


def _leave_all(user: User) -> None:
    theirs = Conversation.objects.filter(members__user=user).order_by("pk")
    for conversation_id in theirs.values_list("pk", flat=True):
        with suppress(ConversationNotFound):  # an owner has removed them meanwhile
            _bequeath(*locked_conversation(user, conversation_id), by=user)


def _bequeath(conversation: Conversation, own: Member, *, by: User) -> None:
    others = conversation.members.exclude(pk=own.pk).select_related("user")
    heir = others.order_by("-user__is_active", "joined_at", "pk").first()
    if own.is_owner() and heir is None:
        conversations.delete_conversation(conversation.pk, by=by)
        return
    _take_out(conversation, own, by=by)
    if own.is_owner() and heir is not None:
        _make_owner(conversation, heir, by=by)


def _member(conversation: Conversation, user_id: UUID) -> Member:
    found = conversation.members.select_related("user").filter(user=user_id).first()
    if found is None:
        raise MemberNotFound
    return found
