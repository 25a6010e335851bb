"""Performs a reply step by step."""

import asyncio
from collections.abc import Iterable

from chat.evolink.simulator.http import Outlet
from chat.evolink.simulator.metronome import Metronome
from chat.evolink.simulator.replies import Act, Reply, Step


async def play(reply: Reply, outlet: Outlet, metronome: Metronome) -> str:
    """Send it; returns how it ended: "finished", "reset" or "cut"."""
    if reply.has_head:
        outlet.head()
    ended = await _perform(reply.steps, outlet)
    if reply.beat and not ended:
        await metronome.play(outlet.send, reply.beat.chunks, reply.beat.rate)
    ended = ended or await _perform(reply.last, outlet)
    if not ended:
        await outlet.finish()
    return ended or "finished"


async def _perform(steps: Iterable[Step], outlet: Outlet) -> str:
    for step in steps:
        if isinstance(step, Act):
            return await _act(step, outlet)
        if isinstance(step, bytes):
            await outlet.send_sliced(step)
        else:
            await asyncio.sleep(step)
    return ""


async def _act(act: Act, outlet: Outlet) -> str:
    if act is Act.HANG:
        await asyncio.get_running_loop().create_future()
    if act is Act.RESET:
        outlet.reset()
    return act.value
