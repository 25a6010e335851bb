"""Places that wait for people without an account."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.errors import InvitationGone, InvitationNotFound
from accounts.models import AuditEntry, Invitation
from accounts.services import invitations, people
from chat.models import Conversation, InvitedMember, Member
from chat.services import conversations, inviting, members
from tests.chat.services.membership import add, change, heard, roles
from tests.factories import make_conversation, make_user

NEW = "new@example.org"


def invite(conversation, *, by, address=NEW, role="writer"):
    return inviting.add(conversation.pk, by=by, role=role, user_id=None, address=address)


def accept(added, user):
    invitation = Invitation.objects.get(pk=added.place.invitation_id)
    invitations.claim(invitation, by=user, how="link")
    return invitation


def test_who_has_an_account_is_a_member_at_once(ada, ben, conversation):
    added = invite(conversation, by=ada, address=" BEN@example.org ")
    assert (added.member.user, added.place, added.url) == (ben, None, None)
    assert not Invitation.objects.exists()


def test_for_a_stranger_a_place_waits(ada, conversation):
    added = invite(conversation, by=ada, role="reader")
    assert (added.member, added.place.role) == (None, "reader")
    assert added.place.invitation.email == NEW
    assert "/invitations/" in added.url
    assert roles(conversation) == {"Ada": "owner"}
    row = AuditEntry.objects.get()
    assert (row.action, row.conversation, row.subject) == (
        "invitation.sent",
        conversation.pk,
        added.place.invitation_id,
    )


def test_inviting_again_renews_the_link_and_the_role(ada, conversation):
    first = invite(conversation, by=ada, role="reader")
    again = invite(conversation, by=ada, address="NEW@example.org")
    assert (Invitation.objects.count(), InvitedMember.objects.count()) == (1, 1)
    assert again.place.role == "writer"
    assert first.url != again.url
    assert invitations.find(first.url.rpartition("/")[2]) is None
    assert invitations.find(again.url.rpartition("/")[2]) == again.place.invitation


def test_two_conversations_have_a_link_each(ada, conversation):
    other = make_conversation(ada)
    first, second = invite(conversation, by=ada), invite(other, by=ada)
    joined = make_user("New")
    accept(first, joined)
    assert set(joined.memberships.values_list("conversation", flat=True)) == {conversation.pk}
    accept(second, joined)
    assert joined.memberships.count() == 2


def test_accepting_makes_the_membership_and_tells_all(ada, cyd, conversation, published):
    added = invite(conversation, by=ada, role="reader")
    count = len(published)
    invitation = accept(added, cyd)
    member = Member.objects.get(user=cyd)
    conversation.refresh_from_db()
    assert (member.role, member.invited_by, member.read_position) == (
        "reader",
        ada,
        conversation.version,
    )
    assert heard(published, cyd, since=count) == ["conversation.created", "member.joined"]
    assert heard(published, ada, since=count) == ["conversation.updated", "member.joined"]
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "invitation.sent",
        "member.joined",
        "invitation.accepted",
    ]
    assert inviting.path_of(invitation, cyd) == f"/c/{conversation.pk}"
    assert list(members.waiting_in(conversation)) == []


def test_who_is_in_already_keeps_their_role(ada, ben, conversation):
    added = invite(conversation, by=ada, role="reader")
    add(conversation, ben, by=ada, role="writer")
    accept(added, ben)
    assert roles(conversation)["Ben"] == "writer"


def test_a_link_makes_one_member(ada, ben, cyd, conversation):
    added = invite(conversation, by=ada)
    accept(added, ben)
    with pytest.raises(InvitationGone):
        accept(added, cyd)
    assert set(roles(conversation)) == {"Ada", "Ben"}


def test_the_conversation_may_be_gone(ada, cyd, conversation):
    added = invite(conversation, by=ada)
    conversations.delete_conversation(conversation.pk, by=ada)
    invitation = accept(added, cyd)
    assert cyd.memberships.count() == 0
    assert invitations.path_of(invitation, cyd) == "/"


def test_who_left_again_is_not_led_back(ada, cyd, conversation):
    invitation = accept(invite(conversation, by=ada), cyd)
    members.remove(conversation.pk, cyd.pk, by=cyd)
    assert invitations.path_of(invitation, cyd) == "/"


def test_who_is_added_directly_needs_no_link_any_more(ada, conversation):
    added = invite(conversation, by=ada)
    joined = make_user("New", email=NEW)
    add(conversation, joined, by=ada)
    assert list(members.waiting_in(conversation)) == []
    with pytest.raises(InvitationGone):
        accept(added, make_user())


def test_the_new_owner_may_withdraw_what_the_old_one_sent(ada, ben, cyd, conversation):
    add(conversation, ben, by=ada)
    add(conversation, cyd, by=ada)
    added = invite(conversation, by=ada)
    change(conversation, ben, "owner", by=ada)
    with pytest.raises(InvitationNotFound):
        invitations.withdraw(added.place.invitation_id, by=cyd)
    invitations.withdraw(added.place.invitation_id, by=ben)
    assert list(members.waiting_in(conversation)) == []
    row = AuditEntry.objects.order_by("pk").last()
    assert (row.action, row.actor, row.conversation) == (
        "invitation.withdrawn",
        ben.pk,
        conversation.pk,
    )


def test_staff_withdraw_and_the_trail_names_the_conversation(ada, conversation):
    staff = make_user("Staff", is_staff=True)
    added = invite(conversation, by=ada)
    invitations.withdraw(added.place.invitation_id, by=staff)
    row = AuditEntry.objects.order_by("pk").last()
    assert (row.action, row.actor, row.conversation) == (
        "invitation.withdrawn",
        staff.pk,
        conversation.pk,
    )


def test_a_list_shows_only_the_conversations_that_one_sees(ada, conversation):
    staff = make_user("Staff", is_staff=True)
    invite(conversation, by=ada)
    [(invitation, places)] = inviting.listing(ada, 10)
    assert (invitation.email, [place.conversation for place in places]) == (NEW, [conversation])
    assert inviting.listing(staff, 10) == [(invitation, [])]
    assert inviting.listing(make_user(), 10) == []


def test_whose_inviter_is_deleted_cannot_come(ada, cyd, conversation):
    added = invite(conversation, by=ada)
    people.delete(ada, by=ada)
    assert not Invitation.objects.filter(pk=added.place.invitation_id).exists()
    assert not Conversation.objects.exists()


# Who was removed -------------------------------------------------------------------------------------


def test_whoever_is_removed_does_not_come_back_by_a_link_they_made(ada, ben, cyd, conversation):
    added = invite(conversation, by=ada, address="x@example.org")
    add(conversation, ben, by=ada)
    change(conversation, ben, "owner", by=ada)
    kept = invite(conversation, by=ben)
    members.remove(conversation.pk, ada.pk, by=ben)
    assert invitations.find(added.url.rpartition("/")[2]) is None
    with pytest.raises(InvitationGone):
        accept(added, ada)
    with pytest.raises(InvitationGone):
        accept(added, cyd)
    assert [place.invitation for place in members.waiting_in(conversation)] == [
        kept.place.invitation
    ]
    ended = AuditEntry.objects.get(action="invitation.withdrawn")
    assert (ended.actor, ended.subject, ended.conversation) == (
        ben.pk,
        added.place.invitation_id,
        conversation.pk,
    )


def test_a_link_that_carries_their_address_ends_with_them(
    ada, ben, conversation, django_user_model
):
    add(conversation, ben, by=ada)
    added = invite(conversation, by=ada)
    django_user_model.objects.filter(pk=ben.pk).update(email=NEW)
    members.remove(conversation.pk, ben.pk, by=ada)
    assert list(members.waiting_in(conversation)) == []
    with pytest.raises(InvitationGone):
        accept(added, ben)


def test_what_a_suspended_inviter_sent_ends_too(ada, ben, cyd, conversation):
    """Nothing of theirs is open while they are suspended, and it must not be afterwards."""
    staff = make_user("Staff", is_staff=True)
    added = invite(conversation, by=ada)
    add(conversation, ben, by=ada)
    change(conversation, ben, "owner", by=ada)
    people.suspend(ada, by=staff)
    members.remove(conversation.pk, ada.pk, by=ben)
    people.unsuspend(ada, by=staff)
    with pytest.raises(InvitationGone):
        accept(added, cyd)


def test_whoever_is_removed_does_not_come_back_by_a_link_to_another_address(ada, ben, conversation):
    added = invite(conversation, by=ada, address="ben@work.example")
    add(conversation, ben, by=ada)
    members.remove(conversation.pk, ben.pk, by=ada)
    invitation = accept(added, ben)
    assert roles(conversation) == {"Ada": "owner"}
    assert invitations.path_of(invitation, ben) == "/"


def test_whoever_is_removed_is_let_in_by_a_newer_link(ada, ben, conversation):
    invite(conversation, by=ada, address="ben@work.example")
    add(conversation, ben, by=ada)
    members.remove(conversation.pk, ben.pk, by=ada)
    renewed = invite(conversation, by=ada, address="ben@work.example", role="reader")
    accept(renewed, ben)
    assert roles(conversation) == {"Ada": "owner", "Ben": "reader"}


def test_being_removed_elsewhere_keeps_nobody_out(ada, ben, conversation):
    added, elsewhere = invite(conversation, by=ada), make_conversation(ada)
    add(elsewhere, ben, by=ada)
    members.remove(elsewhere.pk, ben.pk, by=ada)
    accept(added, ben)
    assert roles(conversation)["Ben"] == "writer"


def test_who_leaves_keeps_the_links_that_they_made_and_may_come_back(ada, ben, cyd, conversation):
    to_ben = invite(conversation, by=ada, address="ben@work.example")
    to_cyd = invite(conversation, by=ada, address="cyd@work.example")
    add(conversation, ben, by=ada)
    change(conversation, ben, "owner", by=ada)
    members.remove(conversation.pk, ada.pk, by=ada)
    accept(to_cyd, cyd)
    accept(to_ben, ada)
    assert roles(conversation) == {"Ada": "writer", "Ben": "owner", "Cyd": "writer"}


@pytest.mark.django_db(transaction=True)
def test_inviting_anew_and_accepting_at_once_never_lock_each_other(ada, conversation):
    """Both take the conversation first and the invitation after it."""
    crowd = [make_user() for _ in range(10)]
    added = invite(conversation, by=ada)

    def renew(_):
        try:
            invite(conversation, by=ada)
        finally:
            connection.close()

    def join(person):
        try:
            accept(added, person)
        except InvitationGone:
            return
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        renewals, joins = pool.map(renew, range(10)), pool.map(join, crowd)
        assert list(renewals) == [None] * 10
        assert list(joins) == [None] * 10
    assert conversation.members.count() <= 11
    assert members.waiting_in(conversation).count() <= 1
