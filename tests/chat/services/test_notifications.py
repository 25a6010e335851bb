"""Who is told what, once, and what is left of it when they are removed."""

import pytest

from chat.models import Member, Notification
from chat.services import notifications
from tests.factories import make_conversation, make_message


@pytest.fixture
def with_ben(conversation, ben):
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    return conversation


@pytest.fixture
def tell_ben(with_ben, ada, ben):
    def tell(kind="role", **fields):
        given = {"user_id": ben.pk, "conversation": with_ben, "actor": ada, **fields}
        notifications.notify(kind, **given)

    return tell


def test_a_person_hears_of_it_with_what_they_have_not_read(tell_ben, ben, ada, published):
    tell_ben()
    tell_ben("owner")
    (_, first), (event, to) = published
    assert first == to == [ben.pk]
    assert (event["type"], event["unread"]) == ("notification.created", 2)
    shape = event["notification"]
    assert (shape["kind"], shape["title"]) == ("owner", "Leases")
    assert shape["actor"] == {"id": ada.pk, "name": "Ada"}


def test_nobody_is_told_what_they_did_themselves(tell_ben, ben, published):
    tell_ben(actor=ben)
    assert published == []
    assert not Notification.objects.exists()


def test_one_message_tells_a_person_once(tell_ben, with_ben, ada, published):
    message = make_message(with_ben, ada)
    tell_ben("mention", message=message)
    tell_ben("mention", message=message)
    assert len(published) == Notification.objects.count() == 1


def test_who_is_removed_keeps_only_that(tell_ben, ben, with_ben, published):
    tell_ben("invited")
    with_ben.members.filter(user=ben).delete()
    tell_ben("removed")
    [left] = Notification.objects.filter(user=ben)
    assert (left.kind, left.conversation, left.title) == ("removed", None, "Leases")
    assert published[-1][0]["unread"] == 1


def test_who_leaves_keeps_nothing(tell_ben, ben, with_ben, published):
    tell_ben()
    notifications.forget(ben.pk, with_ben)
    assert not Notification.objects.filter(user=ben).exists()
    assert published[-1] == ({"type": "notifications.read", "unread": 0}, [ben.pk])


def test_what_leads_to_a_conversation_shows_only_to_its_members(tell_ben, ben, with_ben):
    """However they came to be out of it."""
    tell_ben()
    with_ben.members.filter(user=ben).delete()
    assert notifications.newest(ben, before=None, limit=10) == []
    assert notifications.unread_of(ben.pk) == 0


def test_reading_what_is_read_tells_nobody(tell_ben, ben, with_ben, published):
    tell_ben()
    assert notifications.mark_read(ben, conversation_id=with_ben.pk) == 0
    told = len(published)
    assert published[-1][0] == {"type": "notifications.read", "unread": 0}
    assert notifications.mark_read(ben) == 0
    assert len(published) == told


def test_a_conversation_that_goes_takes_them_along(tell_ben, ben, ada, with_ben):
    tell_ben()
    tell_ben(conversation=make_conversation(ada))
    with_ben.delete()
    assert Notification.objects.filter(user=ben).count() == 1
