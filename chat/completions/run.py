"""One answer being written: reads the upstream, feeds the relay, and stores the end."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import structlog
from django.db import InterfaceError, InternalError, OperationalError
from msgspec import structs

from accounts.services.spending import Hold
from chat import events
from chat.completions import calling, finish, lease, line, prompt
from chat.completions.prompt import Prompt
from chat.completions.relay import Relay
from chat.evolink.pieces import Ending, Piece, Thought, Waiting
from chat.models import Completion
from chat.models.message import LENGTH_LIMITS
from webchat import metrics
from webchat.errors import ChatError
from webchat.threads import in_thread

log = structlog.get_logger(__name__)
PATIENCE_SECONDS = 600
AWAY = (OperationalError, InterfaceError, InternalError)  # restarting, read-only, or hung up on us
P = ParamSpec("P")
T = TypeVar("T")
BROKEN = Ending(
    state="failed",
    code="internal_error",
    detail="Something went wrong on our side. Try again; it has been logged.",
)
UNHELD = Ending(
    state="failed",
    code="not_held",
    detail="This answer waited too long to begin, so its budget was given back. Try again.",
)
CUT_BY_US = Ending(state="truncated")  # read no further: the state is said beside it


class Run:
    """`end_early` breaks the reading off; the storing of the end is never cancelled."""

    def __init__(
        self,
        completion: Completion,
        prompt: Prompt | None = None,
        *,
        on_first_piece: Callable[[], None],
    ) -> None:
        self.completion = completion
        self.prompt = prompt
        self.hold: Hold | None = None
        self._on_first_piece = on_first_piece
        self.message_id: UUID = completion.message_id
        self.conversation_id: UUID = completion.message.conversation_id
        self.kept: str = completion.message.content  # of the answer that this one goes on from
        self.relay = Relay(self.message_id, self.conversation_id, kept=self.kept)
        self.thoughts: list[str] = []
        self.done = asyncio.Event()
        self.began = time.monotonic()
        self._reading: asyncio.Task[Ending] | None = None
        self._early = ""

    @classmethod
    def claimed(cls, completion_id: UUID, *, on_first_piece: Callable[[], None]) -> "Run | None":
        """Take the lease of what nobody runs; None if somebody was quicker."""
        if not lease.claim(completion_id):
            return None
        rows = Completion.objects.select_related("message__conversation", "requested_by")
        run = cls(rows.get(pk=completion_id), on_first_piece=on_first_piece)
        if run.completion.waits_for_id:
            line.tell_begun(run.completion)
        if run.completion.stop_requested or not line.may_begin(run.completion):
            run.end_early("stopped")
        return run

    def end_early(self, why: str) -> None:
        """`why`: stopped (a person), interrupted (this node leaves), abandoned (the conversation is gone),
        lost (another node has taken it)."""
        self._early = self._early or why
        if self._reading is not None:
            self._reading.cancel()

    async def to_the_end(self) -> "finish.Finished | None":
        metrics.RUNNING.inc()
        try:
            ending = await self._read_until_it_ends()
            await self.relay.close()
            return await self._store(ending)
        finally:
            metrics.RUNNING.dec()
            self.done.set()

    async def _read_until_it_ends(self) -> Ending:
        self._reading = asyncio.create_task(self._read())
        if self._early:
            self._reading.cancel()
        try:
            return await self._reading
        except asyncio.CancelledError:
            if not self._early:
                raise
            return CUT_BY_US
        except Exception:
            log.exception("completion.broke", completion=str(self.completion.pk))
            return structs.replace(BROKEN, state="truncated" if self.relay.has_news else "failed")

    async def _read(self) -> Ending:
        if self.prompt is None:
            self.prompt = await _patiently(in_thread(prompt.build_late), self.completion, self.kept)
        if self.prompt is None:
            self._early = self._early or "stopped"
            return CUT_BY_US
        return await self._call(self.prompt)

    async def _call(self, built: Prompt) -> Ending:
        try:
            self.hold = await _patiently(in_thread(calling.held), self.completion, built)
        except ChatError as refusal:
            return Ending(state="failed", code=refusal.code, detail=refusal.detail)
        if self.hold is None:
            return UNHELD
        async with contextlib.aclosing(calling.stream(built, self.hold)) as stream:
            async for event in stream:
                if isinstance(event, Ending):
                    return event
                await self._take(event)
        return BROKEN

    async def _take(self, event: Piece | Thought | Waiting) -> None:
        if isinstance(event, Piece):
            is_first = not self.relay.has_news
            self.relay.add(event.text)
            if is_first:
                metrics.FIRST_PIECE.observe(time.monotonic() - self.began)
                self._on_first_piece()
        elif isinstance(event, Thought):
            self.thoughts.append(event.text)
        else:
            waiting = events.completion_waiting(self.message_id, event.seconds)
            await events.tell_viewers(self.conversation_id, waiting)

    async def _store(self, ending: Ending) -> "finish.Finished | None":
        ending = self._with_what_was_kept(ending)
        state = self._state(ending)
        metrics.ENDED.labels(state).inc()
        if state == "lost" and not await _patiently(in_thread(lease.is_gone), self.message_id):
            return None
        if state == "interrupted" and await self._given_back():
            return None
        end = self._end(ending, state)
        finished = await _patiently(in_thread(finish.store), end)
        if finished and not finished.is_stored:
            await _patiently(in_thread(finish.settle), end)
        return finished if finished and finished.is_stored else None

    def _state(self, ending: Ending) -> str:
        return self._early if ending is CUT_BY_US else ending.state

    def _with_what_was_kept(self, ending: Ending) -> Ending:
        """It is content too: with it nothing fails. What had nothing more to say is complete, the rest is cut off."""
        if ending.state != "failed" or not self.kept:
            return ending
        if ending.code == "empty_answer" and ending.finish_reason not in LENGTH_LIMITS:
            return structs.replace(ending, state="completed", code="", detail="")
        return structs.replace(ending, state="truncated")

    async def _given_back(self) -> bool:
        """This node leaves, and nothing was shown: another begins it again, once, with a call of its own."""
        if self.relay.has_news or self.completion.restarts:
            return False
        if not await _patiently(in_thread(lease.release), self.message_id, owner=lease.NODE):
            return False
        await _patiently(in_thread(finish.settle), self._end(CUT_BY_US, "interrupted"))
        return True

    def _end(self, ending: Ending, state: str) -> finish.End:
        text = self.relay.text
        return finish.End(
            message_id=self.message_id,
            completion=self.completion,
            prompt=self.prompt,
            hold=self.hold,
            seconds=time.monotonic() - self.began,
            text=text,
            written=text[len(self.kept) :],
            reasoning="".join(self.thoughts),
            state=state,
            ending=ending,
        )


async def _patiently(
    act: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """PostgreSQL may be restarting: what is in memory is kept, and tried again until the row is found to be lost."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await act(*args, **kwargs)
        except AWAY as problem:
            if time.monotonic() > deadline:
                raise
            log.warning("completion.database_away", problem=type(problem).__name__)
            await asyncio.sleep(1)
