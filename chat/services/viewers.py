"""Who has which conversation on screen: the sockets of this process, and the people that other nodes have told of."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from accounts.models import User
from chat import events

SILENT_SECONDS = 25.0  # who has said nothing for so long is gone
People = frozenset[UUID]


class Viewer(events.Socket, Protocol):
    """A socket. `open` says of each conversation on its screen whether the person can write there; `typed` when it was
    last told that they do (seconds of the monotonic clock)."""

    user: User
    user_id: UUID
    open: dict[UUID, bool]
    typed: dict[UUID, float]


@dataclass
class Elsewhere:
    """What one other node has said of its sockets."""

    heard_at: float = 0.0
    people: dict[UUID, People] = field(default_factory=dict)


class Viewers:
    def __init__(self) -> None:
        self._here: defaultdict[UUID, set[Viewer]] = defaultdict(set)
        self._elsewhere: dict[str, Elsewhere] = {}

    def add(self, socket: Viewer, conversation_id: UUID) -> None:
        self._here[conversation_id].add(socket)

    def remove(self, socket: Viewer, conversation_id: UUID) -> None:
        self._here[conversation_id].discard(socket)
        if not self._here[conversation_id]:
            del self._here[conversation_id]

    def sockets(self, conversation_id: UUID) -> list[Viewer]:
        return list(self._here.get(conversation_id, ()))

    def people_here(self, conversation_id: UUID) -> People:
        return frozenset(socket.user_id for socket in self._here.get(conversation_id, ()))

    def people(self, conversation_id: UUID) -> People:
        """On all nodes; who is on several is there once."""
        told = (node.people.get(conversation_id, frozenset()) for node in self._elsewhere.values())
        return self.people_here(conversation_id).union(*told)

    def all_here(self) -> dict[UUID, People]:
        return {
            conversation_id: self.people_here(conversation_id) for conversation_id in self._here
        }

    # What others say; each returns the conversations that it concerns ------------------------------

    def hear(self, node: str, people: Mapping[UUID, People], now: float) -> Collection[UUID]:
        """What has changed at a node."""
        known = self._elsewhere.setdefault(node, Elsewhere())
        known.heard_at = now
        known.people = {pk: who for pk, who in {**known.people, **people}.items() if who}
        return people.keys()

    def hear_all(self, node: str, people: Mapping[UUID, People], now: float) -> Collection[UUID]:
        """All that is so at a node, whatever it said before."""
        concerned = self.forget(node) | people.keys()
        if people:
            self._elsewhere[node] = Elsewhere(now, dict(people))
        return concerned

    def forget(self, node: str) -> set[UUID]:
        gone = self._elsewhere.pop(node, None)
        return set(gone.people) if gone else set()

    def forget_silent(self, now: float) -> set[UUID]:
        silent = [n for n, said in self._elsewhere.items() if now - said.heard_at > SILENT_SECONDS]
        return {conversation_id for node in silent for conversation_id in self.forget(node)}
