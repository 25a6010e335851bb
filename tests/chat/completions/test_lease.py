"""Only the owner of a lease writes, and every answer ends once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.completions import lease
from chat.models import Completion, Message
from chat.models.states import State
from tests.factories import make_message, make_running_answer

PAST = timezone.now() - timedelta(minutes=1)


@pytest.fixture
def question(conversation, ada):
    return make_message(conversation, ada)


def test_an_answer_is_claimed_once(conversation, question):
    answer = make_running_answer(conversation, question)
    assert [lease.claim(answer.completion.pk) for _ in range(2)] == [True, False]


def test_renewing_says_what_is_ours_and_what_to_stop(conversation, question):
    mine = make_running_answer(conversation, question, lease.NODE, stop_requested=True)
    make_running_answer(conversation, question, lease.NODE)  # which nobody runs: it may expire
    forgotten = make_running_answer(conversation, question, uuid4())
    renewed = lease.renew([mine.pk, forgotten.pk])
    assert (renewed.owned, renewed.to_stop) == ({mine.pk}, {mine.pk})


def test_a_checkpoint_saves_only_what_is_ours(conversation, question):
    mine = make_running_answer(conversation, question, lease.NODE)
    theirs = make_running_answer(conversation, question, uuid4())
    ended = make_running_answer(conversation, question, lease.NODE)
    Completion.objects.filter(message=ended).update(state=State.STOPPED)
    version = conversation.version
    assert lease.save_texts({mine.pk: "so far", theirs.pk: "zombie", ended.pk: "late"}) == {mine.pk}
    assert list(
        Message.objects.filter(pk__in=[theirs.pk, ended.pk]).values_list("content", flat=True)
    ) == ["", ""]
    mine.refresh_from_db()
    conversation.refresh_from_db()
    assert (
        mine.content,
        mine.status,
        mine.completion.__class__.objects.get(message=mine).state,
    ) == (
        "so far",
        "streaming",
        "streaming",
    )
    assert conversation.version == version


def test_the_end_is_reached_once(conversation, question):
    answer = make_running_answer(conversation, question, lease.NODE)
    ends = [lease.end(answer.pk, owner=lease.NODE, state=State.STOPPED) for _ in range(2)]
    assert ends == [True, False]


def test_another_node_cannot_end_what_is_ours(conversation, question):
    answer = make_running_answer(conversation, question, uuid4())
    assert not lease.end(answer.pk, owner=lease.NODE, state=State.COMPLETED)


def test_what_nobody_claimed_is_found_after_a_while(conversation, question):
    forgotten = make_running_answer(conversation, question, created_at=PAST)
    make_running_answer(conversation, question)
    assert lease.unclaimed() == [forgotten.completion.pk]


def test_what_a_node_gave_back_is_found_at_once(conversation, question):
    answer = make_running_answer(conversation, question, lease.NODE)
    assert lease.release(answer.pk, owner=lease.NODE)
    assert lease.unclaimed() == [answer.completion.pk]
    assert not lease.release(answer.pk, owner=lease.NODE)


def test_what_a_person_wants_stopped_is_not_given_back(conversation, question):
    answer = make_running_answer(conversation, question, lease.NODE, stop_requested=True)
    assert not lease.release(answer.pk, owner=lease.NODE)
