"""Who let whom see what: invitations, members, share links. Rows are only added."""

from django.db import models


class AuditEntry(models.Model):
    """Nothing here points at a row: what happened outlives whom and what it happened to. `details` holds no content."""

    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=40)  # member.removed, share.created, invitation.withdrawn
    actor = models.UUIDField(null=True)
    person = models.UUIDField(null=True)  # whom it was done to
    conversation = models.UUIDField(null=True)
    subject = models.UUIDField(null=True)  # the share link or the invitation
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="newest_audit_entries"),
            models.Index(fields=["conversation", "-at"], name="audit_of_a_conversation"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at}"
