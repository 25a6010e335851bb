"""Who takes part in a conversation, and what they are told of it."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from accounts.errors import CannotBeInvited
from accounts.services import people
from chat.errors import (
    AlreadyMember,
    ConversationFull,
    ConversationNotFound,
    MemberNotFound,
    OwnerOnly,
    OwnerStays,
    ReadOnly,
    UnknownPerson,
)
from chat.models import Conversation
from chat.models.notification import Kind
from chat.services import inviting, members
from chat.services.conversations import change_conversation
from tests.chat.services.membership import add, change, heard, roles, told, trail
from tests.factories import make_message, make_user


def test_who_is_added_is_in_at_once_and_told(ada, ben, conversation, published):
    make_message(conversation, ada)
    member = add(conversation, ben, by=ada, role="reader")
    assert roles(conversation) == {"Ada": "owner", "Ben": "reader"}
    assert (member.invited_by, member.current_message, member.draft) == (ada, None, "")
    assert told(ben) == [Kind.INVITED]
    assert heard(published, ben) == [
        "conversation.created",
        "member.joined",
        "notification.created",
    ]
    assert heard(published, ada) == ["conversation.updated", "member.joined"]
    assert trail() == [("member.added", ada.pk, ben.pk)]


def test_nothing_that_was_said_before_is_unread(ada, ben, conversation, published):
    for _ in range(3):
        make_message(conversation, ada)
    add(conversation, ben, by=ada)
    [item] = [event["item"] for event, _ in published if event["type"] == "conversation.created"]
    assert (item["unread"], item["role"], item["people"]) == (0, "writer", 2)
    make_message(Conversation.objects.get(pk=conversation.pk), ada)
    assert Conversation.objects.for_list(ben).get().unread == 1


def test_the_version_rises_and_the_events_carry_it(ada, ben, conversation, published):
    before = conversation.version
    add(conversation, ben, by=ada)
    conversation.refresh_from_db()
    assert conversation.version == before + 1
    told_of = [event for event, _ in published if event["type"].startswith(("conv", "member"))]
    assert {event["version"] for event in told_of} == {before + 1}


def test_adding_twice_changes_nothing(ada, ben, conversation, published):
    first = add(conversation, ben, by=ada)
    count = len(published)
    assert add(conversation, ben, by=ada) == first
    assert len(published) == count
    with pytest.raises(AlreadyMember):
        add(conversation, ben, by=ada, role="reader")
    with pytest.raises(AlreadyMember):
        add(conversation, ada, by=ada)


def test_only_the_owner_adds(ada, ben, cyd, conversation):
    add(conversation, ben, by=ada)
    with pytest.raises(OwnerOnly):
        add(conversation, cyd, by=ben)
    with pytest.raises(ConversationNotFound):
        add(conversation, cyd, by=cyd)
    with pytest.raises(ConversationNotFound):
        add(conversation, cyd, by=make_user("Staff", is_staff=True))


def test_the_suspended_and_the_deleted_are_not_added(ada, ben, cyd, conversation):
    staff = make_user("Staff", is_staff=True)
    people.suspend(ben, by=staff)
    people.delete(cyd, by=staff)
    for person in (ben, cyd):
        with pytest.raises(CannotBeInvited):
            add(conversation, person, by=ada)
    with pytest.raises(UnknownPerson):
        inviting.add(conversation.pk, by=ada, role="writer", user_id=uuid4(), address=None)
    assert roles(conversation) == {"Ada": "owner"}


def test_a_hundred_fit_with_those_who_are_invited(ada, ben, conversation, monkeypatch):
    monkeypatch.setattr(members, "MOST", 3)
    add(conversation, ben, by=ada)
    invite = {"by": ada, "role": "reader", "user_id": None}
    inviting.add(conversation.pk, address="new@example.org", **invite)
    with pytest.raises(ConversationFull):
        inviting.add(conversation.pk, address="newer@example.org", **invite)
    with pytest.raises(ConversationFull):
        add(conversation, make_user(), by=ada)
    inviting.add(conversation.pk, address="new@example.org", **invite)


# Roles -----------------------------------------------------------------------------------------------


def test_a_role_is_changed_and_told(ada, ben, conversation, published):
    add(conversation, ben, by=ada)
    count = len(published)
    assert change(conversation, ben, "reader", by=ada).role == "reader"
    assert heard(published, ben, since=count) == [
        "conversation.updated",
        "member.changed",
        "notification.created",
    ]
    assert heard(published, ada, since=count) == ["conversation.updated", "member.changed"]
    items = [event["item"] for event, to in published[count:] if "item" in event and ben.pk in to]
    assert [item["role"] for item in items] == ["reader"]
    assert told(ben) == [Kind.INVITED, Kind.ROLE]
    assert trail()[-1] == ("member.changed", ada.pk, ben.pk)
    with pytest.raises(ReadOnly):
        change_conversation(conversation.pk, by=ben, changes={"title": "Mine"})


def test_the_same_role_again_is_no_change(ada, ben, conversation, published):
    add(conversation, ben, by=ada)
    count = len(published)
    change(conversation, ben, "writer", by=ada)
    change(conversation, ada, "owner", by=ada)
    assert len(published) == count


def test_handing_over_makes_the_owner_a_writer(ada, ben, conversation, published):
    add(conversation, ben, by=ada)
    count, before = len(published), conversation.version
    change(conversation, ben, "owner", by=ada)
    assert roles(conversation) == {"Ada": "writer", "Ben": "owner"}
    changed = [event for event, _ in published[count:] if event["type"] == "member.changed"]
    assert [event["member"]["role"] for event in changed] == ["writer", "owner"]
    assert [event["version"] for event in changed] == [before + 2, before + 3]
    assert told(ben)[-1] == Kind.OWNER
    assert trail()[-1] == ("conversation.handed_over", ada.pk, ben.pk)
    with pytest.raises(OwnerOnly):
        change(conversation, ben, "reader", by=ada)
    change(conversation, ada, "reader", by=ben)


def test_nobody_is_handed_a_conversation_who_cannot_sign_in(ada, ben, conversation):
    add(conversation, ben, by=ada)
    people.suspend(ben, by=make_user("Staff", is_staff=True))
    with pytest.raises(CannotBeInvited):
        change(conversation, ben, "owner", by=ada)
    assert roles(conversation)["Ada"] == "owner"


@pytest.mark.parametrize("role", ["writer", "reader"])
def test_there_is_always_an_owner(ada, ben, conversation, role):
    add(conversation, ben, by=ada)
    with pytest.raises(OwnerStays):
        change(conversation, ada, role, by=ada)


def test_only_the_owner_changes_roles_and_only_of_members(ada, ben, cyd, conversation):
    add(conversation, ben, by=ada)
    with pytest.raises(OwnerOnly):
        change(conversation, ben, "owner", by=ben)
    with pytest.raises(ConversationNotFound):
        change(conversation, ben, "owner", by=cyd)
    with pytest.raises(MemberNotFound):
        change(conversation, cyd, "writer", by=ada)


@pytest.mark.django_db(transaction=True)
def test_two_hand_overs_at_once_leave_one_owner(ada, ben, cyd, conversation):
    heirs = [ben, cyd]
    for person in heirs:
        add(conversation, person, by=ada)

    def hand_to(person):
        try:
            change(conversation, person, "owner", by=ada)
        except OwnerOnly:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(map(str, pool.map(hand_to, heirs))) == ["None", "refused"]
    assert sorted(roles(conversation).values()) == ["owner", "writer", "writer"]
