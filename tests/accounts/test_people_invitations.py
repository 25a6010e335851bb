"""The staff page People: inviting by mail, and the invitations that nobody has accepted yet."""

from uuid import uuid4

import pytest

from accounts.models import Invitation
from accounts.services import invitations
from tests.factories import make_user

PEOPLE = "/admin/people/"
INVITE = f"{PEOPLE}invite/"


def invite(client, email="dan@example.com"):
    return client.post(INVITE, {"email": email})


def withdraw(client, invitation):
    return client.post(f"{PEOPLE}invitations/{invitation.pk}/withdraw/")


def test_only_staff_invite_and_withdraw(client, as_cyd, sam):
    sent = invitations.invite("dan@example.com", by=sam).invitation
    assert invite(client).status_code == 302
    assert invite(as_cyd).status_code == 403
    assert withdraw(as_cyd, sent).status_code == 403
    sent.refresh_from_db()
    assert (Invitation.objects.count(), sent.withdrawn_at) == (1, None)


def test_inviting_takes_a_post(as_sam):
    assert as_sam.get(INVITE).status_code == 405


def test_without_a_mail_server_the_link_is_shown_once(as_sam):
    text = invite(as_sam, " Dan@Example.com ").text
    assert "Hand this link over to dan@example.com." in text
    assert "/invitations/" in text
    again = as_sam.get(PEOPLE).text
    assert "dan@example.com" in again
    assert "/invitations/" not in again.replace("/admin/people/invitations/", "")
    assert "you get a link to hand over" in again


def test_with_a_mail_server_the_link_goes_out_and_is_not_shown(as_sam, with_mail, posted):
    answer, mails = posted(lambda: invite(as_sam))
    assert answer["Location"] == PEOPLE
    assert [mail.to for mail in mails] == [["dan@example.com"]]
    text = as_sam.get(PEOPLE).text
    assert "An invitation is on its way to dan@example.com." in text
    assert "They get a mail with a link" in text
    assert "Hand this link over" not in text


@pytest.mark.parametrize("email", ["", "dan", "dan@", "\0", "<script>@example.com"])
def test_what_is_no_address_is_refused_and_not_lost(as_sam, email):
    text = invite(as_sam, email).text
    assert "This is not an email address." in text
    assert "<script>@" not in text
    assert not Invitation.objects.exists()


def test_who_has_an_account_is_not_invited(as_sam, ada):
    assert "There is an account with this address already." in invite(as_sam, ada.email).text


def test_an_invitation_is_listed_until_it_is_withdrawn(as_sam, sam):
    sent = invitations.invite("dan@example.com", by=sam).invitation
    assert "Invited by Sam" in as_sam.get(PEOPLE).text
    assert withdraw(as_sam, sent)["Location"] == PEOPLE
    text = as_sam.get(PEOPLE).text
    assert "The invitation is withdrawn" in text
    assert "dan@example.com" not in text
    withdraw(as_sam, sent)
    assert "it is not open any more" in as_sam.get(PEOPLE).text


def test_staff_withdraw_what_others_sent(as_sam):
    other = make_user("Other", is_staff=True)
    sent = invitations.invite("dan@example.com", by=other).invitation
    withdraw(as_sam, sent)
    sent.refresh_from_db()
    assert sent.withdrawn_at


def test_what_was_never_sent_is_said(as_sam):
    answer = as_sam.post(f"{PEOPLE}invitations/{uuid4()}/withdraw/", follow=True)
    assert "There is no such invitation" in answer.text
