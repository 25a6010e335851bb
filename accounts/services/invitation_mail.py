"""The mail with the link of an invitation."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.models import Invitation
from accounts.services import post_office, workspace


def post(invitation: Invitation, url: str) -> None:
    """After commit. Of what people have written only the inviter's name is in it: nobody shall send their own words to
    strangers through us."""
    words = {
        "inviter": " ".join(invitation.invited_by.name.split()),
        "workspace": workspace.now().name,
        "expires_at": invitation.expires_at,
        "zone": settings.TIME_ZONE,
        "site": settings.PUBLIC_URL,
        "url": url,
    }
    subject = render_to_string("accounts/email/invitation_subject.txt", words).strip()
    text = render_to_string("accounts/email/invitation_message.txt", words)
    post_office.post(EmailMessage(subject, text, to=[invitation.email]), about="invitation")
