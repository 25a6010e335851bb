"""EMAIL_URL becomes Django's settings, or a sentence."""

import subprocess
import sys

import pytest

from accounts import mail
from tests.services import ROOT, environment
from webchat.env import BadSetting


def server(url: str) -> mail.MailServer:
    return mail.mail_server(url, domain="chat.example.org")


def test_without_a_server_mails_are_printed() -> None:
    assert server("") == mail.MailServer("Webchat <webchat@chat.example.org>")
    assert server("").backend == mail.CONSOLE


def test_a_password_goes_over_tls() -> None:
    found = server("smtp://ada%40example.org:p%40ss%3A@mail.example.org")
    assert (found.host, found.port) == ("mail.example.org", 587)
    assert (found.user, found.password) == ("ada@example.org", "p@ss:")
    assert (found.tls, found.starttls) == (False, True)


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls"),
    [
        ("smtp://localhost:1025", 1025, False, False),
        ("smtp://mail?starttls=yes", 587, False, True),
        ("smtp://u:p@mail:25?starttls=no", 25, False, False),
        ("smtps://u:p@mail", 465, True, False),
        ("smtps://u:p@mail:8465", 8465, True, False),
    ],
)
def test_the_scheme_decides_the_transport(url: str, port: int, tls: bool, starttls: bool) -> None:
    found = server(url)
    assert (found.port, found.tls, found.starttls) == (port, tls, starttls)


def test_the_sender_can_be_named() -> None:
    assert server("smtp://mail?from=Chat%20<a@b.example>").sender == "Chat <a@b.example>"


@pytest.mark.parametrize(
    "url",
    ["smtp://mail:99999", "smtp://mail:x", "smtp://mail?form=a", "smtp://mail?starttls=maybe"],
)
def test_nonsense_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(BadSetting, match="EMAIL_URL"):
        server(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [("", "localhost none"), ("smtps://mail.example.org", "mail.example.org mandatory")],
)
def test_a_mail_server_makes_verification_mandatory(url: str, said: str) -> None:
    asked = (
        "from django.conf import settings as s; print(s.EMAIL_HOST, s.ACCOUNT_EMAIL_VERIFICATION)"
    )
    found = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env=environment(EMAIL_URL=url, DJANGO_SETTINGS_MODULE="webchat.settings"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == said
