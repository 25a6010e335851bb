"""Share links for tests, and what a visitor does with them."""

import re
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.services import workspace
from chat.models import Conversation, ShareLink
from chat.services import share_tokens, shares
from chat.services.shares import Sharing

UNKNOWN = "/s/" + "a" * 32


class Shared(NamedTuple):
    link: ShareLink
    token: str

    @property
    def path(self) -> str:
        return f"/s/{self.token}"


def share(conversation: Conversation, by: User, **fields: Any) -> Shared:
    """A public snapshot of where that person is, for a week."""
    usual = {
        "audience": "public",
        "kind": "snapshot",
        "expires_at": timezone.now() + timedelta(days=7),
    }
    link = shares.create_share(conversation.pk, by=by, sharing=Sharing(**{**usual, **fields}))
    return Shared(link, str(share_tokens.unsealed(link.token_sealed, link_id=link.pk)))


def policy(monkeypatch: Any, **fields: Any) -> None:
    """What the workspace allows from now on."""
    seen = workspace.Seen(Workspace(**fields), float("inf"))
    monkeypatch.setattr(workspace, "_memory", {"seen": seen})


def visitor(user: User | None = None, **extra: str) -> Client:
    """A browser at an address of its own, signed in or not."""
    client = Client(**extra)
    if user:
        client.force_login(user)
    return client


def codes(path: str, *clients: Client) -> list[int]:
    return [client.get(path).status_code for client in clients]


def counting() -> CaptureQueriesContext:
    return CaptureQueriesContext(connection)


def html(shared: Shared, client: Client | None = None) -> str:
    response = (client or visitor()).get(shared.path)
    assert response.status_code == 200
    return response.content.decode()


def texts(shared: Shared) -> list[str]:
    """What its page shows, in order."""
    return re.findall(r'(?:data-text>|class="plain">)([^<]+)<', html(shared))


def told(answer: dict[str, Any]) -> dict[int, str]:
    """The texts of `changes` by their numbers."""
    return {message["id"]: message["content"] for message in answer["messages"]}
