"""What follows a commit may fail without a word to whoever has written."""

import pytest
from django.db import transaction

from webchat.commits import after_commit

pytestmark = pytest.mark.django_db(transaction=True)


def break_down(done):
    done.append("broke")
    raise KeyError("something that nobody has thought of")


def test_what_fails_after_the_commit_is_logged_and_keeps_nothing_else(caplog):
    done = []
    with transaction.atomic():
        after_commit(break_down, done)
        after_commit(done.append, "next")
        assert done == []
    assert done == ["broke", "next"]
    assert "something that nobody has thought of" in caplog.text


def test_outside_a_transaction_it_is_done_at_once(caplog):
    done = []
    after_commit(break_down, done)
    after_commit(done.append, "next")
    assert done == ["broke", "next"]
