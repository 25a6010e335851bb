"""Posting, answering again, stopping, reading pages."""

from uuid import uuid4

import pytest

from chat.models import Completion, Message
from chat.models.states import State
from chat.services.text import MESSAGE_LIMIT
from tests.factories import make_branch, make_message, posting

JSON = "application/json"


def post(client, conversation, body):
    return client.post(f"/api/v1/conversations/{conversation.pk}/messages", body, content_type=JSON)


def test_posting_stores_the_message_and_an_empty_answer(as_ada, conversation):
    response = post(as_ada, conversation, body := posting())
    said, answer = response.json()["message"], response.json()["answer"]
    assert response.status_code == 201
    assert (said["id"], said["status"], said["author"]["name"]) == (body["id"], "completed", "Ada")
    assert (answer["parent"], answer["status"], answer["content"]) == (said["id"], "queued", "")
    assert answer["completion"]["model"] == conversation.model


def test_posting_the_same_twice_changes_nothing(as_ada, conversation):
    first = post(as_ada, conversation, body := posting()).json()
    assert post(as_ada, conversation, body).json() == first
    assert (Message.objects.count(), Completion.objects.count()) == (2, 1)


def test_the_same_id_with_other_content_is_a_conflict(as_ada, conversation):
    post(as_ada, conversation, body := posting())
    response = post(as_ada, conversation, {**body, "content": "Something else"})
    assert (response.status_code, response.json()["code"]) == (409, "id_taken")
    assert Message.objects.get(pk=body["id"]).content == "What is a lease?"


def test_without_reply_nobody_answers(as_ada, conversation):
    assert post(as_ada, conversation, posting(reply=False)).json()["answer"] is None
    assert not Completion.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"content": ""}, 422, "empty_message"),
        ({"content": " \n\t "}, 422, "empty_message"),
        ({"content": "x" * 200_000}, 422, "message_too_long"),
        ({"content": "x" * (MESSAGE_LIMIT + 1)}, 422, "message_too_long"),
        ({"content": "a\0b"}, 422, "invalid_text"),
        ({"content": 5}, 422, "invalid_input"),
        ({"content": None}, 422, "invalid_input"),
        ({"id": "not-a-uuid"}, 422, "invalid_input"),
        ({"id": []}, 422, "invalid_input"),
        ({"parent": "nowhere"}, 422, "invalid_input"),
        ({"parent": str(uuid4())}, 422, "unknown_parent"),
        ({"model": "gpt-9"}, 422, "unknown_model"),
        ({"parameters": {"temperature": 2.5}}, 422, "invalid_input"),
        ({"parameters": {"max_completion_tokens": 0}}, 422, "invalid_input"),
        ({"parameters": {"top_p": "much"}}, 422, "invalid_input"),
        ({"parameters": {"colour": "red"}}, 422, "invalid_input"),
        ({"parameters": {"stop": ["a\0b"]}}, 422, "invalid_text"),
        ({"model": "gpt-9", "reply": False}, 422, "unknown_model"),
        ({"reply": "false"}, 422, "invalid_input"),
        ({"attachments": []}, 422, "invalid_input"),
        ({"author": "ben"}, 422, "invalid_input"),
    ],
)
def test_bad_input_has_its_code_and_changes_nothing(as_ada, conversation, change, status, code):
    response = post(as_ada, conversation, {**posting(), **change})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["detail"].endswith((".", "!"))
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "rest", ['"content": "\\ud83d"', '"content": "x", "parameters": {"stop": ["\\ud83d"]}']
)
def test_half_a_character_is_refused(as_ada, conversation, rest):
    body = f'{{"id": "{uuid4()}", "parent": null, {rest}}}'
    response = post(as_ada, conversation, body)
    assert response.status_code == 422
    assert not Message.objects.exists()


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"[" * 10_000, b"null", b"[]"])
def test_malformed_json_is_never_a_server_error(as_ada, conversation, body):
    response = as_ada.post(
        f"/api/v1/conversations/{conversation.pk}/messages", body, content_type=JSON
    )
    assert response.status_code in (400, 422)
    assert response.json()["code"] in ("bad_request", "invalid_input")


def test_a_body_over_the_limit_is_refused(as_ada, conversation):
    response = post(as_ada, conversation, posting(content="x" * 1_100_000))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_parent_from_another_conversation_is_unknown(as_ada, ada, conversation):
    from tests.factories import make_conversation

    elsewhere = make_message(make_conversation(ada), ada)
    response = post(as_ada, conversation, posting(parent=str(elsewhere.pk)))
    assert (response.status_code, response.json()["code"]) == (422, "unknown_parent")


def test_a_running_answer_cannot_be_answered(as_ada, conversation):
    answer = post(as_ada, conversation, posting()).json()["answer"]
    response = post(as_ada, conversation, posting(parent=answer["id"]))
    assert (response.status_code, response.json()["code"]) == (409, "answer_running")


def test_the_same_posting_is_known_after_it_was_answered_later(as_ada, conversation):
    first = post(as_ada, conversation, body := posting(reply=False)).json()
    as_ada.post(f"/api/v1/messages/{body['id']}/completions", {}, content_type=JSON)
    repeated = post(as_ada, conversation, body)
    assert (repeated.status_code, repeated.json()["answer"]) == (201, None)
    assert repeated.json()["message"]["id"] == first["message"]["id"]


