"""How many answers one person and one node may have written at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from accounts.services import spending
from chat.completions import heart, lease, recovery
from chat.errors import ServerBusy, TooManyAnswers
from chat.models import Completion, Message
from chat.models.states import State
from chat.services.answers import answer_again, continue_answer
from chat.services.messages import Posting, post_message
from tests.factories import make_conversation, make_message, make_running_answer, posting

JSON = "application/json"


@pytest.fixture
def three(settings):
    """The most for one person."""
    settings.ANSWERS_PER_PERSON = 3


def keep_busy(person, count):
    """So many answers of a person that are being written, by whatever node."""
    for _ in range(count):
        conversation = make_conversation(person)
        question = make_message(conversation, person)
        make_running_answer(conversation, question, owner=uuid4(), requested_by=person)


def ask(person, conversation, **fields):
    posting = Posting(id=uuid4(), parent=None, content="Hello?", **fields)
    return post_message(conversation.pk, author=person, posting=posting)


def post(client, conversation, body):
    return client.post(f"/api/v1/conversations/{conversation.pk}/messages", body, content_type=JSON)


def test_the_last_that_fits_is_taken_and_the_next_refused(ada, conversation, three):
    keep_busy(ada, 2)
    ask(ada, conversation)
    with pytest.raises(TooManyAnswers):
        ask(ada, make_conversation(ada))


def test_a_refusal_stores_nothing_and_says_when_to_come_back(as_ada, ada, conversation, three):
    keep_busy(ada, 3)
    stored = Message.objects.count()
    response = post(as_ada, conversation, posting())
    told = response.json()
    assert (response.status_code, told["code"], told["limit"]) == (429, "too_many_answers", 3)
    assert response["Retry-After"] == str(told["retry_after"])
    assert "wait until one has ended" in told["detail"]
    assert Message.objects.count() == stored


def test_what_has_ended_does_not_count(ada, conversation, three):
    keep_busy(ada, 5)
    Completion.objects.update(state=State.INTERRUPTED)
    assert ask(ada, conversation).answer


def test_what_others_ask_does_not_count(ada, ben, conversation, three):
    keep_busy(ben, 5)
    assert ask(ada, conversation).answer


def test_a_message_without_a_reply_is_always_taken(ada, conversation, three):
    keep_busy(ada, 3)
    assert ask(ada, conversation, reply=False).answer is None


def test_the_same_post_again_is_no_new_answer(as_ada, ada, conversation, three):
    first = post(as_ada, conversation, body := posting())
    keep_busy(ada, 3)
    again = post(as_ada, conversation, body)
    assert (again.status_code, again.json()) == (201, first.json())


def test_answering_again_comes_through_the_same_door(ada, conversation, three):
    question = make_message(conversation, ada)
    keep_busy(ada, 3)
    with pytest.raises(TooManyAnswers):
        answer_again(question.pk, by=ada, model=None, parameters=None, answer_id=uuid4())


def test_going_on_comes_through_the_same_door(ada, conversation, three):
    question = make_message(conversation, ada)
    broken = make_message(conversation, parent=question, content="Ha", status=State.TRUNCATED)
    keep_busy(ada, 3)
    with pytest.raises(TooManyAnswers):
        continue_answer(broken.pk, by=ada, model=None, parameters=None, answer_id=uuid4())


def test_an_answer_that_begins_again_by_itself_is_not_refused(ada, three, published):
    keep_busy(ada, 5)
    lease.expire_all()
    assert recovery.recover_expired() == 5
    assert Completion.objects.filter(state=State.QUEUED, restarts=1).count() == 5


def test_the_budget_is_asked_first(ada, conversation, three, monkeypatch):
    class Spent(Exception):
        pass

    def refuse(*_args, **_kwargs):
        raise Spent

    monkeypatch.setattr(spending, "reserve", refuse)
    keep_busy(ada, 3)
    with pytest.raises(Spent):
        ask(ada, conversation)


def test_a_node_that_writes_enough_refuses_everyone(as_ada, conversation, settings, monkeypatch):
    settings.ANSWERS_PER_NODE = 2
    monkeypatch.setattr(heart, "running", {uuid4(): None, uuid4(): None})
    response = post(as_ada, conversation, posting())
    assert (response.status_code, response.json()["code"]) == (429, "server_busy")
    assert int(response["Retry-After"]) > 0
    settings.ANSWERS_PER_NODE = 3
    assert post(as_ada, conversation, posting()).status_code == 201


def test_posts_at_the_same_moment_do_not_pass_together(transactional_db, ada, three):
    """Each on a connection of its own, as two nodes have them, and in conversations that lock nothing in common."""
    conversations = [make_conversation(ada) for _ in range(16)]

    def attempt(conversation):
        try:
            ask(ada, conversation)
        except TooManyAnswers:
            return "refused"
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(16) as together:
        results = sorted(together.map(attempt, conversations))
    assert results == [*["refused"] * 13, *["taken"] * 3]
    assert Completion.objects.count() == 3


def test_two_people_do_not_wait_for_each_other(transactional_db, ada, ben, three):
    """Ada's lock is held by a transaction that does not end; Ben's answer is taken all the same."""
    with ThreadPoolExecutor(1) as elsewhere, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"answers:{ada.pk}"])
        conversation = make_conversation(ben)
        taken = elsewhere.submit(_asked_elsewhere, ben, conversation).result(3)
        cursor.execute("SELECT pg_advisory_unlock_all()")
    assert taken


def _asked_elsewhere(person, conversation):
    try:
        return ask(person, conversation).answer is not None
    finally:
        connection.close()


def test_the_server_says_it_is_full_in_a_sentence():
    assert "send again in a few seconds" in ServerBusy().detail
