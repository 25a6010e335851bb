"""What the server processes of one workspace tell each other, through the channel layer and nothing else.

Everything goes to every process, in numbered batches: frames for sockets, and commands for whoever writes an answer.
A number that skips says that something was lost; a process with nothing to say counts on, so that the loss of a last
word is noticed too. What was lost is asked for anew by the pages, since nothing that is said here is the truth.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import uuid4

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

from webchat.threads import on_loop, spawn

log = structlog.get_logger(__name__)
GROUP = "nodes"
GATHER_SECONDS = 0.005  # what comes together goes together
BEAT_SECONDS = 2.0
DEAF_SECONDS = 3 * BEAT_SECONDS
WAITING = 20_000  # frames; the oldest give way
TROUBLE = (OSError, RuntimeError, RedisError)
Frame = tuple[list[str], str]
Command = dict[str, Any]


class Exchange:
    """One process's place among the others; lives on the server's loop.

    `hear(groups, frame)` gets what others say to sockets, `obey(command)` what they ask for, `heal()` is called when
    something was lost.
    """

    def __init__(
        self,
        *,
        hear: Callable[[list[str], str], Awaitable[None]],
        obey: Callable[[Command], Coroutine[Any, Any, None]],
        heal: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self.name = uuid4().hex
        self._hear, self._obey, self._heal = hear, obey, heal
        self._frames: deque[Frame] = deque(maxlen=WAITING)
        self._commands: deque[Command] = deque(maxlen=WAITING)
        self._something = asyncio.Event()
        self._number = 0
        self._numbers: dict[str, int] = {}  # the last batch of every process
        self._heard_itself = time.monotonic()

    def start(self) -> None:
        spawn(self._listen_for_ever())
        spawn(self._speak_for_ever())

    def put(self, frames: list[Frame], commands: list[Command]) -> None:
        if len(self._frames) + len(frames) > WAITING:
            self._number += 1  # a batch that nobody gets: they notice that something is lost
        self._frames.extend(frames)
        self._commands.extend(commands)
        self._something.set()

    def is_deaf(self) -> bool:
        """What this process said has not come back to it for a while."""
        return time.monotonic() - self._heard_itself > DEAF_SECONDS

    # Speaking ------------------------------------------------------------------------------------

    async def _speak_for_ever(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._something.wait(), BEAT_SECONDS)
                await asyncio.sleep(GATHER_SECONDS)
            except TimeoutError:
                pass
            await self._speak()

    async def _speak(self) -> None:
        self._something.clear()
        frames, commands = list(self._frames), list(self._commands)
        self._frames.clear()
        self._commands.clear()
        self._number += 1
        batch = {"node": self.name, "number": self._number, "frames": frames, "commands": commands}
        try:
            await get_channel_layer().group_send(GROUP, {"type": "node.batch", **batch})
        except TROUBLE as problem:
            log.warning("layer.failed", problem=type(problem).__name__)
            await asyncio.sleep(BEAT_SECONDS / 4)
        except Exception:
            log.exception("layer.refused")  # what cannot be packed is lost alone

    # Listening -----------------------------------------------------------------------------------

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                await self._listen()
            except TROUBLE as problem:
                log.warning("layer.away", problem=type(problem).__name__)
            except Exception:
                log.exception("layer.broke")
            await asyncio.sleep(BEAT_SECONDS / 4)

    async def _listen(self) -> None:
        """Until nothing is heard any more, not even itself: then the connections are made anew."""
        layer = get_channel_layer()
        await layer.flush()
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        spawn(self._heal())  # what was said before is not known
        while True:
            batch = await asyncio.wait_for(layer.receive(channel), DEAF_SECONDS)
            try:
                await self._take(batch)
            except Exception:
                log.exception("layer.not_understood")

    async def _take(self, batch: dict[str, Any]) -> None:
        self._note_number(batch["node"], batch["number"])
        if batch["node"] == self.name:
            self._heard_itself = time.monotonic()
            return
        for groups, frame in batch["frames"]:
            await self._hear(groups, frame)
        for command in batch["commands"]:
            spawn(self._obey(command))

    def _note_number(self, node: str, number: int) -> None:
        before = self._numbers.get(node)
        self._numbers[node] = number
        if before is not None and number != before + 1:
            log.warning("layer.lost", node=node, batches=number - before - 1)
            spawn(self._heal())


_here: dict[str, Exchange] = {}


def join(
    *,
    hear: Callable[[list[str], str], Awaitable[None]],
    obey: Callable[[Command], Coroutine[Any, Any, None]],
    heal: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    """Take this process's place, on the server's loop; without REDIS_URL there are no others."""
    if settings.REDIS_URL:
        _here["exchange"] = Exchange(hear=hear, obey=obey, heal=heal)
        _here["exchange"].start()


def pass_on(groups: list[str], frame: str) -> None:
    """Say it to the sockets of the other processes; on the server's loop."""
    if exchange := _here.get("exchange"):
        exchange.put([(groups, frame)], [])


def command(do: str, **fields: Any) -> None:
    """Ask whoever it concerns; from any thread. Fields are strings and numbers, in lists and dicts or not."""
    on_loop(_command, {"do": do, **fields})


async def _command(asked: Command) -> None:
    if exchange := _here.get("exchange"):
        exchange.put([], [asked])


def are_reachable() -> bool:
    """Whether the layer works, as far as this process can tell."""
    exchange = _here.get("exchange")
    return exchange is None or not exchange.is_deaf()
