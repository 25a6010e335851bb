"""An answer that begins later than it was asked for, and whose question is deleted before it does: nobody is called."""

import pytest

from accounts.models import Hold, LedgerEntry
from chat.completions import lease, line, runner
from chat.completions.run import Run
from chat.models import Completion, Message
from chat.services.messages import delete_message
from tests.chat.completions.conftest import ended
from tests.factories import make_message, make_running_answer
from webchat.threads import in_thread


@pytest.fixture
def restarted(conversation, ada, transactional_db):
    """An answer below another turn, which its node gave back before anything was shown."""
    above = make_message(conversation, parent=make_message(conversation, ada))
    question = make_message(conversation, ada, parent=above)
    answer = make_running_answer(conversation, question, restarts=1, requested_by=ada)
    return answer.completion


def delete_question(completion):
    question = Message.objects.get(children__completion=completion)
    delete_message(question.pk, by=question.author)


def test_what_nobody_asks_any_more_may_not_begin(restarted):
    assert line.may_begin(restarted)
    delete_question(restarted)
    assert not line.may_begin(Completion.objects.get(pk=restarted.pk))


@pytest.mark.parametrize("waits", [False, True])
async def test_a_question_that_is_deleted_after_the_claim_is_not_paid_for(
    upstream, conversation, ada, restarted, waits
):
    if waits:
        await in_thread(_put_in_line)(restarted)
    run = await in_thread(Run.claimed)(restarted.pk, on_first_piece=lambda: None)
    await in_thread(delete_question)(restarted)
    await run.to_the_end()
    answer = await ended(restarted.message)
    assert (answer.status, answer.completion.detail) == ("stopped", "Stopped.")
    assert upstream.calls == []
    assert not await in_thread(Hold.objects.exists)()
    assert not await in_thread(LedgerEntry.objects.exists)()


def _put_in_line(completion):
    """Its turn has come: what stood above has ended."""
    above = Message.objects.get(children__children__completion=completion)
    Completion.objects.filter(pk=completion.pk).update(waits_for=above, restarts=0)


async def test_one_that_is_found_without_its_question_ends(upstream, restarted):
    await in_thread(delete_question)(restarted)
    assert await in_thread(lease.unclaimed)() == [restarted.pk]
    await runner.take(restarted.pk)
    assert (await ended(restarted.message)).status == "stopped"
    assert upstream.calls == []
