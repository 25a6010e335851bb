"""What becomes of the answers of a node that is gone."""

import time
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Hold, LedgerEntry
from accounts.services import spending, statements
from accounts.services.spending import Call
from chat.completions import lease, recovery
from chat.models import Completion, Message
from chat.models.states import State
from tests.factories import make_message, make_running_answer
from tests.services import DATA_DIR
from webchat import embedded


@pytest.fixture
def question(conversation, ada):
    return make_message(conversation, ada, content="What is a lease?")


def hold_for(answer, payer, *, dispatched=True):
    asked = Call(answer.completion.pk, answer.completion.model, 100, 900, 900)
    spending.reserve(payer, asked)
    if dispatched:
        spending.fence(asked.completion_id, 0)


def make_orphan(conversation, question, content="", **fields):
    """An answer whose node has not renewed it for long."""
    state = State.STREAMING if content else State.QUEUED
    orphan = make_running_answer(
        conversation, question, uuid4(), lease_until=lease.LONG_AGO, state=state, **fields
    )
    Message.objects.filter(pk=orphan.pk).update(content=content, status=state)
    return orphan


def elsewhere():
    """Another node's connection."""
    url = embedded.database_url(DATA_DIR, str(settings.DATABASES["default"]["NAME"]))
    return psycopg.connect(url)


def must_wait_to_fence(answer):
    """Whether another node that says now that it makes the call has to wait."""
    with elsewhere() as node:
        node.execute("SET lock_timeout = '100ms'")
        try:
            node.execute(statements.FENCE, [60, answer.completion.pk, 0])
        except psycopg.errors.LockNotAvailable:
            return True
    return False


def booked():
    """The tokens of every call that was booked."""
    return list(LedgerEntry.objects.order_by("pk").values_list("tokens", flat=True))


def reread(answer):
    return Message.objects.with_details().get(pk=answer.pk)


def test_text_that_was_shown_is_kept_and_all_that_was_held_is_booked(
    conversation, question, ada, published
):
    orphan = make_orphan(conversation, question, "what had come")
    hold_for(orphan, ada)
    assert (recovery.recover_expired(), recovery.recover_expired()) == (1, 0)
    found = reread(orphan)
    assert (found.content, found.status) == ("what had come", "interrupted")
    assert found.completion.detail.endswith("What had come is kept.")
    assert found.completion.usage["total_tokens"] == 1_000
    assert found.completion.usage["estimated"] is True
    hold = Hold.objects.get()
    assert (hold.state, hold.charged_tokens, hold.source) == ("settled", 1_000, "bound")
    assert hold.charged_micro_usd == found.completion.cost_micro_usd > 0
    [(event, people)] = published
    assert (event["type"], event["message"]["content"]) == ("completion.finished", "what had come")
    assert people == conversation.member_ids()


def test_a_call_that_was_never_made_costs_nothing(conversation, question, ada, published):
    orphan = make_orphan(conversation, question, restarts=1)
    hold_for(orphan, ada, dispatched=False)
    Hold.objects.update(attempt=1)
    recovery.recover_expired()
    hold = Hold.objects.get()
    assert (reread(orphan).completion.usage, hold.state, hold.charged_tokens) == (
        None,
        "settled",
        0,
    )


def test_an_answer_that_is_renewed_is_left_alone(conversation, question):
    soon = timezone.now() + timedelta(minutes=1)
    living = make_running_answer(conversation, question, uuid4(), lease_until=soon)
    assert recovery.recover_expired() == 0
    assert reread(living).status == "queued"


def test_an_answer_of_which_nothing_was_shown_is_begun_again_once(
    conversation, question, ada, published
):
    orphan = make_orphan(conversation, question)
    hold_for(orphan, ada)
    assert recovery.recover_expired() == 1
    found = reread(orphan)
    assert (found.status, found.completion.lease_owner, found.completion.restarts) == (
        "queued",
        None,
        1,
    )
    [(event, _)] = published
    assert (event["type"], event["message"]["status"]) == ("message.updated", "queued")
    assert lease.unclaimed() == [found.completion.pk]
    assert booked() == [1_000]
    Completion.objects.filter(pk=found.completion.pk).update(
        lease_owner=uuid4(), lease_until=lease.LONG_AGO
    )
    assert recovery.recover_expired() == 1
    assert (reread(orphan).status, booked()) == ("interrupted", [1_000])


