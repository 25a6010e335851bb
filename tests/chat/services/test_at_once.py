"""Things that people do at the same moment, and what they must not do to each other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from chat import events
from chat.models import Conversation, Member
from chat.services import notifications, own_places
from chat.services.conversations import delete_conversation
from tests.chat.services.test_leaving import wait_until_somebody_waits_for_a_lock
from tests.factories import make_conversation, make_message

pytestmark = pytest.mark.django_db(transaction=True)


def closing(act, *args, **kwargs):
    """In a thread of its own, with a connection of its own."""
    try:
        return act(*args, **kwargs)
    finally:
        connection.close()


# Deleting a conversation -------------------------------------------------------------------------


def test_a_conversation_can_be_deleted_while_somebody_moves_in_it(ada, ben, conversation):
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    message = make_message(conversation, ada)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            conversation.members.select_for_update().get(user=ben)
            deleting = pool.submit(closing, delete_conversation, conversation.pk, by=ada)
            wait_until_somebody_waits_for_a_lock()
            own_places.change(conversation, ben, {"current_message": message.pk})
        deleting.result(10)
    assert not Conversation.objects.exists()


# Counting what is unread -------------------------------------------------------------------------


@pytest.fixture
def counts(monkeypatch):
    """The numbers that Ben's pages are told, in order."""
    told = []
    monkeypatch.setattr(events, "publish", lambda event, *, to: told.append(event["unread"]))
    return told


@pytest.fixture
def places(ada, ben):
    """Two conversations in which Ben is."""
    made = [make_conversation(ada), make_conversation(ada)]
    for conversation in made:
        Member.objects.create(conversation=conversation, user=ben, role="writer")
    return made


def notify(ben, conversation, actor):
    notifications.notify("role", user_id=ben.pk, conversation=conversation, actor=actor)


def test_of_two_who_tell_a_person_at_once_the_last_counts_both(ada, ben, places, counts):
    both = Barrier(2, timeout=10)

    def tell(conversation):
        with transaction.atomic():
            notify(ben, conversation, ada)
            both.wait()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda place: closing(tell, place), places))
    assert max(counts) == 2


def test_who_reads_while_they_are_told_is_told_what_is_left(ada, ben, places, counts):
    notify(ben, places[0], ada)
    counts.clear()
    with transaction.atomic():
        notifications.mark_read(ben)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(closing, notify, ben, places[1], ada).result(10)
    assert counts == [2, 1]


def test_who_leaves_while_they_are_told_is_told_what_is_left(ada, ben, places, counts):
    notify(ben, places[0], ada)
    counts.clear()
    with transaction.atomic():
        notifications.forget(ben.pk, places[0])
        with ThreadPoolExecutor(1) as pool:
            pool.submit(closing, notify, ben, places[1], ada).result(10)
    assert counts == [2, 1]


def test_nobody_is_told_of_what_was_rolled_back(ada, ben, places, counts):
    with transaction.atomic():
        notify(ben, places[0], ada)
        transaction.set_rollback(True)
    assert counts == []
