"""Invitations: who sends them, to whom, how many, and until when they hold."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from accounts.errors import (
    BadAddress,
    CannotBeInvited,
    HasAccount,
    InvitationGone,
    InvitationNotFound,
    StaffOnly,
    TooManyInvitations,
)
from accounts.models import AuditEntry, Invitation, User
from accounts.services import invitations, people, post_office
from tests.accounts.invited import NEW, actions, link_in, path
from tests.factories import make_user

# Sending ---------------------------------------------------------------------------------------------


def test_only_the_hash_of_160_random_bits_is_stored(sam: User, settings: Any) -> None:
    token = path(invitations.invite(NEW, by=sam), settings).rpartition("/")[2]
    row = Invitation.objects.get()
    assert len(token) == 27  # 160 bits, six a character
    assert len(bytes(row.token_hash)) == 32
    assert token not in str(AuditEntry.objects.values_list("details", flat=True))
    assert invitations.find(token) == row
    left = row.expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


def test_without_a_mail_server_the_link_is_handed_over(sam: User, posted: Any) -> None:
    sent, mails = posted(lambda: invitations.invite(NEW, by=sam))
    assert sent.url
    assert mails == []


def test_with_one_only_the_mail_has_the_link(
    with_mail: None, sam: User, posted: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://chat.example.org"
    sent, (mail,) = posted(lambda: invitations.invite(" New@Example.ORG ", by=sam))
    assert sent.url is None
    assert mail.to == [NEW]
    assert mail.subject == "Sam invites you to Webchat"
    assert "It works once, until" in mail.body
    assert link_in(mail, "https://chat.example.org")


def test_a_name_cannot_write_headers(with_mail: None, sam: User, posted: Any) -> None:
    User.objects.filter(pk=sam.pk).update(name="Sam\nBcc: all@example.org")
    sam.refresh_from_db()
    _, (mail,) = posted(lambda: invitations.invite(NEW, by=sam))
    assert "\n" not in mail.subject
    assert mail.recipients() == [NEW]


@pytest.mark.parametrize("problem", [ConnectionRefusedError, UnicodeError, ValueError])
def test_a_mail_that_fails_fails_nothing_and_is_logged(
    with_mail: None,
    sam: User,
    posted: Any,
    monkeypatch: pytest.MonkeyPatch,
    problem: type[Exception],
) -> None:
    def refuse(mail: EmailMessage) -> None:
        raise problem("about " + NEW)

    said: list[Any] = []
    monkeypatch.setattr(EmailMessage, "send", refuse)
    monkeypatch.setattr(post_office.log, "warning", lambda *event, **more: said.append(more))
    posted(lambda: invitations.invite(NEW, by=sam))
    assert Invitation.objects.count() == 1
    assert said == [{"about": "invitation", "problem": problem.__name__}]


def test_domains_in_other_scripts_are_invited(with_mail: None, sam: User, posted: Any) -> None:
    _, (mail,) = posted(lambda: invitations.invite("new@münchen.example", by=sam))
    assert "new@xn--mnchen-3ya.example" in mail.message()["To"]


def test_the_same_address_again_renews_the_link(sam: User, settings: Any) -> None:
    old = path(invitations.invite(NEW, by=sam), settings)
    new = path(invitations.invite(NEW, by=sam), settings)
    assert Invitation.objects.count() == 1
    assert (Client().get(old).status_code, Client().get(new).status_code) == (404, 200)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "new",
        "new@",
        "a@b@c.org",
        "new@example.org\nBcc: x@y.org",
        "n\0@example.org",
        "new@exam\ud800ple.org",
        "a@" + 60 * "ü" + ".de",
        "a" * 300 + "@example.org",
    ],
)
def test_nonsense_is_no_address(sam: User, address: str) -> None:
    with pytest.raises(BadAddress):
        invitations.invite(address, by=sam)


def test_only_staff_invites_to_the_workspace(ada: User) -> None:
    with pytest.raises(StaffOnly):
        invitations.invite(NEW, by=ada)


def test_who_has_an_account_needs_no_invitation(sam: User, ada: User) -> None:
    with pytest.raises(HasAccount):
        invitations.invite("ADA@example.org", by=sam)


def test_the_suspended_are_refused_without_a_mail(
    with_mail: None, sam: User, ada: User, posted: Any
) -> None:
    people.suspend(ada, by=sam)

    def invite() -> None:
        with pytest.raises(CannotBeInvited):
            invitations.invite(ada.email, by=sam)

    assert posted(invite)[1] == []
    assert not Invitation.objects.exists()


def test_fifty_a_day_and_no_more(sam: User, ada: User) -> None:
    """Withdrawing or renewing them gains none: each of them was a mail."""
    for number in range(invitations.MOST_A_DAY - 1):
        sent = invitations.send(f"p{number}@example.org", by=sam)
        invitations.withdraw(sent.invitation.pk, by=sam)
    newest = invitations.send(NEW, by=sam).invitation
    with pytest.raises(TooManyInvitations):
        invitations.send("one.more@example.org", by=sam)
    with pytest.raises(TooManyInvitations):
        invitations.send(NEW, by=sam, renewed=newest)
    invitations.claim(newest, by=ada, how="link")
    invitations.send("one.more@example.org", by=sam)
    invitations.send("p1@example.org", by=ada)


# Withdrawing -----------------------------------------------------------------------------------------


def test_withdrawn_is_over(sam: User, ada: User, settings: Any) -> None:
    sent = invitations.send(NEW, by=ada)
    with pytest.raises(InvitationNotFound):
        invitations.withdraw(sent.invitation.pk, by=make_user())
    invitations.withdraw(sent.invitation.pk, by=sam)
    assert Client().get(path(sent, settings)).status_code == 404
    with pytest.raises(InvitationNotFound):
        invitations.withdraw(sent.invitation.pk, by=ada)
    with pytest.raises(InvitationGone):
        invitations.claim(sent.invitation, by=ada, how="link")
    assert actions() == ["invitation.sent", "invitation.withdrawn"]


def test_who_is_suspended_or_deleted_lets_nobody_in(sam: User, ada: User, settings: Any) -> None:
    link = path(invitations.send(NEW, by=ada), settings)
    people.suspend(ada, by=sam)
    assert Client().get(link).status_code == 404
    people.unsuspend(ada, by=sam)
    assert Client().get(link).status_code == 200
    people.delete(ada, by=sam)
    assert Client().get(link).status_code == 404


def test_a_deleted_person_leaves_no_address_behind(sam: User, ada: User) -> None:
    invitation = invitations.send(NEW, by=sam).invitation
    invitations.claim(invitation, by=ada, how="link")
    people.delete(ada, by=sam)
    assert not Invitation.objects.exists()


def test_an_account_that_no_mail_has_verified_is_nobodys_yet(
    ada: User, sam: User, with_mail: None
) -> None:
    assert invitations.account_of(ada.email) is None
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    assert invitations.account_of(ada.email) == ada


def test_claiming_one_that_was_renewed_meanwhile_fails(sam: User, ada: User) -> None:
    old = invitations.invite(NEW, by=sam).invitation
    invitations.invite(NEW, by=sam)
    with pytest.raises(InvitationGone):
        invitations.claim(old, by=ada, how="link")


def test_an_unknown_invitation_cannot_be_withdrawn(sam: User) -> None:
    with pytest.raises(InvitationNotFound):
        invitations.withdraw(uuid4(), by=sam)
