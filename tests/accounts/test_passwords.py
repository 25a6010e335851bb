"""Changing a password, and setting a new one by a link."""

from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from accounts.models import User
from accounts.services import people
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_sign_in import is_in, sign_in
from tests.accounts.test_sign_up import link_in

NEW = "quite another passphrase"
Mails = list[EmailMessage]


@pytest.fixture
def elsewhere(ada: User) -> Client:
    """Ada's other device."""
    other = Client()
    other.force_login(ada)
    return other


def change(client: Client, old: str = PASSWORD, new: str = NEW) -> Any:
    form = {"oldpassword": old, "password1": new, "password2": new}
    return client.post("/accounts/password/change/", form)


def test_a_change_ends_every_other_session(as_ada: Client, elsewhere: Client) -> None:
    assert is_in(elsewhere)
    assert change(as_ada)["Location"] == "/settings/profile"
    assert is_in(as_ada)
    assert not is_in(elsewhere)


def test_a_change_is_told_to_whoever_keeps_sockets(
    as_ada: Client, ada: User, signed_out: list[User], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        change(as_ada)
    assert signed_out == [ada]


@pytest.fixture
def signed_out(monkeypatch: pytest.MonkeyPatch) -> list[User]:
    told: list[User] = []
    monkeypatch.setattr(people, "_sign_out_handlers", [told.append])
    return told


def test_a_change_takes_the_old_password(as_ada: Client, ada: User) -> None:
    assert "not your current password" in change(as_ada, old="wrong").text
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_the_old_password_cannot_be_guessed_from_a_session(as_ada: Client) -> None:
    answers = [change(as_ada, old="wrong").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def ask(client: Client, email: str, **headers: Any) -> Any:
    return client.post("/accounts/password/reset/", {"email": email}, **headers)


def set_new(client: Client, link: str) -> Any:
    form_at = client.get(link)
    assert form_at.status_code == 302
    return client.post(form_at["Location"], {"password1": NEW, "password2": NEW})


def test_the_link_sets_a_password_once(client: Client, ada: User, mailoutbox: Mails) -> None:
    ask(client, "ADA@example.org")
    link = link_in(mailoutbox[0])
    assert set_new(client, link)["Location"] == "/accounts/password/reset/key/done/"
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert "This link does not work" in Client().get(link).text


def test_the_link_ends_every_session(
    client: Client, elsewhere: Client, ada: User, mailoutbox: Mails
) -> None:
    ask(client, ada.email)
    set_new(client, link_in(mailoutbox[0]))
    assert not is_in(elsewhere)
    assert is_in(sign_in(Client(), ada.email, NEW).client)


@pytest.mark.parametrize(
    "forged", [{"Host": "localhost:6666"}, {"X-Forwarded-Host": "evil.example"}]
)
def test_the_link_points_to_our_own_address(
    client: Client, ada: User, mailoutbox: Mails, settings: Any, forged: dict[str, str]
) -> None:
    settings.PUBLIC_URL = "https://chat.example.org"
    ask(client, ada.email, headers=forged)
    assert "https://chat.example.org/accounts/password/reset/key/" in mailoutbox[0].body
    assert "6666" not in mailoutbox[0].body
    assert "evil" not in mailoutbox[0].body


def test_a_host_that_is_not_ours_is_refused(client: Client, ada: User, mailoutbox: Mails) -> None:
    assert ask(client, ada.email, headers={"Host": "evil.example"}).status_code == 400
    assert mailoutbox == []


def test_a_stranger_cannot_tell_an_address_from_no_address(ada: User, mailoutbox: Mails) -> None:
    known, unknown = (ask(Client(), email) for email in (ada.email, "nobody@example.org"))
    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert [mail.to for mail in mailoutbox] == [[ada.email], ["nobody@example.org"]]
    assert "/reset/key/" not in mailoutbox[1].body


def test_the_suspended_get_no_link(client: Client, ada: User, sam: User, mailoutbox: Mails) -> None:
    people.suspend(ada, by=sam)
    ask(client, ada.email)
    assert "/reset/key/" not in mailoutbox[0].body


@pytest.mark.parametrize("key", ["x-y", "1-set-password", f"{'z' * 40}-abc", "0-0"])
def test_a_made_up_link_is_a_page_and_no_error(client: Client, ada: User, key: str) -> None:
    answer = client.get(f"/accounts/password/reset/key/{key}/")
    assert answer.status_code == 200
    assert "This link does not work" in answer.text


def test_a_mail_server_that_fails_has_a_page_for_everybody(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMessage, "send", fail)
    answers = [ask(Client(), email) for email in (ada.email, "nobody@example.org")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert all("mail could not be sent" in answer.text for answer in answers)


def test_a_second_address_cannot_be_claimed(as_ada: Client, cyd: User) -> None:
    form = {"email": cyd.email, "action_add": ""}
    assert as_ada.post("/accounts/email/", form)["Location"] == "/settings/profile"
    assert as_ada.get("/accounts/password/set/")["Location"] == "/accounts/password/change/"
