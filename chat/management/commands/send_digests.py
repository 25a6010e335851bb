"""`manage.py send_digests`: the mails that are due now. A running server does the same every five minutes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chat.services import digests


class Command(BaseCommand):
    help = "Mail people what they have not read, as often as they want it."

    def handle(self, **options: Any) -> None:
        if settings.EMAIL_URL:
            self.stdout.write(f"Sent {digests.send_due():,} digests.")
        else:
            self.stdout.write("Nothing is sent: EMAIL_URL names no mail server.")
