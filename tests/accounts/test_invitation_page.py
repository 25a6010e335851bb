"""The page of an invitation's link: it lets in one person, once, and leads where it should."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Invitation, User
from accounts.services import invitations, people
from chat.models import Conversation
from chat.services import inviting, members
from tests.accounts.invited import NEW, actions, into_a_conversation, path, sign_up
from tests.factories import make_user


def test_a_stranger_is_shown_both_ways_in(client: Client, sam: User, settings: Any) -> None:
    link = path(invitations.invite(NEW, by=sam), settings)
    text = client.get(link).text
    assert "Sam invites you" in text
    assert re.findall(r'href="(/accounts/[^"]+)"', text) == [
        f"/accounts/signup/?next={link.replace('/', '%2F')}",
        f"/accounts/login/?next={link.replace('/', '%2F')}",
    ]
    assert NEW not in text


def test_opening_it_accepts_nothing(as_ada: Client, sam: User, settings: Any) -> None:
    link = into_a_conversation(sam, settings)
    assert "Join as Ada" in as_ada.get(link).text
    as_ada.head(link)
    assert Invitation.objects.get().accepted_at is None


def test_joining_takes_a_token(ada: User, sam: User, settings: Any) -> None:
    link = path(invitations.invite(NEW, by=sam), settings)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(link).status_code == 403
    assert Invitation.objects.get().accepted_at is None


def test_somebody_with_another_address_may_join_and_the_trail_says_so(
    as_ada: Client, ada: User, sam: User, settings: Any
) -> None:
    link = into_a_conversation(sam, settings)
    assert as_ada.post(link)["Location"] == f"/c/{Conversation.objects.get().pk}"
    row = AuditEntry.objects.get(action="invitation.accepted")
    assert (row.actor, row.person, row.subject) == (ada.pk, ada.pk, Invitation.objects.get().pk)
    assert row.details == {"how": "link", "invited_by": str(sam.pk), "same_address": False}


def test_unknown_used_expired_and_withdrawn_look_the_same(
    client: Client, ada: User, sam: User, settings: Any
) -> None:
    def gone(link: str) -> str:
        answer = client.get(link)
        assert answer.status_code == 404
        return without_nonce(answer.text)

    used, expired, withdrawn = (invitations.send(f"{n}@example.org", by=sam) for n in "abc")
    invitations.claim(used.invitation, by=ada, how="link")
    invitations.withdraw(withdrawn.invitation.pk, by=sam)
    Invitation.objects.filter(pk=expired.invitation.pk).update(expires_at=timezone.now())
    unknown = ["/invitations/" + "x" * 27, "/invitations/%00", "/invitations/" + "y" * 3000]
    pages = {gone(path(sent, settings)) for sent in (used, expired, withdrawn)}
    assert pages | {gone(link) for link in unknown} == pages
    assert len(pages) == 1


def without_nonce(text: str) -> str:
    return re.sub(r'nonce="[^"]+"', "", text)


def test_who_has_joined_and_opens_the_mail_again_gets_in(
    as_ada: Client, ada: User, sam: User, settings: Any
) -> None:
    link = into_a_conversation(sam, settings)
    joined = as_ada.post(link)["Location"]
    again = as_ada.get(link)
    assert (again.status_code, again["Location"]) == (302, joined)


@pytest.mark.parametrize("how", ["inviter", "member"])
def test_who_is_in_already_uses_nothing_up(ada: User, sam: User, settings: Any, how: str) -> None:
    link, conversation = into_a_conversation(sam, settings), Conversation.objects.get()
    client, person = Client(), {"inviter": sam, "member": ada}[how]
    client.force_login(person)
    if how == "member":
        inviting.add(conversation.pk, by=sam, role="reader", user_id=ada.pk, address=None)
    page = client.get(link).text
    assert "stays open" in page
    assert f'href="/c/{conversation.pk}"' in page
    assert "Join as" not in page
    assert client.post(link)["Location"] == f"/c/{conversation.pk}"
    assert Invitation.objects.get().accepted_at is None
    assert "Join as Cyd" in joining(make_user("Cyd"), link)


def test_who_made_a_link_and_is_no_member_any_more_uses_nothing_up(
    as_ada: Client, ada: User, ben: User, settings: Any
) -> None:
    link, conversation = into_a_conversation(ada, settings), Conversation.objects.get()
    inviting.add(conversation.pk, by=ada, role="writer", user_id=ben.pk, address=None)
    members.change_role(conversation.pk, ben.pk, by=ada, role="owner")
    members.remove(conversation.pk, ada.pk, by=ada)
    assert "This is your own invitation." in as_ada.get(link).text
    assert as_ada.post(link)["Location"] == "/"
    assert Invitation.objects.get().accepted_at is None


def test_a_link_to_the_workspace_is_not_used_up_by_who_has_an_account(
    as_ada: Client, as_sam: Client, sam: User, settings: Any
) -> None:
    link = path(invitations.invite(NEW, by=sam), settings)
    for client in (as_ada, as_sam):
        assert 'href="/"' in client.get(link).text
        assert client.post(link)["Location"] == "/"
    assert Invitation.objects.get().accepted_at is None
    sign_up(link)
    assert Invitation.objects.get().accepted_by == User.objects.get(email=NEW)


def joining(person: User, link: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(link).text


def test_who_loses_their_account_while_they_join_gets_nowhere(
    as_ada: Client, ada: User, sam: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = into_a_conversation(sam, settings)
    welcome = inviting.welcome

    def late(invitation: Invitation, user: User) -> None:
        people.suspend(ada, by=sam)
        welcome(invitation, user)

    monkeypatch.setattr(inviting, "welcome", late)
    assert as_ada.post(link).status_code == 404
    assert not ada.memberships.exists()
    assert Invitation.objects.get().accepted_at is None


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_gets_in(sam: User, settings: Any) -> None:
    link = into_a_conversation(sam, settings)
    crowd = [make_user() for _ in range(20)]
    clients = [Client() for _ in crowd]
    for client, person in zip(clients, crowd, strict=True):
        client.force_login(person)

    def join(client: Client) -> int:
        try:
            return client.post(link).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        codes = sorted(pool.map(join, clients))
    assert codes == [302] + [404] * 19
    assert Invitation.objects.get().accepted_by in crowd
    assert Conversation.objects.get().members.count() == 2
    assert actions().count("invitation.accepted") == 1


@pytest.mark.django_db(transaction=True)
def test_of_twenty_sign_ups_at_once_one_gets_in(sam: User, settings: Any) -> None:
    settings.SIGNUP = "invite"
    link = path(invitations.invite(NEW, by=sam), settings)

    def join(_: int) -> int:
        try:
            return sign_up(link, Client(REMOTE_ADDR=f"198.51.100.{_}")).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(join, range(20)))
    assert User.objects.filter(email=NEW).count() == User.objects.exclude(pk=sam.pk).count() == 1
