"""A running server mails digests by itself: to a real mail server, and once though there are two of them."""

import email
import email.policy
import socketserver
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import User
from chat.models import Member, Notification
from chat.services import notifications
from tests import services
from webchat import embedded

pytestmark = pytest.mark.django_db(transaction=True)


class Conversation(socketserver.StreamRequestHandler):
    """As much SMTP as is needed to take a mail."""

    def handle(self):
        self._say(220)
        while line := self.rfile.readline():
            if line[:4].upper() == b"DATA":
                self._say(354)
                self.server.mails.append(self._mail())
            self._say(221 if line[:4].upper() == b"QUIT" else 250)

    def _say(self, code):
        self.wfile.write(f"{code} here\r\n".encode())

    def _mail(self):
        lines = iter(self.rfile.readline, b".\r\n")
        return email.message_from_bytes(b"".join(lines), policy=email.policy.default)


@pytest.fixture
def mailbox():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as post_office:
        post_office.mails = []
        post_office.daemon_threads = True
        threading.Thread(target=post_office.serve_forever, daemon=True).start()
        yield post_office
        post_office.shutdown()


@pytest.fixture
def invited(conversation, ada, ben):
    """Ben, who was invited twenty minutes ago and has not come since."""
    EmailAddress.objects.create(user=ben, email=ben.email, verified=True, primary=True)
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    notifications.notify("invited", user_id=ben.pk, conversation=conversation, actor=ada)
    Notification.objects.update(created_at=timezone.now() - timedelta(minutes=20))
    return ben


def test_two_servers_send_one_mail(mailbox, invited, conversation, server, settings):
    url = embedded.database_url(services.DATA_DIR, settings.DATABASES["default"]["NAME"])
    post = f"smtp://127.0.0.1:{mailbox.server_address[1]}"
    with ThreadPoolExecutor(2) as starting:
        jobs = [starting.submit(server, DATABASE_URL=url, EMAIL_URL=post) for _ in range(2)]
        [job.result() for job in jobs]
    services.wait_for(lambda: mailbox.mails, 20)
    services.wait_for(lambda: User.objects.exclude(digest_sent_at=None).exists(), 5)
    [mail] = mailbox.mails
    assert mail["To"] == invited.email
    assert f"/c/{conversation.pk}" in mail.get_content()