def test_a_call_that_was_made_just_before_its_hold_is_closed_is_booked(
    conversation, question, ada, published, monkeypatch
):
    orphan = make_orphan(conversation, question, "what had come")
    hold_for(orphan, ada, dispatched=False)
    end = lease.end

    def fenced_too(*given, **fields):
        spending.fence(orphan.completion.pk, 0)
        return end(*given, **fields)

    monkeypatch.setattr(lease, "end", fenced_too)
    assert recovery.recover_expired() == 1
    assert booked() == [1_000]


@pytest.mark.django_db(transaction=True)
def test_a_node_that_wakes_up_cannot_make_its_call_while_the_answer_is_ended(
    conversation, question, ada, published, monkeypatch
):
    orphan = make_orphan(conversation, question, "what had come")
    hold_for(orphan, ada, dispatched=False)
    end, refused = lease.end, []

    def woken(*given, **fields):
        refused.append(must_wait_to_fence(orphan))
        return end(*given, **fields)

    monkeypatch.setattr(lease, "end", woken)
    assert recovery.recover_expired() == 1
    assert refused == [True]
    found = reread(orphan).completion
    assert (found.usage, booked(), spending.fence(found.pk, 0)) == (None, [0], None)


def test_what_a_person_stopped_while_its_node_died_is_stopped(conversation, question, published):
    orphan = make_orphan(conversation, question, stop_requested=True)
    assert recovery.recover_expired() == 1
    assert reread(orphan).status == "stopped"


def test_the_old_owner_cannot_end_it_any_more(conversation, question, published):
    orphan = make_orphan(conversation, question, "what had come")
    owner = orphan.completion.lease_owner
    recovery.recover_expired()
    assert not lease.end(orphan.pk, owner=owner, state=State.COMPLETED)
    assert lease.ended_by(orphan.pk, lease.NODE)
    assert not lease.ended_by(orphan.pk, owner)


def test_a_node_that_has_just_started_takes_only_what_is_surely_left(
    conversation, question, published
):
    past = timezone.now() - timedelta(minutes=1)
    perhaps_living = make_running_answer(conversation, question, uuid4(), lease_until=past)
    left = make_orphan(conversation, question, "what had come")
    assert recovery.recover_expired(surely=True) == 1
    assert (reread(left).status, reread(perhaps_living).completion.restarts) == ("interrupted", 0)


def test_one_answer_that_cannot_be_recovered_does_not_keep_the_others(
    conversation, question, published, monkeypatch
):
    broken, other = (make_orphan(conversation, question, "some text") for _ in range(2))
    locked = lease.locked_if_expired

    def breaks(message_id):
        if message_id == broken.pk:
            raise KeyError("something that nobody has thought of")
        return locked(message_id)

    monkeypatch.setattr(lease, "locked_if_expired", breaks)
    assert recovery.recover_expired() == 1
    assert (reread(broken).status, reread(other).status) == ("streaming", "interrupted")


def test_a_server_alone_on_its_database_need_not_wait(conversation, question, published):
    soon = timezone.now() + timedelta(minutes=1)
    left = make_running_answer(conversation, question, uuid4(), lease_until=soon)
    assert (lease.expire_all(), recovery.recover_expired()) == (1, 1)
    assert reread(left).completion.lease_owner is None


@pytest.mark.django_db(transaction=True)
def test_a_row_that_a_frozen_node_holds_keeps_no_other_waiting(conversation, question, published):
    held, _ = (make_orphan(conversation, question, text) for text in ("held", "free"))
    with elsewhere() as frozen:
        frozen.execute("SELECT 1 FROM chat_message WHERE id = %s FOR UPDATE", [held.pk])
        began = time.monotonic()
        assert recovery.recover_expired() == 1
        assert time.monotonic() - began < 1
    assert recovery.recover_expired() == 1
