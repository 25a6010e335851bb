"""Runs answers: a task of this node for each, which belongs to no request and no socket.

`start`, `stop` and `abandon` may be called from any thread, after commit. What they ask for is also in PostgreSQL, so
that a call which is lost is made up for by the next heartbeat.
"""

import asyncio
from contextlib import suppress
from uuid import UUID

import structlog

from chat import events, nodes
from chat.completions import heart
from chat.completions.prompt import Prompt
from chat.completions.relay import from_utf16_offset
from chat.completions.run import Run
from chat.completions.titles import suggest_title
from chat.models import Completion
from webchat.threads import in_thread, on_loop, spawn

log = structlog.get_logger(__name__)
STORE_SECONDS = 10.0
_state = {"draining": False}


def begin() -> None:
    """Start this node's heartbeat; called once, when the server's loop runs."""
    on_loop(heart.beat_for_ever, take)


def is_draining() -> bool:
    return _state["draining"]


def running_here() -> int:
    """How many answers this node is writing."""
    return len(heart.running)


def start(completion: Completion, prompt: Prompt) -> None:
    """Run an answer that this node has just stored, and owns since then."""
    on_loop(_run_stored, completion, prompt)


def stop(message_id: UUID) -> None:
    _end_wherever_it_runs(message_id, "stopped")


def abandon(message_id: UUID) -> None:
    """The conversation is gone: break the answer off and store nothing."""
    _end_wherever_it_runs(message_id, "abandoned")


def _end_wherever_it_runs(message_id: UUID, why: str) -> None:
    on_loop(_end_early, message_id, why)
    nodes.command("end", message=str(message_id), why=why)


def ask_for_text(message_id: UUID, offset: int, group: str) -> None:
    """Have the node that writes an answer tell one socket what comes after `offset`: it knows more than is saved."""
    nodes.command("tell", message=str(message_id), offset=offset, group=group)


def text_of(message_id: UUID) -> str | None:
    """All that has come for an answer which this node is writing; None if it is not."""
    run = heart.running.get(message_id)
    return run.relay.text if run else None


async def take(completion_id: UUID) -> None:
    """Run an answer that nobody has claimed, unless another node is quicker."""
    if is_draining():
        return
    if run := await in_thread(Run.claimed)(completion_id, on_first_piece=heart.shown_first):
        await _to_the_end(run)


async def _run_stored(completion: Completion, prompt: Prompt) -> None:
    await _to_the_end(Run(completion, prompt, on_first_piece=heart.shown_first))


async def _to_the_end(run: Run) -> None:
    """Write one answer from the first word to its final state."""
    heart.running[run.message_id] = run
    try:
        finished = await run.to_the_end()
    finally:
        heart.running.pop(run.message_id, None)
    if finished and finished.wants_title:
        spawn(suggest_title(run.completion))


async def end_for_others(message: str, why: str) -> None:
    """Another node's wish; most answers run elsewhere."""
    await _end_early(UUID(message), why)


async def tell_others(message: str, offset: int, group: str) -> None:
    """What a socket of another node lacks of an answer, if it is written here."""
    if (text := text_of(UUID(message))) is not None:
        missing = from_utf16_offset(text, offset)
        await events.answer_socket(group, events.completion_delta(UUID(message), offset, missing))


async def _end_early(message_id: UUID, why: str) -> None:
    if found := heart.running.get(message_id):
        found.end_early(why)


def refuse_new() -> None:
    """From now on answers are begun by other nodes, or by the next server."""
    _state["draining"] = True


async def drain(grace_seconds: float) -> None:
    """Let the running answers finish, then mark the rest `interrupted`."""
    refuse_new()
    await _ended(grace_seconds)
    rest = list(heart.running.values())
    for run in rest:
        run.end_early("interrupted")
    await _ended(STORE_SECONDS)
    log.info("runner.drained", interrupted=len(rest))


async def _ended(seconds: float) -> None:
    """Wait until nothing runs here, so long and no longer; a request under way may still begin an answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while runs := list(heart.running.values()):
                await asyncio.gather(*(run.done.wait() for run in runs))
                await asyncio.sleep(0)
