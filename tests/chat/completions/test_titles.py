"""Who pays for a title: whoever had the answer made after which it is asked for, and nobody else."""

import asyncio

import pytest

from accounts.models import LedgerEntry
from accounts.services import budgets
from accounts.services.budgets import Limit
from chat.completions.titles import suggest_title
from chat.models import Member, Message
from chat.services.answers import answer_again
from tests.chat.completions.conftest import ended
from tests.chat.services.conftest import send
from tests.factories import make_conversation, make_user
from webchat.threads import in_thread


@pytest.fixture
def talk(ada, ben, transactional_db):
    """Ada has said something to Ben, and nothing to the model."""
    conversation = make_conversation(ada, answering="addressed")
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    send(ada, conversation, content="What is a lease?")
    return conversation


def block(person):
    budgets.limit_person(person, Limit("month", 0, None), by=make_user(is_staff=True))


def payers():
    return list(LedgerEntry.objects.filter(purpose="title").values_list("user_id", flat=True))


def have_answered(conversation, ben):
    question = Message.objects.get(conversation=conversation)
    return answer_again(question.pk, by=ben, model=None, parameters=None, answer_id=None)


async def titled(conversation):
    async with asyncio.timeout(5):
        while True:
            await in_thread(conversation.refresh_from_db)()
            if conversation.title:
                return conversation.title
            await asyncio.sleep(0.02)


async def test_who_has_somebody_elses_message_answered_pays_for_the_title(upstream, talk, ada, ben):
    await in_thread(block)(ada)
    answer = await ended(await in_thread(have_answered)(talk, ben))
    assert answer.status == "completed"
    assert await titled(talk) == "What is a lease"  # the model leaves the question mark out
    assert await in_thread(payers)() == [ben.pk]


async def test_who_may_not_spend_gets_the_first_words(upstream, talk, ada, ben):
    answer = await in_thread(have_answered)(talk, ben)
    await in_thread(block)(ben)
    await suggest_title(answer.completion)
    assert await titled(talk) == "What is a lease?"
    await ended(answer)
    assert await in_thread(payers)() == []
