"""What tests of invitations share."""

from typing import Any

from django.core.mail import EmailMessage
from django.test import Client

from accounts.models import AuditEntry, User
from accounts.services import invitations
from chat.services import inviting
from tests.accounts.test_sign_up import form
from tests.factories import make_conversation

NEW = "new@example.org"
Mails = list[EmailMessage]


def link_in(mail: EmailMessage, site: str) -> str:
    """The path of the only link; it must point to `site`."""
    (line,) = (line for line in mail.body.splitlines() if line.startswith("http"))
    assert line.startswith(f"{site}/invitations/")
    return line.removeprefix(site)


def path(sent: invitations.Sent, settings: Any) -> str:
    """Of a link that was handed over."""
    assert sent.url
    return sent.url.removeprefix(settings.PUBLIC_URL)


def into_a_conversation(owner: User, settings: Any) -> str:
    """The path of a link that leads into one, handed over."""
    conversation = make_conversation(owner, title="Leases")
    added = inviting.add(conversation.pk, by=owner, role="writer", user_id=None, address=NEW)
    return str(added.url).removeprefix(settings.PUBLIC_URL)


def sign_up(link: str, client: Client | None = None, **fields: str) -> Any:
    return (client or Client()).post("/accounts/signup/", form(next=link, **fields))


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
