"""Answers from the question to the final state, against an upstream over real HTTP."""

import asyncio
import time

import pytest
from django.db import OperationalError

from chat.completions import finish, heart, lease, runner
from chat.models import Completion, Conversation, Message
from chat.services.answers import stop_answer
from chat.services.conversations import delete_conversation
from tests.chat.completions.conftest import ask, ended, until
from webchat.threads import in_thread


async def test_an_answer_is_streamed_stored_and_accounted_for(upstream, conversation, ada, deltas):
    answer = await ended(await ask(conversation, ada, "What is a lease?"))
    completion = answer.completion
    assert (answer.status, completion.state, completion.finish_reason) == (
        "completed",
        "completed",
        "stop",
    )
    assert "".join(delta["text"] for delta in deltas) == answer.content
    assert len(deltas) > 5
    assert completion.usage["prompt_tokens"] > 0
    assert not completion.usage["estimated"]
    assert completion.cost_micro_usd > 0
    assert len([call for call in upstream.calls if call.request["stream"]]) == 1


async def test_the_stored_text_is_the_upstreams_to_the_byte(upstream, conversation, ada):
    answer = await ended(await ask(conversation, ada, "!script steady chunks=50 rate=500 size=7"))
    assert len(answer.content) == 350


async def test_twenty_identical_posts_make_one_answer_and_one_call(upstream, conversation, ada):
    from uuid import uuid4

    from chat.services.messages import Posting, post_message

    posting = Posting(id=uuid4(), parent=None, content="!script steady chunks=5 rate=100 size=3")
    posts = (
        in_thread(post_message)(conversation.pk, author=ada, posting=posting) for _ in range(20)
    )
    posted = await asyncio.gather(*posts)
    assert len({(one.message.pk, one.answer.pk) for one in posted}) == 1
    await ended(posted[0].answer)
    assert await in_thread(Completion.objects.count)() == 1
    assert len([call for call in upstream.calls if call.request["stream"]]) == 1


async def test_stop_keeps_the_text_and_closes_the_upstream_within_a_second(
    upstream, conversation, ada
):
    answer = await ask(conversation, ada, "!script steady chunks=5000 rate=50 size=5")
    await until(lambda: runner.text_of(answer.pk))
    asked = time.time()
    await in_thread(stop_answer)(answer.pk, by=ada)
    stopped = await ended(answer)
    assert (stopped.status, stopped.completion.usage["estimated"]) == ("stopped", True)
    assert stopped.content
    [call] = await until(lambda: [call for call in upstream.calls if call.closed_at])
    assert (call.ended, call.closed_at - asked < 1) == ("left", True)


async def test_stop_is_heard_by_the_heartbeat_when_the_call_is_lost(upstream, conversation, ada):
    answer = await ask(conversation, ada, "!script steady chunks=5000 rate=50 size=5")
    await until(lambda: runner.text_of(answer.pk))
    await in_thread(lease.request_stop)(answer.pk)
    await heart.renew()
    assert (await ended(answer)).status == "stopped"


async def test_deleting_the_conversation_ends_the_answer(upstream, conversation, ada):
    answer = await ask(conversation, ada, "!script steady chunks=5000 rate=50 size=5")
    await until(lambda: runner.text_of(answer.pk))
    await in_thread(delete_conversation)(conversation.pk, by=ada)
    await until(lambda: not heart.running)
    assert not await in_thread(Message.objects.filter(pk=answer.pk).exists)()
    await until(lambda: upstream.calls[0].ended == "left")


async def test_the_text_so_far_is_saved_while_the_answer_is_written(upstream, conversation, ada):
    answer = await ask(conversation, ada, "!script steady chunks=5000 rate=100 size=5")
    await until(lambda: len(runner.text_of(answer.pk) or "") > 20)
    await heart.save()
    saved = await in_thread(Message.objects.get)(pk=answer.pk)
    assert (saved.status, len(saved.content) > 20) == ("streaming", True)
    await in_thread(stop_answer)(answer.pk, by=ada)
    await ended(answer)


async def test_the_first_words_are_saved_at_once_so_that_nobody_begins_them_again(
    upstream, conversation, ada, monkeypatch
):
    monkeypatch.setattr(heart, "SAVE_SECONDS", 8.0)
    await heart.beat_for_ever(runner.take)
    answer = await ask(conversation, ada, "!script steady chunks=5000 rate=100 size=5")
    await until(lambda: runner.text_of(answer.pk))
    streaming = in_thread(Completion.objects.filter(message=answer, state="streaming").exists)
    shown = time.monotonic()
    while not await streaming():
        assert time.monotonic() - shown < 4
        await asyncio.sleep(0.02)
    await in_thread(stop_answer)(answer.pk, by=ada)
    await ended(answer)


async def test_who_has_lost_the_lease_writes_nothing_more(upstream, conversation, ada):
    answer = await ask(conversation, ada, "!script steady chunks=5000 rate=100 size=5")
    await until(lambda: runner.text_of(answer.pk))
    await in_thread(Completion.objects.filter(message=answer).update)(state="interrupted")
    await in_thread(Message.objects.filter(pk=answer.pk).update)(
        status="interrupted", content="theirs"
    )
    await heart.renew()
    await until(lambda: not heart.running)
    kept = await in_thread(Message.objects.get)(pk=answer.pk)
    assert (kept.status, kept.content) == ("interrupted", "theirs")