def test_a_page_marker_of_another_conversation_shows_nothing(as_cyd, cyd, ada, conversation):
    from chat.api import cursors
    from tests.factories import make_conversation

    _, answer = make_branch(conversation, ada, 2)
    own = make_conversation(cyd)
    marker = cursors.written(answer.pk)
    response = as_cyd.get(f"/api/v1/conversations/{own.pk}/messages?branch=current&before={marker}")
    assert (response.status_code, response.json()["code"]) == (404, "message_not_found")


def test_who_did_not_ask_cannot_stop(client, ben, ada, conversation):
    from chat.models import Member
    from tests.factories import make_running_answer

    Member.objects.create(conversation=conversation, user=ben, role="writer")
    answer = make_running_answer(conversation, make_message(conversation, ada), requested_by=ada)
    client.force_login(ben)
    response = client.post(f"/api/v1/messages/{answer.pk}/stop")
    assert (response.status_code, response.json()["code"]) == (403, "not_yours")


def test_answering_again_makes_a_sibling(as_ada, ada, conversation):
    question, answer = make_branch(conversation, ada, 2)
    new_id = str(uuid4())
    address = f"/api/v1/messages/{question.pk}/completions"
    first = as_ada.post(address, {"id": new_id}, content_type=JSON)
    again = as_ada.post(address, {"id": new_id}, content_type=JSON)
    assert (first.status_code, again.json()) == (201, first.json())
    assert first.json()["message"]["siblings"] == [str(answer.pk), new_id]


def test_an_answer_cannot_be_answered_by_the_model(as_ada, ada, conversation):
    _, answer = make_branch(conversation, ada, 2)
    response = as_ada.post(f"/api/v1/messages/{answer.pk}/completions", {}, content_type=JSON)
    assert (response.status_code, response.json()["code"]) == (422, "cannot_answer")


def test_stopping_twice_and_after_the_end_changes_nothing(as_ada, ada, conversation):
    answer = post(as_ada, conversation, posting()).json()["answer"]
    address = f"/api/v1/messages/{answer['id']}/stop"
    assert [as_ada.post(address).status_code for _ in range(2)] == [200, 200]
    assert Completion.objects.get().stop_requested
    Completion.objects.update(state=State.COMPLETED, stop_requested=False)
    as_ada.post(address)
    assert not Completion.objects.get().stop_requested


def test_a_deleted_message_leaves_a_tombstone(as_ada, ada, conversation):
    question, answer = make_branch(conversation, ada, 2)
    response = as_ada.delete(f"/api/v1/messages/{question.pk}")
    assert (response.status_code, response.json()["content"]) == (200, "")
    assert response.json()["deleted_at"]
    answer.refresh_from_db()
    assert answer.parent_id == question.pk


def test_a_branch_comes_in_pages_newest_first(as_ada, ada, conversation):
    branch = make_branch(conversation, ada, 7)
    make_message(conversation, ada, parent=branch[1], content="a side branch")
    as_ada.patch(
        f"/api/v1/conversations/{conversation.pk}",
        {"current_message": str(branch[2].pk)},
        content_type=JSON,
    )
    address = f"/api/v1/conversations/{conversation.pk}/messages?branch=current&limit=3"
    seen, following = [], ""
    while following is not None:
        page = as_ada.get(f"{address}&before={following}").json()
        seen += [item["content"] for item in page["items"]]
        following = page["next"]
    assert seen == [f"Turn {number}" for number in range(6, -1, -1)]


def test_all_messages_come_in_pages_newest_first(as_ada, ada, conversation):
    make_branch(conversation, ada, 7)
    first = as_ada.get(f"/api/v1/conversations/{conversation.pk}/messages?limit=5").json()
    rest = as_ada.get(
        f"/api/v1/conversations/{conversation.pk}/messages?limit=5&before={first['next']}"
    ).json()
    contents = [item["content"] for item in first["items"] + rest["items"]]
    assert (contents, rest["next"]) == ([f"Turn {number}" for number in range(6, -1, -1)], None)


@pytest.mark.parametrize("cursor", ["x", "%00", "eyJ9", "WyJ4Il0", "W10"])
def test_a_foreign_cursor_is_invalid(as_ada, conversation, cursor):
    for branch in ("", "branch=current&"):
        response = as_ada.get(
            f"/api/v1/conversations/{conversation.pk}/messages?{branch}before={cursor}"
        )
        assert (response.status_code, response.json()["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize("turns", [2, 40])
def test_a_page_of_messages_costs_the_same_queries_whatever_its_length(
    as_ada, ada, conversation, turns, django_assert_num_queries
):
    make_branch(conversation, ada, turns)
    with django_assert_num_queries(8):
        as_ada.get(f"/api/v1/conversations/{conversation.pk}/messages?branch=current")


def test_changes_since_a_version_come_whole_and_in_order(as_ada, ada, conversation):
    make_branch(conversation, ada, 4)
    address = f"/api/v1/conversations/{conversation.pk}/changes"
    before = as_ada.get(f"{address}?since=0").json()
    post(as_ada, conversation, posting(reply=False))
    after = as_ada.get(f"{address}?since={before['version']}").json()
    assert len(before["messages"]) == 4
    assert [message["content"] for message in after["messages"]] == ["What is a lease?"]
    assert as_ada.get(f"{address}?since={after['version']}").json()["messages"] == []


@pytest.mark.parametrize("since", ["-1", "x", "", str(2**64)])
def test_a_version_must_be_a_number(as_ada, conversation, since):
    response = as_ada.get(f"/api/v1/conversations/{conversation.pk}/changes?since={since}")
    assert response.status_code == 422
