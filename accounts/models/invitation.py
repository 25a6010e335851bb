"""A way in for somebody who has no account: a link that works once and for a while."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Invitation(models.Model):
    """Only the hash of its token is kept. It is open until it is accepted, withdrawn or expired."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField()  # in lower case
    token_hash = models.BinaryField(unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations_made"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="open_invitations",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