async def test_draining_interrupts_what_does_not_end_in_time(
    upstream, conversation, ada, monkeypatch
):
    monkeypatch.setitem(runner._state, "draining", False)
    answer = await ask(conversation, ada, "!script steady chunks=5000 rate=100 size=5")
    await until(lambda: runner.text_of(answer.pk))
    await runner.drain(0.1)
    interrupted = await ended(answer)
    assert (interrupted.status, bool(interrupted.content)) == ("interrupted", True)


async def test_a_title_is_made_after_the_first_answer(upstream, conversation, ada):
    await in_thread(Conversation.objects.filter(pk=conversation.pk).update)(title="")
    await ended(await ask(conversation, ada, "What is a lease?"))
    titled = in_thread(Conversation.objects.filter(pk=conversation.pk).exclude(title="").first)
    deadline = time.monotonic() + 5
    while not (found := await titled()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    assert (found.title, found.titled_by_hand) == ("What is a lease", False)
    assert [call.request["model"] for call in upstream.calls][-1] == "gemini-3.1-flash-lite-preview"


async def test_a_title_given_by_hand_stays(upstream, conversation, ada):
    await in_thread(Conversation.objects.filter(pk=conversation.pk).update)(
        title="", titled_by_hand=True
    )
    await ended(await ask(conversation, ada, "What is a lease?"))
    assert len(upstream.calls) == 1


@pytest.mark.parametrize(
    ("script", "status", "code"),
    [
        ("breaks how=reset after=text", "truncated", "reset"),
        ("breaks how=cut after=text", "truncated", "reset"),
        ("breaks how=hang after=text", "truncated", "stall"),
        ("error after=text", "truncated", "upstream_error"),
        ("error after=head status=400 times=9", "failed", "bad_request"),
        ("malformed", "truncated", "protocol"),
        ("page", "failed", "protocol"),
        ("status code=400", "failed", "bad_request"),
        ("status code=401", "failed", "upstream_auth"),
        ("status code=402", "failed", "upstream_quota"),
        ("status code=404", "failed", "model_gone"),
    ],
)
async def test_every_fault_ends_in_its_state_with_the_text_kept(
    upstream, conversation, ada, quick, script, status, code
):
    answer = await ended(await ask(conversation, ada, f"!script {script}"))
    completion = answer.completion
    assert (answer.status, completion.state, completion.code) == (status, status, code)
    assert bool(answer.content) == (status == "truncated")
    assert completion.detail.endswith(".")


async def test_draining_gives_back_an_answer_of_which_nothing_was_shown(
    upstream, conversation, ada, monkeypatch
):
    monkeypatch.setitem(runner._state, "draining", False)
    answer = await ask(conversation, ada, "!script breaks how=hang after=head times=1")
    await until(lambda: upstream.calls)
    await runner.drain(0.1)
    await until(lambda: not heart.running)
    waiting = await in_thread(Completion.objects.get)(message=answer)
    assert (waiting.state, waiting.lease_owner, waiting.restarts) == ("queued", None, 1)
    monkeypatch.setitem(runner._state, "draining", False)
    await runner.take(waiting.pk)
    assert (await ended(answer, 20)).completion.restarts == 1


async def test_an_answer_goes_on_in_memory_for_a_while_without_a_database(
    upstream, conversation, ada, monkeypatch
):
    answer = await ask(conversation, ada, "!script steady chunks=5000 rate=100 size=5")
    await until(lambda: runner.text_of(answer.pk))
    away = lambda *_: (_ for _ in ()).throw(OperationalError("away"))  # noqa: E731
    monkeypatch.setattr(lease, "renew", away)
    monkeypatch.setitem(heart._last, "renewal", time.monotonic())
    for seconds, still_runs in ((heart.AWAY_SECONDS, True), (0, False)):
        monkeypatch.setattr(heart, "AWAY_SECONDS", seconds)
        with pytest.raises(OperationalError):
            await heart.renew()
        assert (answer.pk in heart.running and not heart.running[answer.pk]._early) == still_runs
    kept = await ended(answer)
    assert (kept.status, bool(kept.content)) == ("interrupted", True)


async def test_an_end_whose_commit_was_not_confirmed_counts_as_ours(
    upstream, conversation, ada, monkeypatch
):
    store, tries = finish.store, []

    def loses_its_answer(end):
        finished = store(end)
        tries.append(finished)
        if len(tries) == 1:
            raise OperationalError("the connection was lost after the commit")
        return finished

    settled = []
    monkeypatch.setattr(finish, "store", loses_its_answer)
    monkeypatch.setattr(finish, "settle", settled.append)
    answer = await ended(await ask(conversation, ada, "!script steady chunks=3 rate=100 size=5"))
    assert (answer.status, len(tries), len(settled)) == ("completed", 2, 1)
