"""An answer that broke off is gone on from, in a sibling that begins with its text."""

from uuid import UUID, uuid4

import pytest

from chat.models import Completion, Message
from chat.models.message import sibling_ids
from tests.factories import make_message


@pytest.fixture
def question(conversation, ada):
    return make_message(conversation, ada, content="!script steady chunks=30 rate=500 size=5")


def make_broken(conversation, question, status="interrupted", content="Half an answ", **fields):
    answer = make_message(conversation, parent=question, content=content, status=status)
    Completion.objects.filter(message=answer).update(**fields)
    return answer


def go_on(client, answer, **fields):
    body = {"id": str(uuid4()), "continue": True, **fields}
    return client.post(
        f"/api/v1/messages/{answer.pk}/completions", body, content_type="application/json"
    )


@pytest.mark.parametrize(
    ("status", "finish_reason"),
    [("interrupted", ""), ("truncated", ""), ("stopped", ""), ("completed", "length")],
)
def test_what_breaks_off_is_continued_beside_itself(
    as_ada, conversation, question, status, finish_reason
):
    broken = make_broken(conversation, question, status, finish_reason=finish_reason)
    response = go_on(as_ada, broken)
    assert response.status_code == 201
    made = response.json()["message"]
    assert (made["content"], made["status"]) == ("Half an answ", "queued")
    assert (made["parent"], made["completion"]["continues"]) == (str(question.pk), str(broken.pk))
    assert made["siblings"] == [made["id"]]
    broken.refresh_from_db()
    assert (broken.status, broken.content) == (status, "Half an answ")


@pytest.mark.parametrize(
    ("status", "content"), [("completed", "All of it"), ("failed", ""), ("streaming", "Half")]
)
def test_what_is_whole_empty_or_still_written_is_not(
    as_ada, conversation, question, status, content
):
    response = go_on(as_ada, make_broken(conversation, question, status, content))
    assert (response.status_code, response.json()["code"]) == (422, "cannot_continue")


def test_a_question_is_not_continued(as_ada, question):
    assert go_on(as_ada, question).json()["code"] == "cannot_continue"


def test_the_same_id_again_is_the_same_answer(as_ada, conversation, question):
    broken, other = (make_broken(conversation, question) for _ in range(2))
    answer_id = str(uuid4())
    first, second = (go_on(as_ada, broken, id=answer_id) for _ in range(2))
    assert first.json()["message"]["id"] == second.json()["message"]["id"] == answer_id
    assert go_on(as_ada, other, id=answer_id).status_code == 409


def test_an_outsider_cannot_continue(as_cyd, conversation, question):
    assert go_on(as_cyd, make_broken(conversation, question)).status_code == 404


def test_an_answer_that_somebody_replied_to_stays_in_sight(as_ada, ada, conversation, question):
    broken = make_broken(conversation, question)
    make_message(conversation, ada, parent=broken)
    made = go_on(as_ada, broken).json()["message"]
    assert sibling_ids(conversation, [question.pk])[question.pk] == [broken.pk, UUID(made["id"])]


def test_who_stood_at_the_old_answer_is_shown_the_new_one(as_ada, ada, conversation, question):
    broken = make_broken(conversation, question)
    member = conversation.members.get(user=ada)
    made = go_on(as_ada, broken).json()["message"]
    member.current_message = broken
    member.save()
    page = as_ada.get(f"/api/v1/conversations/{conversation.pk}/messages?branch=current").json()
    assert [one["id"] for one in page["items"]] == [made["id"], str(question.pk)]


def test_deleting_the_continued_answer_takes_its_beginning_too(as_ada, conversation, question):
    broken = make_broken(conversation, question)
    made = go_on(as_ada, broken).json()["message"]
    Message.objects.filter(pk=made["id"]).update(status="completed")
    assert as_ada.delete(f"/api/v1/messages/{made['id']}").status_code == 200
    broken.refresh_from_db()
    assert (broken.content, bool(broken.deleted_at)) == ("", True)
