"""Where a message goes, and whether the model answers it."""

from uuid import uuid4

import pytest

from chat.errors import AnswerRunning, IdTaken
from chat.models import Completion, Conversation
from tests.chat.services.conftest import send
from tests.factories import make_branch, make_message


def test_at_the_end_means_below_what_stands_there_when_it_is_stored(together, ada, ben, running):
    late = send(ben, together, parent=running.parent_id, reply=False)
    later = send(ada, together, parent=running.parent_id, reply=False)
    assert (late.message.parent_id, later.message.parent_id) == (running.pk, late.message.pk)


def test_at_the_end_of_nothing_is_the_beginning(together, ben):
    assert send(ben, together).message.parent is None


def test_without_a_place_it_goes_below_the_newest_beginning(together, ada, ben):
    make_branch(together, ada, 2)
    _, newest = make_branch(together, ada, 2)
    assert send(ben, together).message.parent_id == newest.pk


def test_at_the_end_follows_what_was_continued(together, ada, ben):
    question = make_message(together, ada)
    broken = make_message(together, parent=question, content="Ha", status="interrupted")
    whole = make_message(together, parent=question, content="Half")
    Completion.objects.filter(message=whole).update(continues=broken)
    assert send(ben, together, parent=broken.pk).message.parent_id == whole.pk


def test_an_edit_stays_where_it_was_put(together, ada, running):
    edited = send(ada, together, at_end=False, content="Better put?", reply=False)
    assert edited.message.parent is None


def test_below_an_answer_that_is_written_only_the_end_is_open(together, ben, running):
    with pytest.raises(AnswerRunning):
        send(ben, together, at_end=False, parent=running.pk)


def test_the_same_posting_at_the_end_is_known_wherever_it_went(together, ada, ben, running):
    posting = {"id": uuid4(), "parent": running.parent_id}
    first = send(ben, together, **posting)
    send(ada, together, reply=False)
    again = send(ben, together, **{**posting, "parent": running.pk})
    assert (again.message.pk, again.answer.pk) == (first.message.pk, first.answer.pk)


def test_the_same_posting_elsewhere_is_another_one(together, ada):
    first, _ = make_branch(together, ada, 2)
    posting = {"id": uuid4(), "at_end": False, "reply": False}
    send(ada, together, **posting)
    with pytest.raises(IdTaken):
        send(ada, together, parent=first.pk, **posting)


# Whether it is answered ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answering", "content", "reply", "is_answered"),
    [
        ("always", "Lunch?", None, True),
        ("always", "Lunch?", False, False),
        ("addressed", "Lunch?", None, False),
        ("addressed", "@Gemini, what is for lunch?", None, True),
        ("addressed", "write to a@gemini.org", None, False),
        ("addressed", "Lunch?", True, True),
        ("addressed", "@gemini, be quiet", False, False),
    ],
)
def test_the_person_says_whether_it_is_answered_else_the_rule(
    together, ben, answering, content, reply, is_answered
):
    Conversation.objects.update(answering=answering)
    posting = {"id": uuid4(), "content": content, "reply": reply}
    first, again = send(ben, together, **posting), send(ben, together, **posting)
    assert (first.answer is not None) is is_answered
    assert (again.answer and again.answer.pk) == (first.answer and first.answer.pk)
    assert Completion.objects.count() == is_answered
