"""Two people send at once: one answer is written on a branch, the next waits its turn and can be taken back."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from accounts.errors import BudgetExceeded
from accounts.models import Hold
from accounts.services import budgets
from accounts.services.budgets import Limit
from chat.completions import lease, line
from chat.errors import NotYours, TooManyAnswers, TooManyWaiting
from chat.models import Completion, Member, Message
from chat.services import admission, answers
from chat.services.answers import answer_again, stop_all_of, stop_answer, take_back_all
from chat.services.messages import delete_message
from tests.chat.services.conftest import send
from tests.factories import make_conversation, make_message, make_running_answer, make_user


def in_line(person, conversation, count):
    return [send(person, conversation).answer for _ in range(count)]


def reread(answer):
    return Message.objects.with_details().get(pk=answer.pk)


def end(answer):
    """As the node that writes it does, in one transaction."""
    conversation = answer.conversation
    Completion.objects.filter(message=answer).update(state="completed")
    Message.objects.filter(pk=answer.pk).update(status="completed", content="So.")
    line.move_on(conversation, answer.pk)


# Waiting -------------------------------------------------------------------------------------------


def test_the_next_answer_waits_for_the_one_above_and_holds_nothing(together, ben, running):
    answer = reread(send(ben, together).answer)
    completion = answer.completion
    assert (answer.status, completion.state) == ("queued", "queued")
    assert (completion.waits_for_id, completion.lease_owner) == (running.pk, None)
    assert not Hold.objects.exists()


def test_talk_below_a_running_answer_does_not_wait(together, ada, ben, running, published):
    said = send(ben, together, reply=False).message
    assert (said.status, said.parent_id) == ("completed", running.pk)


def test_each_waits_for_the_one_before(together, ada, ben, running):
    first, second = (send(person, together).answer for person in (ben, ada))
    assert reread(second).completion.waits_for_id == first.pk


def test_another_branch_does_not_wait(together, ada, running):
    answer = send(ada, together, at_end=False).answer
    assert answer.completion.waits_for_id is None
    assert Hold.objects.count() == 1


def test_asking_again_waits_too(together, ben, running):
    question = send(ben, together, reply=False).message
    again = answer_again(question.pk, by=ben, model=None, parameters=None, answer_id=None)
    assert again.completion.waits_for_id == running.pk


def test_nobody_takes_what_still_waits(together, ben, running):
    waiting = reread(send(ben, together).answer)
    lease.release(waiting.pk, owner=None)  # so that its age does not matter
    assert lease.unclaimed() == []
    assert not lease.claim(waiting.completion.pk)
    end(running)
    assert lease.unclaimed() == [waiting.completion.pk]
    assert lease.claim(waiting.completion.pk)


def test_the_page_is_told_what_it_waits_for(client, together, ben, running):
    client.force_login(ben)
    body = {"id": str(uuid4()), "parent": None, "content": "And then?", "at_end": True}
    address = f"/api/v1/conversations/{together.pk}/messages"
    told = client.post(address, body, content_type="application/json").json()
    assert told["message"]["parent"] == str(running.pk)
    assert told["answer"]["completion"]["waits_for"] == str(running.pk)


def test_who_could_not_pay_now_is_refused_now(together, ada, ben, running):
    budgets.limit_person(ben, Limit("month", 100, None), by=make_user(is_staff=True))
    stored = Message.objects.count()
    with pytest.raises(BudgetExceeded):
        send(ben, together)
    assert (Message.objects.count(), Hold.objects.count()) == (stored, 0)


def test_what_waits_counts_as_a_persons_own(together, ben, running, settings):
    settings.ANSWERS_PER_PERSON = 2
    in_line(ben, together, 2)
    with pytest.raises(TooManyAnswers):
        send(ben, together)
    with pytest.raises(TooManyAnswers):
        send(ben, make_conversation(ben))


def test_a_line_has_an_end(together, ben, running, monkeypatch):
    monkeypatch.setattr(answers, "MOST_WAITING", 3)
    in_line(ben, together, 3)
    with pytest.raises(TooManyWaiting, match="take one back"):
        send(ben, together)
    assert send(ben, together, reply=False).message


def test_posts_that_wait_in_many_lines_do_not_pass_together(
    transactional_db, ada, ben, settings, monkeypatch
):
    settings.ANSWERS_PER_PERSON = 3
    monkeypatch.setattr(admission, "_running_of", slowly(admission._running_of))
    conversations = [make_conversation(ben) for _ in range(12)]
    for conversation in conversations:
        question = make_message(conversation, ada)
        make_running_answer(conversation, question, owner=uuid4(), requested_by=ada)

    def attempt(conversation):
        try:
            send(ben, conversation)
        except TooManyAnswers:
            return "refused"
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(12) as at_once:
        assert sorted(at_once.map(attempt, conversations)) == ["refused"] * 9 + ["taken"] * 3


def slowly(count):
    """Long enough for the others to count too, if nothing keeps them."""

    def counted(person):
        found = count(person)
        time.sleep(0.05)
        return found

    return counted


# Taking back ---------------------------------------------------------------------------------------


def test_deleting_the_question_takes_its_answer_back(together, ben, running, published):
    posted = send(ben, together)
    published.clear()
    deleted = delete_message(posted.message.pk, by=ben)
    answer = reread(posted.answer)
    assert (deleted.content, answer.status, answer.completion.state) == ("", "stopped", "stopped")
    assert answer.completion.detail == "Taken back before it began."
    assert answer.completion.finished_at
    told = [(event["type"], event["version"]) for event, _ in published]
    assert told == [
        ("completion.finished", answer.version),
        ("message.deleted", deleted.version),
    ]
    assert answer.version < deleted.version


def test_stopping_what_waits_ends_it_at_once(together, ben, running):
    answer = send(ben, together).answer
    assert stop_answer(answer.pk, by=ben).status == "stopped"
    assert stop_answer(answer.pk, by=ben).status == "stopped"
    assert reread(running).status == "queued"


def test_who_stood_behind_it_waits_for_the_one_before_it(together, ada, ben, running, published):
    first, second = send(ben, together).answer, send(ada, together).answer
    published.clear()
    stop_answer(first.pk, by=ben)
    moved = reread(second)
    assert (moved.status, moved.completion.waits_for_id) == ("queued", running.pk)
    assert [(event["type"], event["message"]["id"]) for event, _ in published] == [
        ("completion.finished", first.pk),
        ("message.updated", second.pk),
    ]
    assert published[1][0]["message"]["completion"]["waits_for"] == running.pk


def test_what_another_node_begins_at_that_moment_is_stopped_as_a_running_one(
    together, ben, running
):
    waiting = reread(send(ben, together).answer)
    end(running)
    lease.claim(waiting.completion.pk)
    assert stop_answer(waiting.pk, by=ben).status == "queued"
    assert reread(waiting).completion.stop_requested


def test_who_asked_the_owner_and_staff_who_take_part_may_stop(together, ada, ben, cyd, running):
    mine, hers, theirs = in_line(ben, together, 3)
    Member.objects.create(conversation=together, user=cyd, role="writer")
    with pytest.raises(NotYours):
        stop_answer(hers.pk, by=cyd)
    cyd.is_staff = True
    for answer, person in ((mine, ben), (hers, ada), (theirs, cyd)):
        assert stop_answer(answer.pk, by=person).status == "stopped"


def test_all_that_a_person_has_in_line_is_taken_back(together, ada, ben, running):
    first, second, hers, last = (send(one, together).answer for one in (ben, ben, ada, ben))
    take_back_all(together, ben)
    assert {reread(one).status for one in (first, second, last)} == {"stopped"}
    assert reread(hers).completion.waits_for_id == running.pk


def test_who_may_not_sign_in_any_more_leaves_every_line(together, ada, ben, running):
    answer = send(ben, together).answer
    ben.is_active = False
    ben.save()
    stop_all_of(ben)
    assert reread(answer).status == "stopped"
    assert reread(running).status == "queued"


# The next begins -----------------------------------------------------------------------------------


@pytest.fixture
def taken(monkeypatch):
    """Completions whose turn has come."""
    begun = []
    monkeypatch.setattr(line, "_begin", begun.append)
    return begun


def test_the_next_begins_when_the_one_above_has_ended(
    together, ben, running, taken, django_capture_on_commit_callbacks
):
    first, _second = in_line(ben, together, 2)
    with django_capture_on_commit_callbacks(execute=True):
        end(running)
    assert taken == [first.completion.pk]


def test_all_answers_to_one_question_begin_together(
    together, ben, running, taken, django_capture_on_commit_callbacks
):
    posted = send(ben, together)
    again = answer_again(posted.message.pk, by=ben, model=None, parameters=None, answer_id=None)
    with django_capture_on_commit_callbacks(execute=True):
        end(running)
    assert set(taken) == {posted.answer.completion.pk, again.completion.pk}
