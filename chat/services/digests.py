"""Mails people what they have not read of what concerns them, as often as they want it.

One node at a time sends. `digest_sent_at` is set before a mail goes out and put back if it could not: who dies in
between leaves a mail out, and nobody gets one twice.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Digest, User
from accounts.services import workspace
from chat.models import Notification
from chat.models.notification import Kind, NotificationQuerySet
from webchat.threads import in_thread

log = structlog.get_logger(__name__)
EVERY_SECONDS = 300.0
AGE = timedelta(minutes=10)  # what is younger may be read in a moment
PERIODS = {Digest.HOURLY: timedelta(hours=1), Digest.DAILY: timedelta(days=1)}
MOST_LINES = 30
SETTING = "/settings/profile"
_LOCK = 7_305_820_003  # any number that no other advisory lock of this database uses
# What is wrong with one address; everything else is wrong with the mail server.
_REFUSED = (SMTPRecipientsRefused, SMTPResponseException, ValueError)
_WORDS = {
    Kind.MENTION: "{who} named you in {where}",
    Kind.INVITED: "{who} invited you to {where}",
    Kind.ROLE: "{who} changed your role in {where}",
    Kind.OWNER: "{who} made you the owner of {where}",
    Kind.REMOVED: "{who} removed you from {where}",
}


async def send_for_ever() -> None:
    """In the server, where there is a mail server to send by."""
    while settings.EMAIL_URL:
        try:
            await in_thread(send_due)()
        except DatabaseError as problem:
            log.warning("digests.skipped", problem=type(problem).__name__)
        except Exception:
            log.exception("digests.broke")
        await asyncio.sleep(EVERY_SECONDS)


def send_due() -> int:
    """Send what is due now, unless another node is at it; the number of mails."""
    if not settings.EMAIL_URL:
        return 0
    with _only_here() as is_alone:
        return _send_all(timezone.now()) if is_alone else 0


@contextmanager
def _only_here() -> Iterator[bool]:
    """Without a transaction: none may be open while a mail server takes its time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        [is_alone] = cursor.fetchone() or [False]
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _send_all(now: datetime) -> int:
    due, sent = list(_due(now)), 0
    if not due:
        return 0
    try:
        with get_connection() as post:
            for person in due:
                sent += _send(person, now, post)
    except OSError as problem:
        log.warning("digests.not_sent", problem=type(problem).__name__)
    return sent


def _due(now: datetime) -> QuerySet[User]:
    """Who wants a mail by now, at an address that is surely theirs, and has something to read in it."""
    wants = Q()
    for digest, period in PERIODS.items():
        late = Q(digest_sent_at=None) | Q(digest_sent_at__lte=now - period)
        wants |= Q(digest=digest) & late
    addresses = EmailAddress.objects.filter(
        user=OuterRef("pk"), email=OuterRef("email"), verified=True
    )
    news = _news(Notification.objects.filter(user=OuterRef("pk")), now)
    due: QuerySet[User] = User.objects.filter(
        wants, Exists(addresses), Exists(news), is_active=True
    )
    return due


def _news(rows: NotificationQuerySet, now: datetime) -> NotificationQuerySet:
    """Unread, and too young for the mail before."""
    since = Q(user__digest_sent_at=None) | Q(created_at__gt=F("user__digest_sent_at") - AGE)
    return rows.unread().filter(since, created_at__lte=now - AGE)


def _send(person: User, now: datetime, post: BaseEmailBackend) -> int:
    """1 if it is sent. What is wrong with one address keeps nothing from the others."""
    rows = _news(Notification.objects.of(person.pk), now).select_related("actor")
    news = list(rows.order_by("created_at", "pk"))
    if not news or not _claim(person, now):
        return 0
    try:
        _mail(person, news, post).send()
    except (OSError, ValueError) as problem:
        _give_back(person, now)
        if not isinstance(problem, _REFUSED):
            raise
        log.warning("digest.refused", person=str(person.pk), problem=type(problem).__name__)
        return 0
    return 1


def _claim(person: User, now: datetime) -> bool:
    same = User.objects.filter(pk=person.pk, digest_sent_at=person.digest_sent_at)
    return bool(same.update(digest_sent_at=now))


def _give_back(person: User, now: datetime) -> None:
    claimed = User.objects.filter(pk=person.pk, digest_sent_at=now)
    claimed.update(digest_sent_at=person.digest_sent_at)


def _mail(person: User, news: list[Notification], post: BaseEmailBackend) -> EmailMessage:
    """Who, what and where; nothing of what was written."""
    setting = settings.PUBLIC_URL + SETTING
    words = {
        "name": person.name,
        "workspace": workspace.now().name,
        "setting": setting,
        "site": settings.PUBLIC_URL,
        "lines": [_line(each) for each in news[-MOST_LINES:]],
        "more": max(0, len(news) - MOST_LINES),
    }
    subject = render_to_string("chat/email/digest_subject.txt", words).strip()
    text = render_to_string("chat/email/digest_message.txt", words)
    headers = {"List-Unsubscribe": f"<{setting}>"}
    return EmailMessage(subject, text, to=[person.email], headers=headers, connection=post)


def _line(notification: Notification) -> tuple[str, str]:
    """A sentence, and where it leads ("" where nothing is left to see)."""
    actor = notification.actor
    who = _on_one_line(actor.name) if actor else "Somebody"
    where = f"“{_on_one_line(notification.title) or 'New chat'}”"
    words = _WORDS[Kind(notification.kind)].format(who=who, where=where)
    place = f"#message-{notification.message_id}" if notification.message_id else ""
    chat = notification.conversation_id
    return words, f"{settings.PUBLIC_URL}/c/{chat}{place}" if chat else ""


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
