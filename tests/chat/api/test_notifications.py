"""Notifications over HTTP."""

from uuid import uuid4

import pytest
from django.test import Client

from chat.models import Member, Notification
from chat.services import notifications
from tests.factories import make_conversation

JSON = "application/json"
BASE = "/api/v1/notifications"


@pytest.fixture
def as_ben(ben):
    client = Client()
    client.force_login(ben)
    return client


@pytest.fixture
def five(conversation, ada, ben):
    """Ben is in Ada's conversation and was told five things of it."""
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    for _ in range(5):
        notifications.notify("role", user_id=ben.pk, conversation=conversation, actor=ada)
    return list(Notification.objects.order_by("-created_at", "-pk"))


def read(client, **body):
    response = client.post(f"{BASE}/read", body, content_type=JSON)
    assert response.status_code == 200, response.content
    return response.json()["unread"]


def test_the_newest_come_first_in_pages(as_ben, five):
    first = as_ben.get(f"{BASE}?limit=3").json()
    rest = as_ben.get(f"{BASE}?limit=3&before={first['next']}").json()
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert ids == [str(each.pk) for each in five]
    assert (first["unread"], rest["next"]) == (5, None)


def test_one_says_who_what_and_where(as_ben, five, ada, conversation):
    item = as_ben.get(BASE).json()["items"][0]
    assert item.pop("created_at")
    assert item == {
        "id": str(five[0].pk),
        "kind": "role",
        "conversation": str(conversation.pk),
        "message": None,
        "actor": {"id": str(ada.pk), "name": "Ada"},
        "title": "Leases",
        "read_at": None,
    }


def test_some_are_read_or_those_of_a_conversation_or_all(as_ben, five, ada, ben):
    other = make_conversation(ada)
    Member.objects.create(conversation=other, user=ben, role="reader")
    notifications.notify("invited", user_id=ben.pk, conversation=other, actor=ada)
    notifications.notify("role", user_id=ben.pk, conversation=other, actor=ada)
    assert read(as_ben, ids=[]) == 7
    assert read(as_ben, ids=[str(five[0].pk), str(five[1].pk)]) == 5
    assert read(as_ben, conversation=str(other.pk)) == 3
    assert read(as_ben) == 0
    assert all(item["read_at"] for item in as_ben.get(BASE).json()["items"])


def test_nobody_reads_for_others(as_ada, as_ben, as_cyd, five, conversation):
    for outsider in (as_ada, as_cyd):
        assert outsider.get(BASE).json() == {"items": [], "next": None, "unread": 0}
        assert read(outsider, ids=[str(five[0].pk)]) == 0
        assert read(outsider, conversation=str(conversation.pk)) == 0
        assert read(outsider) == 0
    assert as_ben.get(BASE).json()["unread"] == 5


def test_strangers_are_told_to_sign_in(client, db):
    assert client.get(BASE).status_code == 401
    assert client.post(f"{BASE}/read", {}, content_type=JSON).status_code == 401


@pytest.mark.parametrize("query", ["before=x", "limit=0", "limit=201", "limit=x", "before=W10"])
def test_a_bad_page_is_refused(as_ada, query):
    assert as_ada.get(f"{BASE}?{query}").status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"ids": "x"},
        {"ids": ["x"]},
        {"conversation": "x"},
        {"all": True},
        {"ids": [str(uuid4())] * 1001},
    ],
)
def test_a_bad_body_is_refused(as_ada, body):
    assert as_ada.post(f"{BASE}/read", body, content_type=JSON).status_code == 422


def test_a_page_takes_the_same_few_queries(as_ben, five, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        as_ben.get(BASE)
