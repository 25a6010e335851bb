"""Signing up and in by the link of an invitation, and what that says about an address."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Invitation, User
from accounts.services import invitations, people
from tests.accounts.conftest import PASSWORD
from tests.accounts.invited import NEW, Mails, into_a_conversation, link_in, path, sign_up
from tests.accounts.test_sign_up import form
from tests.factories import make_user


def expire() -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("policy", ["open", "invite"])
def test_the_link_lets_a_stranger_sign_up(sam: User, settings: Any, policy: str) -> None:
    settings.SIGNUP = policy
    link = path(invitations.invite(NEW, by=sam), settings)
    client = Client()
    page = client.get(f"/accounts/signup/?next={link}").text
    assert "Sam invites you" in page
    assert re.search(rf'<input[^>]*name="email"[^>]*value="{NEW}"[^>]*disabled', page)
    answer = sign_up(link, client, email="mallory@example.org")
    assert (answer.status_code, answer["Location"]) == (302, link)
    joined = User.objects.get(email=NEW)
    assert Invitation.objects.get().accepted_by == joined
    assert client.get(link)["Location"] == "/"
    assert not User.objects.filter(email="mallory@example.org").exists()


@pytest.mark.parametrize(
    "following", ["", "/", "/invitations/", "/invitations/" + "x" * 27, "/invitations/a/b"]
)
def test_with_invitations_only_nobody_else_signs_up(
    sam: User, settings: Any, following: str
) -> None:
    settings.SIGNUP = "invite"
    page = Client().get("/accounts/signup/", {"next": following})
    assert "Sign-up is closed" in page.text
    sign_up(following)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "end", [expire, lambda: Invitation.objects.update(withdrawn_at=timezone.now())]
)
def test_an_invitation_that_is_over_lets_nobody_sign_up(sam: User, settings: Any, end: Any) -> None:
    settings.SIGNUP = "invite"
    link = path(invitations.invite(NEW, by=sam), settings)
    end()
    assert "Sign-up is closed" in sign_up(link).text
    assert User.objects.count() == 1


def test_closed_is_closed_for_the_invited_too(ada: User, sam: User, settings: Any) -> None:
    settings.SIGNUP = "closed"
    link = path(invitations.invite(NEW, by=sam), settings)
    assert "/accounts/signup/" not in Client().get(link).text
    assert "Sign-up is closed" in sign_up(link).text
    client = Client()
    client.force_login(ada)
    assert client.post(link).status_code == 302


def test_one_that_is_used_while_the_form_is_sent_lets_nobody_in(
    ada: User, sam: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SIGNUP = "invite"
    sent = invitations.invite(NEW, by=sam)
    admit = people.admit

    def meanwhile(user: User) -> User:
        invitations.claim(sent.invitation, by=ada, how="link")
        return admit(user)

    monkeypatch.setattr(people, "admit", meanwhile)
    answer = sign_up(path(sent, settings))
    assert answer["Location"] == path(sent, settings)
    assert not User.objects.filter(email=NEW).exists()


def test_signing_in_leads_back_to_the_link(ada: User, sam: User, settings: Any) -> None:
    settings.SIGNUP = "invite"
    link = into_a_conversation(sam, settings)
    client = Client()
    assert "/accounts/signup/?next=" in client.get("/accounts/login/", {"next": link}).text
    entered = {"login": ada.email, "password": PASSWORD, "next": link}
    assert client.post("/accounts/login/", entered)["Location"] == link
    assert "Join as Ada" in client.get(link).text


def test_joining_without_a_session_leads_to_sign_in(
    client: Client, sam: User, settings: Any
) -> None:
    link = path(invitations.invite(NEW, by=sam), settings)
    answer = client.post(link)
    assert answer["Location"] == f"/accounts/login/?next={link.replace('/', '%2F')}"
    assert Invitation.objects.get().accepted_at is None


@pytest.mark.parametrize(
    "before",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "http:///evil.example",
        "javascript:",
    ],
)
def test_a_link_in_a_foreign_address_is_no_link(sam: User, settings: Any, before: str) -> None:
    link = path(invitations.invite(NEW, by=sam), settings)
    settings.SIGNUP = "invite"
    assert "Sign-up is closed" in sign_up(before + link).text
    settings.SIGNUP = "open"
    answer = sign_up(before + link, email="ada@example.org")
    assert answer["Location"] == "/"
    assert Invitation.objects.get().accepted_at is None


# What an address proves ------------------------------------------------------------------------------


@pytest.fixture
def mailed(with_mail: None, posted: Any, sam: User, settings: Any) -> str:
    """The path of a link that was mailed to NEW."""
    _, mails = posted(lambda: invitations.invite(NEW, by=sam))
    return link_in(mails[-1], settings.PUBLIC_URL)


def is_verified(email: str) -> bool:
    return EmailAddress.objects.filter(email=email, verified=True).exists()


def test_a_mailed_link_proves_the_address(mailed: str, mailoutbox: Mails) -> None:
    client = Client()
    assert sign_up(mailed, client)["Location"] == mailed
    assert is_verified(NEW)
    assert client.get("/settings/profile").status_code == 200
    assert len(mailoutbox) == 1


def test_a_link_that_was_handed_over_proves_nothing(
    sam: User, settings: Any, mailoutbox: Mails
) -> None:
    """Whoever handed it over may have used it: also when a mail server comes later."""
    link = path(invitations.invite(NEW, by=sam), settings)
    settings.EMAIL_URL, settings.ACCOUNT_EMAIL_VERIFICATION = "smtp://mail", "mandatory"
    assert sign_up(link)["Location"] == "/accounts/confirm-email/"
    assert not is_verified(NEW)
    assert [mail.to for mail in mailoutbox] == [[NEW]]


def test_without_mails_the_address_stays_unverified(sam: User, settings: Any) -> None:
    sign_up(path(invitations.invite(NEW, by=sam), settings))
    assert not is_verified(NEW)


def test_a_mailed_link_proves_no_other_address(mailed: str) -> None:
    """The one who is signed in keeps theirs as it is."""
    ada = make_user("Ada")
    client = Client()
    client.force_login(ada)
    client.post(mailed)
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_an_unverified_address_claims_nothing(sam: User, with_mail: None) -> None:
    invitations.invite(NEW, by=sam)
    Client().post("/accounts/signup/", form(email=NEW))
    assert Invitation.objects.get().accepted_at is None


def test_without_mails_signing_up_with_the_address_claims_nothing(sam: User) -> None:
    invitations.invite(NEW, by=sam)
    Client().post("/accounts/signup/", form(email=NEW))
    assert User.objects.filter(email=NEW).exists()
    assert Invitation.objects.get().accepted_at is None


def test_confirming_the_address_by_mail_claims_all_that_was_sent_to_it(
    sam: User, ada: User, with_mail: None, mailoutbox: Mails, settings: Any
) -> None:
    for inviter in (sam, ada):
        invitations.send(NEW, by=inviter)
    invitations.send("other@example.org", by=sam)
    client = Client()
    client.post("/accounts/signup/", form(email=NEW))
    (line,) = (line for line in mailoutbox[-1].body.splitlines() if line.startswith("http"))
    client.post(line.removeprefix(settings.PUBLIC_URL))
    joined = User.objects.get(email=NEW)
    assert Invitation.objects.filter(accepted_by=joined).count() == 2
    hows = AuditEntry.objects.filter(action="invitation.accepted").values_list("details__how")
    assert set(hows) == {("address",)}


def test_what_a_link_proves_claims_the_other_invitations_too(mailed: str, ada: User) -> None:
    invitations.send(NEW, by=ada)
    sign_up(mailed)
    assert not invitations.open_ones().exists()


def test_what_was_confirmed_without_a_mail_claims_nothing(sam: User, ada: User) -> None:
    """Where no mails go out, links stand in the log: they prove nothing about an address."""
    invitations.send(ada.email, by=sam)
    invitations.claim_verified(ada, ada.email)
    assert Invitation.objects.get().accepted_at is None


def test_the_suspended_claim_nothing(sam: User, ada: User, with_mail: None) -> None:
    invitations.send(ada.email, by=sam)
    people.suspend(ada, by=sam)
    ada.refresh_from_db()
    invitations.claim_verified(ada, ada.email)
    assert Invitation.objects.get().accepted_at is None
