"""Notes what was done to invitations, members and share links; a row stands or falls with the transaction it is in."""

from typing import Any
from uuid import UUID

from accounts.models import AuditEntry, User


def note(
    action: str,
    *,
    by: User | None,
    person: UUID | None = None,
    conversation: UUID | None = None,
    subject: UUID | None = None,
    **details: Any,
) -> None:
    """`details` are plain values without content, passwords or tokens."""
    AuditEntry.objects.create(
        action=action,
        actor=by.pk if by else None,
        person=person,
        conversation=conversation,
        subject=subject,
        details=details,
    )
