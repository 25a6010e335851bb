"""Leaving a conversation and being removed from it: at once, for all, and what is left."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction

from accounts.errors import CannotBeInvited, InvitationGone
from accounts.services import invitations, people
from chat.errors import ConversationNotFound, MemberNotFound, OwnerOnly, OwnerStays
from chat.models import Conversation
from chat.models.notification import Kind
from chat.models.states import State
from chat.services import inviting, members, presence
from chat.services.conversations import change_conversation
from tests.chat.services.membership import add, change, heard, roles, told, trail
from tests.factories import make_conversation, make_message, make_running_answer, make_user


@pytest.fixture
def dismissed(monkeypatch):
    """(person, conversation) whose sockets were told to look away."""
    seen = []
    monkeypatch.setattr(presence, "dismiss", lambda *who: seen.append(who))
    return seen


def test_who_is_removed_hears_only_that(
    ada, ben, conversation, published, dismissed, django_capture_on_commit_callbacks
):
    add(conversation, ben, by=ada)
    count = len(published)
    with django_capture_on_commit_callbacks(execute=True):
        members.remove(conversation.pk, ben.pk, by=ada)
    assert heard(published, ben, since=count) == [
        "conversation.removed",
        "notifications.read",
        "notification.created",
    ]
    assert heard(published, ada, since=count) == ["conversation.updated", "member.left"]
    assert roles(conversation) == {"Ada": "owner"}
    assert dismissed == [(ben.pk, conversation.pk)]
    assert told(ben) == [Kind.REMOVED]
    assert trail()[-1] == ("member.removed", ada.pk, ben.pk)
    [left] = [event for event, _ in published[count:] if event["type"] == "member.left"]
    assert left["version"] == Conversation.objects.get(pk=conversation.pk).version
    [item] = [event["item"] for event, _ in published[count:] if "item" in event]
    assert item["people"] == 1


def test_nobody_is_dismissed_before_the_commit(ada, ben, conversation, dismissed):
    add(conversation, ben, by=ada)
    members.remove(conversation.pk, ben.pk, by=ada)
    assert dismissed == []


def test_what_comes_after_is_not_told_to_who_was_removed(ada, ben, conversation, published):
    add(conversation, ben, by=ada)
    members.remove(conversation.pk, ben.pk, by=ada)
    count = len(published)
    change_conversation(conversation.pk, by=ada, changes={"title": "Without Ben"})
    assert heard(published, ada, since=count)
    assert heard(published, ben, since=count) == []


def test_a_member_leaves_and_nobody_notifies_them(ada, ben, conversation, published):
    add(conversation, ben, by=ada)
    count = len(published)
    members.remove(conversation.pk, ben.pk, by=ben)
    assert roles(conversation) == {"Ada": "owner"}
    assert heard(published, ben, since=count) == ["conversation.removed", "notifications.read"]
    assert told(ben) == []
    assert trail()[-1] == ("member.left", ben.pk, ben.pk)


def test_what_they_had_waiting_is_taken_back(ada, ben, conversation):
    add(conversation, ben, by=ada)
    conversation.refresh_from_db()
    first = make_running_answer(
        conversation, make_message(conversation, ada), owner=uuid4(), requested_by=ada
    )
    question = make_message(conversation, ben, parent=first)
    waiting = make_running_answer(conversation, question, requested_by=ben, waits_for=first)
    members.remove(conversation.pk, ben.pk, by=ada)
    waiting.refresh_from_db()
    first.refresh_from_db()
    assert (waiting.status, first.status) == (State.STOPPED, State.QUEUED)


def test_the_owner_hands_over_before_leaving(ada, ben, conversation):
    add(conversation, ben, by=ada)
    with pytest.raises(OwnerStays):
        members.remove(conversation.pk, ada.pk, by=ada)
    change(conversation, ben, "owner", by=ada)
    members.remove(conversation.pk, ada.pk, by=ada)
    assert roles(conversation) == {"Ben": "owner"}


def test_an_owner_who_is_alone_takes_the_conversation_along(ada, conversation, published):
    members.remove(conversation.pk, ada.pk, by=ada)
    assert not Conversation.objects.exists()
    assert heard(published, ada) == ["conversation.removed"]


def test_members_remove_nobody_else(ada, ben, cyd, conversation):
    for person in (ben, cyd):
        add(conversation, person, by=ada)
    with pytest.raises(OwnerOnly):
        members.remove(conversation.pk, cyd.pk, by=ben)
    with pytest.raises(OwnerOnly):
        members.remove(conversation.pk, ada.pk, by=ben)
    with pytest.raises(MemberNotFound):
        members.remove(conversation.pk, make_user().pk, by=ada)
    assert len(roles(conversation)) == 3


def test_who_was_removed_may_come_again(ada, ben, conversation):
    add(conversation, ben, by=ada)
    members.remove(conversation.pk, ben.pk, by=ada)
    add(conversation, ben, by=ada, role="reader")
    assert roles(conversation)["Ben"] == "reader"


@pytest.mark.django_db(transaction=True)
def test_who_is_removed_while_they_wait_for_the_lock_finds_nothing(ada, ben, conversation):
    add(conversation, ben, by=ada)

    def write():
        try:
            change_conversation(conversation.pk, by=ben, changes={"title": "Still here"})
        except ConversationNotFound:
            return "not found"
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            members.remove(conversation.pk, ben.pk, by=ada)
            late = pool.submit(write)
            wait_until_somebody_waits_for_a_lock()
        assert late.result(10) == "not found"
    conversation.refresh_from_db()
    assert conversation.title == "Leases"


def wait_until_somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        for _ in range(10_000):
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE NOT granted AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError


# A person is deleted ---------------------------------------------------------------------------------


def test_what_a_deleted_person_owned_goes_to_who_has_been_there_longest(
    ada, ben, cyd, conversation, published
):
    for person in (ben, cyd):
        add(conversation, person, by=ada)
    alone = make_conversation(ada)
    count = len(published)
    people.delete(ada, by=ada)
    assert roles(conversation) == {"Ben": "owner", "Cyd": "writer"}
    assert not Conversation.objects.filter(pk=alone.pk).exists()
    assert told(ben)[-1] == Kind.OWNER
    assert set(heard(published, cyd, since=count)) == {
        "conversation.updated",
        "member.left",
        "member.changed",
    }


def test_the_heir_is_somebody_who_can_sign_in(ada, ben, cyd, conversation):
    for person in (ben, cyd):
        add(conversation, person, by=ada)
    staff = make_user("Staff", is_staff=True)
    people.suspend(ben, by=staff)
    people.delete(ada, by=staff)
    assert roles(conversation) == {"Ben": "writer", "Cyd": "owner"}


@pytest.mark.django_db(transaction=True)
def test_an_owner_who_removes_them_meanwhile_is_no_reason_to_keep_an_account(
    ada, ben, conversation
):
    other = make_conversation(ada)
    for each in (conversation, other):
        add(each, ben, by=ada)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            for each in (conversation, other):
                members.remove(each.pk, ben.pk, by=ada)
            late = pool.submit(in_thread, people.delete, ben, by=ben)
            wait_until_somebody_waits_for_a_lock()
        late.result(10)
    ben.refresh_from_db()
    assert ben.deleted_at
    assert roles(conversation) == roles(other) == {"Ada": "owner"}


@pytest.mark.django_db(transaction=True)
def test_who_lets_them_in_meanwhile_keeps_no_deleted_person(ada, ben, conversation):
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            add(conversation, ben, by=ada)
            late = pool.submit(in_thread, people.delete, ben, by=ben)
            wait_until_somebody_waits_for_a_lock()
        late.result(10)
    assert roles(conversation) == {"Ada": "owner"}


@pytest.mark.django_db(transaction=True)
def test_who_lets_them_in_while_another_conversation_is_given_up_neither(ada, ben, conversation):
    """The list of what they are in was read before."""
    first = make_conversation(ada)
    add(first, ben, by=ada)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            members.change_role(first.pk, ben.pk, by=ada, role="reader")  # holds the first
            add(conversation, ben, by=ada)
            late = pool.submit(in_thread, people.delete, ben, by=ben)
            wait_until_somebody_waits_for_a_lock()
        late.result(10)
    assert roles(conversation) == roles(first) == {"Ada": "owner"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_link", [False, True])
def test_nobody_is_let_in_who_is_being_deleted(ada, ben, conversation, by_link):
    link = inviting.add(
        conversation.pk, by=ada, role="writer", user_id=None, address="ben@work.example"
    ).place.invitation

    def let_in():
        if by_link:
            invitations.claim(link, by=ben, how="link")
        else:
            add(conversation, ben, by=ada)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            people.delete(ben, by=ben)
            late = pool.submit(in_thread, let_in)
            wait_until_somebody_waits_for_a_lock()
        with pytest.raises(InvitationGone if by_link else CannotBeInvited):
            late.result(10)
    assert roles(conversation) == {"Ada": "owner"}


@pytest.mark.django_db(transaction=True)
def test_nobody_is_let_in_who_is_being_suspended(ada, ben, conversation):
    staff = make_user("Staff", is_staff=True)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            people.suspend(ben, by=staff)
            late = pool.submit(in_thread, add, conversation, ben, by=ada)
            wait_until_somebody_waits_for_a_lock()
        with pytest.raises(CannotBeInvited):
            late.result(10)
    assert roles(conversation) == {"Ada": "owner"}


def in_thread(act, *args, **options):
    try:
        return act(*args, **options)
    finally:
        connection.close()


def test_a_deleted_member_is_gone_from_the_list(ada, ben, conversation):
    add(conversation, ben, by=ada)
    people.delete(ben, by=ben)
    assert roles(conversation) == {"Ada": "owner"}
