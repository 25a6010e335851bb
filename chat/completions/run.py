"""One answer being written: reads the upstream, feeds the relay, and stores the end."""

import asyncio
import contextlib
import time
from uuid import UUID

import structlog
from django.db import OperationalError
from msgspec import structs

from chat import events
from chat.completions import finish, lease, prompt
from chat.completions.relay import Relay
from chat.evolink import client
from chat.evolink.pieces import Ending, Piece, Thought, Waiting
from chat.evolink.wire import ChatRequest
from chat.models import Completion
from webchat import metrics
from webchat.threads import in_thread

log = structlog.get_logger(__name__)
SAVE_FOR_SECONDS = 30
BROKEN = Ending(
    state="failed",
    code="internal_error",
    detail="Something went wrong on our side. Try again; it has been logged.",
)
CUT_BY_US = Ending(state="truncated")  # read no further: the state is said beside it


class Run:
    """`end_early` breaks the reading off; the storing of the end is never cancelled."""

    def __init__(self, completion: Completion, request: ChatRequest, left_out: int) -> None:
        self.completion_id = completion.pk
        self.message_id: UUID = completion.message_id
        self.conversation_id: UUID = completion.message.conversation_id
        self.requested_by: UUID | None = completion.requested_by_id
        self.relay = Relay(self.message_id, self.conversation_id)
        self.request = request
        self.left_out = left_out
        self.thoughts: list[str] = []
        self.done = asyncio.Event()
        self.began = time.monotonic()
        self._reading: asyncio.Task[Ending] | None = None
        self._early = ""

    @classmethod
    def claimed(cls, completion_id: UUID) -> "Run | None":
        """Take the lease of what nobody runs; None if somebody was quicker."""
        if not lease.claim(completion_id):
            return None
        rows = Completion.objects.select_related("message__conversation")
        return cls.of(rows.get(pk=completion_id))

    @classmethod
    def of(cls, completion: Completion) -> "Run":
        """Build the prompt of an answer that is ours to write."""
        built = prompt.build(completion)
        return cls(completion, built.request, built.left_out)

    def end_early(self, why: str) -> None:
        """`why`: stopped (a person), interrupted (this node leaves), abandoned or lost (store nothing)."""
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
            log.exception("completion.broke", completion=str(self.completion_id))
            return structs.replace(BROKEN, state="truncated" if self.relay.text else "failed")

    async def _read(self) -> Ending:
        async with contextlib.aclosing(client.stream(self.request)) as stream:
            async for event in stream:
                if isinstance(event, Ending):
                    return event
                await self._take(event)
        return BROKEN

    async def _take(self, event: Piece | Thought | Waiting) -> None:
        if isinstance(event, Piece):
            self._note_first_piece()
            self.relay.add(event.text)
        elif isinstance(event, Thought):
            self.thoughts.append(event.text)
        else:
            waiting = events.completion_waiting(self.message_id, event.seconds)
            await events.tell_viewers(self.conversation_id, waiting)

    def _note_first_piece(self) -> None:
        if not self.relay.has_text:
            metrics.FIRST_PIECE.observe(time.monotonic() - self.began)

    async def _store(self, ending: Ending) -> "finish.Finished | None":
        state = self._early if ending is CUT_BY_US else ending.state
        metrics.ENDED.labels(state).inc()
        end = finish.End(
            message_id=self.message_id,
            completion_id=self.completion_id,
            payer_id=self.requested_by,
            model=self.request.model,
            prompt_bytes=_bytes_in(self.request),
            text=self.relay.text,
            reasoning="".join(self.thoughts),
            left_out=self.left_out,
            state=state,
            ending=ending,
        )
        return await _until_stored(end)


def _bytes_in(request: ChatRequest) -> int:
    return sum(len(str(message.content).encode()) for message in request.messages)


async def _until_stored(end: finish.End) -> "finish.Finished | None":
    """PostgreSQL may be restarting: the text is kept in memory and tried again for half a minute."""
    deadline = time.monotonic() + SAVE_FOR_SECONDS
    while True:
        try:
            return await in_thread(finish.store)(end)
        except OperationalError as problem:
            if time.monotonic() > deadline:
                raise
            log.warning(
                "completion.save_delayed",
                message=str(end.message_id),
                problem=type(problem).__name__,
            )
            await asyncio.sleep(1)
