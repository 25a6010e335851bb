"""Conversations over HTTP."""

from uuid import uuid4

import pytest

from chat.models import Conversation, Member
from tests.factories import make_conversation, make_message, make_running_answer

JSON = "application/json"
BASE = "/api/v1/conversations"


def test_creating_the_same_id_twice_makes_one(as_ada):
    body = {"id": str(uuid4()), "system_prompt": "Be brief."}
    first = as_ada.post(BASE, body, content_type=JSON)
    assert (first.status_code, as_ada.post(BASE, body, content_type=JSON).json()) == (
        201,
        first.json(),
    )
    assert Conversation.objects.count() == 1


def test_somebody_elses_id_is_taken(as_cyd, conversation):
    response = as_cyd.post(BASE, {"id": str(conversation.pk)}, content_type=JSON)
    assert (response.status_code, response.json()["code"]) == (409, "id_taken")


def test_the_list_shows_only_mine_newest_first_in_pages(as_ada, ada, cyd):
    make_conversation(cyd, title="Secret")
    made = [make_conversation(ada, title=f"Number {number}") for number in range(5)]
    first = as_ada.get(f"{BASE}?limit=3").json()
    rest = as_ada.get(f"{BASE}?limit=3&before={first['next']}").json()
    titles = [item["title"] for item in first["items"] + rest["items"]]
    assert titles == [conversation.title for conversation in reversed(made)]
    assert rest["next"] is None


def test_the_list_finds_titles_and_says_what_runs(as_ada, ada, conversation):
    make_running_answer(conversation, make_message(conversation, ada))
    make_conversation(ada, title="Other")
    [found] = as_ada.get(f"{BASE}?q=LEAS").json()["items"]
    assert (found["title"], found["running"], found["role"]) == ("Leases", True, "owner")


def test_pinned_and_archived_are_the_persons_own(as_ada, ada, ben, conversation):
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    address = f"{BASE}/{conversation.pk}"
    shown = as_ada.patch(address, {"pinned": True, "archived": True}, content_type=JSON).json()
    assert (shown["pinned"], shown["archived"]) == (True, True)
    assert as_ada.get(BASE).json()["items"] == []
    assert len(as_ada.get(f"{BASE}?archived=true").json()["items"]) == 1
    assert not Member.objects.get(user=ben).pinned


def test_a_reader_cannot_rename(client, ben, conversation):
    Member.objects.create(conversation=conversation, user=ben, role="reader")
    client.force_login(ben)
    response = client.patch(f"{BASE}/{conversation.pk}", {"title": "Mine"}, content_type=JSON)
    assert response.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x" * 201},
        {"title": "a\0b"},
        {"model": "gpt-9"},
        {"parameters": {"temperature": -1}},
        {"current_message": str(uuid4())},
        {"owner": "me"},
        {"pinned": "perhaps"},
    ],
)
def test_a_bad_change_is_refused_whole(as_ada, conversation, change):
    response = as_ada.patch(
        f"{BASE}/{conversation.pk}", {"system_prompt": "New", **change}, content_type=JSON
    )
    assert response.status_code == 422
    conversation.refresh_from_db()
    assert conversation.system_prompt == ""


def test_deleting_is_the_owners_and_for_good(as_ada, as_cyd, conversation):
    assert as_cyd.delete(f"{BASE}/{conversation.pk}").status_code == 404
    assert as_ada.delete(f"{BASE}/{conversation.pk}").status_code == 204
    assert as_ada.get(f"{BASE}/{conversation.pk}").status_code == 404


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-11-21"]
)
def test_a_page_marker_at_the_edge_of_time_is_refused(as_ada, at):
    from chat.api import cursors

    response = as_ada.get(f"{BASE}?before={cursors.written(at, uuid4())}")
    assert (response.status_code, response.json()["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_the_same_queries_whatever_its_length(
    as_ada, ada, many, django_assert_num_queries
):
    for _ in range(many):
        make_conversation(ada)
    with django_assert_num_queries(3):
        as_ada.get(BASE)
