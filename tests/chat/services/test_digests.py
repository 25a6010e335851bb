"""One mail with what was not read, as often as the person wants it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from allauth.account.models import EmailAddress
from django.core.mail.backends import locmem
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.services import people
from chat.models import Member, Notification
from chat.services import digests, notifications
from tests.factories import make_conversation, make_message, make_user


@pytest.fixture(autouse=True)
def with_mail(settings):
    settings.EMAIL_URL = "smtp://mail.example.org"
    settings.PUBLIC_URL = "https://chat.example.org"


@pytest.fixture
def reader(conversation):
    """`reader(name, digest)`: a member with an address that is theirs."""

    def make(name="Ben", digest="hourly", **fields):
        person = make_user(name, digest=digest, **fields)
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        Member.objects.create(conversation=conversation, user=person, role="writer")
        return person

    return make


def told(person, conversation, ago=20, kind="invited", **fields):
    """Ada told them something so many minutes ago."""
    before = set(Notification.objects.values_list("pk", flat=True))
    owner = conversation.members.get(role="owner").user
    notifications.notify(kind, user_id=person.pk, conversation=conversation, actor=owner, **fields)
    made = Notification.objects.exclude(pk__in=before)
    made.update(created_at=timezone.now() - timedelta(minutes=ago))


def later(**time):
    """As if so much time had passed since."""
    passed = timedelta(**time)
    for person in User.objects.exclude(digest_sent_at=None):
        person.digest_sent_at -= passed
        person.save()
    for row in Notification.objects.all():
        Notification.objects.filter(pk=row.pk).update(created_at=row.created_at - passed)


def test_a_mail_says_who_what_and_where_but_nothing_of_what_was_written(
    reader, conversation, ada, mailoutbox
):
    ben = reader()
    message = make_message(conversation, ada, content="A very private zebra, @Ben")
    told(ben, conversation, kind="mention", message=message)
    told(ben, conversation, kind="owner")
    assert digests.send_due() == 1
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == ([ben.email], "What you have not read in Webchat")
    assert "Ada named you in “Leases”" in mail.body
    assert "Ada made you the owner of “Leases”" in mail.body
    assert f"https://chat.example.org/c/{conversation.pk}#message-{message.pk}" in mail.body
    assert "https://chat.example.org/settings/profile" in mail.body
    assert mail.extra_headers["List-Unsubscribe"] == "<https://chat.example.org/settings/profile>"
    assert "zebra" not in mail.body + mail.subject


def test_what_was_mailed_does_not_come_again(reader, conversation, mailoutbox):
    told(reader(), conversation)
    assert [digests.send_due(), digests.send_due()] == [1, 0]
    later(hours=2)
    assert digests.send_due() == 0


def test_what_was_too_young_comes_with_the_next(reader, conversation, mailoutbox):
    ben = reader()
    told(ben, conversation, kind="invited")
    told(ben, conversation, kind="role", ago=5)
    assert digests.send_due() == 1
    later(hours=1)
    assert digests.send_due() == 1
    first, second = (mail.body for mail in mailoutbox)
    assert ("invited you" in first, "your role" in first) == (True, False)
    assert ("invited you" in second, "your role" in second) == (False, True)


@pytest.mark.parametrize(("digest", "period"), [("hourly", 60), ("daily", 24 * 60)])
def test_no_more_often_than_is_wanted(reader, conversation, digest, period):
    ben = reader(digest=digest)
    told(ben, conversation)
    assert digests.send_due() == 1
    later(minutes=period - 1)
    told(ben, conversation, kind="role")
    assert digests.send_due() == 0
    later(minutes=1)
    assert digests.send_due() == 1


def test_only_who_wants_it_at_an_address_that_is_theirs(reader, conversation, mailoutbox):
    never = reader("Never", "never")
    gone = reader("Gone", is_active=False)
    unsure = reader("Unsure")
    EmailAddress.objects.filter(user=unsure).update(verified=False)
    moved = reader("Moved")
    EmailAddress.objects.filter(user=moved).update(email="old@example.org")
    for person in (never, gone, unsure, moved, ben := reader()):
        told(person, conversation)
    assert digests.send_due() == 1
    assert [mail.to for mail in mailoutbox] == [[ben.email]]


def test_what_was_read_is_not_mailed(reader, conversation):
    ben = reader()
    told(ben, conversation)
    notifications.mark_read(ben)
    assert digests.send_due() == 0


def test_a_conversation_that_is_not_theirs_any_more_is_not_named(reader, conversation, mailoutbox):
    ben = reader()
    told(ben, conversation)
    conversation.members.filter(user=ben).delete()
    assert digests.send_due() == 0


def test_who_was_removed_is_told_without_a_link(reader, conversation, mailoutbox):
    ben = reader()
    told(ben, conversation, kind="removed")
    digests.send_due()
    assert "Ada removed you from “Leases”" in mailoutbox[0].body
    assert "/c/" not in mailoutbox[0].body


def test_a_title_cannot_forge_lines(reader, ada, mailoutbox):
    forged = make_conversation(ada, title="Leases”\n\nPay here: https://evil.test “")
    ben = reader()
    Member.objects.create(conversation=forged, user=ben, role="writer")
    told(ben, forged)
    digests.send_due()
    assert "Leases” Pay here: https://evil.test “" in mailoutbox[0].body


def test_a_long_list_is_cut_and_counted(reader, conversation, mailoutbox):
    ben = reader()
    for _ in range(digests.MOST_LINES + 3):
        told(ben, conversation, kind="role")
    digests.send_due()
    assert mailoutbox[0].body.count("your role") == digests.MOST_LINES
    assert "And 3 more at https://chat.example.org" in mailoutbox[0].body


def test_without_a_mail_server_nothing_happens(reader, conversation, settings, mailoutbox, capsys):
    settings.EMAIL_URL = ""
    told(reader(), conversation)
    assert digests.send_due() == 0
    call_command("send_digests")
    assert "EMAIL_URL names no mail server" in capsys.readouterr().out
    assert mailoutbox == []


def test_the_command_sends_and_says_how_many(reader, conversation, capsys):
    told(reader(), conversation)
    call_command("send_digests")
    assert capsys.readouterr().out == "Sent 1 digests.\n"


def test_nobody_calls_the_mail_server_for_nothing(reader, conversation, monkeypatch, mailoutbox):
    opened = []
    monkeypatch.setattr(locmem.EmailBackend, "open", lambda self: opened.append(self))
    told(reader(), conversation, ago=5)
    assert (digests.send_due(), opened) == (0, [])
    later(minutes=5)
    assert (digests.send_due(), len(opened)) == (1, 1)


# Mail that fails ---------------------------------------------------------------------------------


@pytest.fixture
def failing(monkeypatch):
    """`failing[address] = problem`"""
    problems = {}
    send = locmem.EmailBackend.send_messages

    def send_or_fail(self, mails):
        if problem := problems.get(mails[0].to[0]):
            raise problem
        return send(self, mails)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", send_or_fail)
    return problems


def test_an_address_that_is_refused_keeps_nothing_from_the_others(reader, conversation, failing):
    ben, cyd = reader("Ben"), reader("Cyd")
    for person in (ben, cyd):
        told(person, conversation)
        failing[person.email] = SMTPRecipientsRefused({})
    del failing[cyd.email]
    assert digests.send_due() == 1
    failing.clear()
    assert digests.send_due() == 1


def test_a_server_that_is_away_is_tried_again_later(reader, conversation, failing, mailoutbox):
    for person in (ben := reader("Ben"), cyd := reader("Cyd")):
        told(person, conversation)
        failing[person.email] = SMTPServerDisconnected("away")
    assert digests.send_due() == 0
    assert User.objects.exclude(digest_sent_at=None).count() == 0
    failing.clear()
    assert digests.send_due() == 2
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([ben.email, cyd.email])


# Several nodes -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_nodes_send_one(reader, conversation, mailoutbox, monkeypatch):
    """Even if the lock were lost: the claim alone must do."""
    told(reader(), conversation)
    monkeypatch.setattr(digests, "_LOCK", None)  # a lock by no number is never had
    assert digests.send_due() == 0
    monkeypatch.undo()
    digests_of = ThreadPoolExecutor(8)
    with digests_of:
        sent = list(digests_of.map(lambda _: _closing(digests._send_all), range(16)))
    assert (sum(sent), len(mailoutbox)) == (1, 1)


def _closing(send):
    try:
        return send(timezone.now())
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_one_node_at_a_time(reader, conversation):
    told(reader(), conversation)

    def from_another():
        try:
            return digests.send_due()
        finally:
            connection.close()

    with digests._only_here() as is_alone, ThreadPoolExecutor(1) as other:
        assert is_alone
        assert other.submit(from_another).result(10) == 0
    assert digests.send_due() == 1


# The setting ---------------------------------------------------------------------------------------


def test_who_begins_to_want_mails_gets_none_of_before(reader, conversation):
    ben = reader(digest="never")
    told(ben, conversation)
    people.choose_digest(ben, digest="hourly")
    later(hours=2)
    assert digests.send_due() == 0
    told(ben, conversation, kind="role")
    assert digests.send_due() == 1
