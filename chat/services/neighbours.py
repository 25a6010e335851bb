"""This process's place among the server processes of the workspace: what it does when another one asks."""

from collections.abc import Awaitable, Callable

from chat import events, nodes
from chat.completions import runner
from chat.services import presence
from chat.services.sockets import SocketSessions
from webchat.threads import spawn

OBEYS: dict[str, Callable[..., Awaitable[None]]] = {
    "end": runner.end_for_others,
    "tell": runner.tell_others,
    "look": SocketSessions.look,
    "presence.changed": presence.hear_changed,
    "presence.all": presence.hear_all,
    "presence.asked": presence.answer,
    "typing": presence.tell_typing,
    "dismiss": presence.dismiss_here,
}


def join() -> None:
    """Called once, on the server's loop."""
    nodes.join(hear=events.tell_here, obey=_obey, heal=_heal)
    spawn(presence.beat_for_ever())


async def _heal() -> None:
    await presence.compare()
    await events.heal_here()


async def _obey(command: nodes.Command) -> None:
    fields = {name: value for name, value in command.items() if name != "do"}
    await OBEYS[command["do"]](**fields)
