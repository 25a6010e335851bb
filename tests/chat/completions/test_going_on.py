"""Answers that go on from one that broke off."""

from chat.completions.prompt import GO_ON
from chat.services.answers import continue_answer
from tests.chat.completions.conftest import ended
from tests.factories import make_message
from webchat.threads import in_thread


async def test_a_continued_answer_begins_with_what_was_kept_and_only_the_new_is_paid_for(
    upstream, conversation, ada, deltas
):
    broken = await in_thread(make_broken)(conversation, ada)
    made = await in_thread(continue_answer)(
        broken.pk, by=ada, model=None, parameters=None, answer_id=None
    )
    answer = await ended(made)
    assert answer.status == "completed"
    assert answer.content == "Half an answ" + "".join(delta["text"] for delta in deltas)
    assert deltas[0]["offset"] == len("Half an answ")
    asked = next(call.request for call in upstream.calls if call.request["stream"])
    assert [(one["role"], one["content"]) for one in asked["messages"][-2:]] == [
        ("assistant", "Half an answ"),
        ("user", GO_ON),
    ]
    assert not answer.completion.usage["estimated"]


async def test_what_was_kept_stays_when_going_on_fails(upstream, conversation, ada, quick):
    broken = await in_thread(make_broken)(conversation, ada, "!script status code=400")
    answer = await ended(
        await in_thread(continue_answer)(
            broken.pk, by=ada, model=None, parameters=None, answer_id=None
        )
    )
    assert (answer.status, answer.completion.code) == ("truncated", "bad_request")
    assert (answer.content, answer.completion.usage) == ("Half an answ", None)


async def test_a_continued_answer_with_nothing_left_to_say_is_complete(
    upstream, conversation, ada, quick
):
    broken = await in_thread(make_broken)(conversation, ada, "!script empty times=9")
    answer = await ended(
        await in_thread(continue_answer)(
            broken.pk, by=ada, model=None, parameters=None, answer_id=None
        )
    )
    assert (answer.status, answer.content, answer.completion.code) == (
        "completed",
        "Half an answ",
        "",
    )


def make_broken(conversation, ada, question="What is a lease?"):
    asked = make_message(conversation, ada, content=question)
    return make_message(conversation, parent=asked, content="Half an answ", status="interrupted")
