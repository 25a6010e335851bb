"""What is done to people, by whom, and what is left of the deleted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from accounts.errors import AlreadyDeleted, LastStaff, StaffOnly, Suspended
from accounts.models import User
from accounts.services import people
from chat.models import Conversation, Member
from chat.models.member import Role
from tests.factories import make_conversation, make_message, make_user
from webchat.errors import ChatError

Verb = Callable[..., None]
STAFF_ONLY = [people.make_staff, people.unmake_staff, people.suspend, people.unsuspend]
ALL = [*STAFF_ONLY, people.sign_out_everywhere, people.delete]


@pytest.mark.parametrize("verb", ALL)
def test_people_do_nothing_to_each_other(ada: User, cyd: User, verb: Verb) -> None:
    with pytest.raises(StaffOnly):
        verb(ada, by=cyd)


@pytest.mark.parametrize("verb", STAFF_ONLY)
def test_people_do_not_promote_themselves(ada: User, verb: Verb) -> None:
    with pytest.raises(StaffOnly):
        verb(ada, by=ada)


@pytest.mark.parametrize("verb", ALL)
def test_staff_that_is_suspended_does_nothing(ada: User, sam: User, verb: Verb) -> None:
    idle = make_user("Idle", is_staff=True, is_active=False)
    with pytest.raises(StaffOnly):
        verb(ada, by=idle)


@pytest.mark.parametrize("verb", [people.unmake_staff, people.suspend, people.delete])
def test_the_last_staff_stays(sam: User, verb: Verb) -> None:
    make_user("Idle", is_staff=True, is_active=False)
    with pytest.raises(LastStaff):
        verb(sam, by=sam)
    sam.refresh_from_db()
    assert (sam.is_staff, sam.is_active) == (True, True)


@pytest.mark.parametrize("verb", [people.unmake_staff, people.suspend, people.delete])
def test_staff_leaves_once_another_is_there(sam: User, ada: User, verb: Verb) -> None:
    people.make_staff(ada, by=sam)
    verb(sam, by=sam)
    assert list(User.objects.active_staff()) == [ada]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", [people.unmake_staff, people.suspend])
def test_two_staff_at_once_cannot_remove_each_other(verb: Verb) -> None:
    pairs = [make_user("One", is_staff=True), make_user("Two", is_staff=True)]

    def remove(number: int) -> str:
        try:
            verb(pairs[number], by=pairs[1 - number])
        except ChatError as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, range(2))) == ["StaffOnly", "done"]
    assert User.objects.active_staff().count() == 1


def test_unmaking_takes_every_right(sam: User) -> None:
    root = make_user("Root", is_staff=True, is_superuser=True)
    people.unmake_staff(root, by=sam)
    root.refresh_from_db()
    assert (root.is_staff, root.is_superuser) == (False, False)


def test_the_suspended_are_not_made_staff(ada: User, sam: User) -> None:
    people.suspend(ada, by=sam)
    with pytest.raises(Suspended):
        people.make_staff(ada, by=sam)


def test_old_sessions_stay_ended_when_a_suspension_is_lifted(ada: User, sam: User) -> None:
    before = ada.get_session_auth_hash()
    people.suspend(ada, by=sam)
    people.unsuspend(ada, by=sam)
    ada.refresh_from_db()
    assert ada.is_active
    assert ada.get_session_auth_hash() != before


@pytest.mark.parametrize("verb", [people.suspend, people.sign_out_everywhere, people.delete])
def test_sockets_are_told_after_the_commit(
    ada: User,
    sam: User,
    verb: Verb,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    told: list[User] = []
    monkeypatch.setattr(people, "_sign_out_handlers", [told.append])
    with django_capture_on_commit_callbacks() as callbacks:
        verb(ada, by=sam)
    assert told == []
    for callback in callbacks:
        callback()
    assert told == [ada]


# Deletion ---------------------------------------------------------------------------------------------


def test_nothing_says_who_the_deleted_was(ada: User, sam: User) -> None:
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    before = ada.get_session_auth_hash()
    people.delete(ada, by=sam)
    ada.refresh_from_db()
    assert (ada.name, ada.is_active, ada.last_login) == ("Deleted person", False, None)
    assert ada.email == f"deleted-{ada.pk}@deleted.invalid"
    assert not ada.has_usable_password()
    assert not EmailAddress.objects.filter(user=ada).exists()
    assert ada.get_session_auth_hash() != before


def test_the_address_is_free_again(ada: User, sam: User) -> None:
    people.delete(ada, by=sam)
    assert make_user("Ada").pk != ada.pk


@pytest.mark.parametrize("verb", ALL)
def test_nothing_more_is_done_to_the_deleted(ada: User, sam: User, verb: Verb) -> None:
    people.delete(ada, by=sam)
    with pytest.raises(AlreadyDeleted):
        verb(ada, by=sam)


def test_handlers_run_in_the_same_transaction(
    ada: User, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(person: User) -> None:
        assert person.name == "Ada"
        raise RuntimeError

    monkeypatch.setattr(people, "_delete_handlers", [fail])
    with pytest.raises(RuntimeError):
        people.delete(ada, by=sam)
    ada.refresh_from_db()
    assert ada.deleted_at is None


def test_conversations_of_one_person_go(ada: User, sam: User) -> None:
    conversation = make_conversation(ada)
    make_message(conversation, ada)
    people.delete(ada, by=sam)
    assert not Conversation.objects.exists()


def test_conversations_with_others_go_to_the_longest_member(
    ada: User, ben: User, cyd: User, sam: User
) -> None:
    conversation = make_conversation(ada)
    Member.objects.create(conversation=conversation, user=ben, role=Role.WRITER)
    Member.objects.create(conversation=conversation, user=cyd, role=Role.WRITER)
    message = make_message(conversation, ada)
    people.delete(ada, by=sam)
    roles = conversation.members.values_list("user__name", "role")
    assert set(roles) == {("Ben", Role.OWNER), ("Cyd", Role.WRITER)}
    message.refresh_from_db()
    assert message.author.name == "Deleted person"
