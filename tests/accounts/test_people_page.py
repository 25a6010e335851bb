"""The staff page People: who may see it, what it lists, what its buttons do."""

import re
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client

from accounts.models import User
from accounts.views import people as page
from tests.accounts.test_sign_in import is_in
from tests.accounts.test_sign_up import link_in
from tests.factories import make_user

PEOPLE = "/admin/people/"


def act(client: Client, person: User, action: str, **form: str) -> Any:
    return client.post(f"{PEOPLE}{person.pk}/{action}/", form)


def names(text: str) -> list[str]:
    return re.findall(r"<strong>([^<]+)</strong>", text)


def test_strangers_are_sent_to_sign_in(client: Client, ada: User) -> None:
    assert client.get(PEOPLE)["Location"] == f"/accounts/login/?next={PEOPLE}"
    assert act(client, ada, "suspend").status_code == 302


@pytest.mark.parametrize("action", [*page.ACTIONS, "unknown"])
def test_people_who_are_not_staff_are_refused(as_cyd: Client, ada: User, action: str) -> None:
    assert as_cyd.get(PEOPLE).status_code == 403
    assert act(as_cyd, ada, action).status_code == 403
    ada.refresh_from_db()
    assert (ada.is_staff, ada.is_active, ada.deleted_at) == (False, True, None)


@pytest.mark.parametrize("action", page.ACTIONS)
def test_actions_take_a_post_with_its_token(sam: User, ada: User, action: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sam)
    assert client.get(f"{PEOPLE}{ada.pk}/{action}/").status_code == 405
    assert act(client, ada, action).status_code == 403


def test_what_does_not_exist_is_not_found(as_sam: Client, ada: User) -> None:
    assert act(as_sam, ada, "promote").status_code == 404
    assert as_sam.post(f"{PEOPLE}{uuid4()}/suspend/").status_code == 404
    assert as_sam.post(f"{PEOPLE}not-an-id/suspend/").status_code == 404


def test_the_list_is_in_order_of_name_with_marks(as_sam: Client, ada: User) -> None:
    make_user("ben", is_active=False)
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    text = as_sam.get(PEOPLE).text
    assert names(text) == ["Ada", "ben", "Sam"]
    assert (text.count(">Staff<"), text.count(">Suspended<"), text.count(">Unverified<")) == (
        1,
        1,
        2,
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("DA", ["Ada"]),
        ("ben@", ["Ben"]),
        ("example.org", ["Ada", "Ben", "Sam"]),
        ("%", []),
        ("\0", ["Ada", "Ben", "Sam"]),
    ],
)
def test_search_is_by_name_or_address(
    as_sam: Client, ada: User, ben: User, words: str, found: list[str]
) -> None:
    assert names(as_sam.get(PEOPLE, {"q": words}).text) == found


def test_what_was_searched_is_text(as_sam: Client) -> None:
    assert "<script>alert" not in as_sam.get(PEOPLE, {"q": "<script>alert(1)</script>"}).text


def test_pages_have_everybody_once(as_sam: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", 3)
    everybody = {
        make_user(name, email=f"{n}@x.org").name
        for n, name in enumerate(["a", "A", "b:", "B", "ä", "한", "z"])
    }
    seen, address = [], PEOPLE
    while address:
        text = as_sam.get(address).text
        seen += names(text)
        following = re.search(r'href="(\?[^"]+)" rel="next"', text)
        address = PEOPLE + following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == sorted([*everybody, "Sam"])


def test_pages_keep_the_search(as_sam: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", 1)
    make_user("Ann"), make_user("Anna"), make_user("Otto")
    text = as_sam.get(PEOPLE, {"q": "ann"}).text
    following = re.search(r'href="(\?[^"]+)" rel="next"', text)[1].replace("&amp;", "&")
    assert names(as_sam.get(PEOPLE + following).text) == ["Anna"]


@pytest.mark.parametrize("after", ["x", ":", "::", f"{uuid4()}", f"{uuid4()}:\0", "9" * 5000])
def test_an_end_that_nobody_made_is_a_page(as_sam: Client, after: str) -> None:
    assert as_sam.get(PEOPLE, {"after": after}).status_code == 200


def test_the_list_takes_as_many_queries_for_many_as_for_few(
    as_sam: Client, django_assert_num_queries: Any
) -> None:
    for number in range(30):
        make_user(f"Many {number}")
    with django_assert_num_queries(6):  # session, person, count, page, warning, invitations
        as_sam.get(PEOPLE)


@pytest.mark.parametrize(
    ("action", "changed"),
    [
        ("make-staff", {"is_staff": True}),
        ("suspend", {"is_active": False}),
        ("sign-out", {"session_epoch": 1}),
        ("delete", {"name": "Deleted person"}),
    ],
)
def test_an_action_is_done_and_said(
    as_sam: Client, ada: User, action: str, changed: dict[str, Any]
) -> None:
    answer = act(as_sam, ada, action, back=f"{PEOPLE}?q=a")
    assert answer["Location"] == f"{PEOPLE}?q=a"
    ada.refresh_from_db()
    assert {name: getattr(ada, name) for name in changed} == changed
    assert re.search(r'role="status".*?Ada.*?</p>', as_sam.get(PEOPLE).text, re.DOTALL)


@pytest.mark.parametrize(
    "there_and_back", [("make-staff", "unmake-staff"), ("suspend", "unsuspend")]
)
def test_an_action_is_undone(as_sam: Client, ada: User, there_and_back: tuple[str, str]) -> None:
    for action in there_and_back:
        act(as_sam, ada, action)
    ada.refresh_from_db()
    assert (ada.is_staff, ada.is_active) == (False, True)


@pytest.mark.parametrize("action", ["suspend", "sign-out", "delete"])
def test_sessions_end_at_once(as_sam: Client, as_ada: Client, ada: User, action: str) -> None:
    assert is_in(as_ada)
    act(as_sam, ada, action)
    assert not is_in(as_ada)


def test_who_is_no_longer_staff_is_refused_at_once(as_sam: Client, sam: User) -> None:
    other = make_user("Other", is_staff=True)
    client = Client()
    client.force_login(other)
    assert client.get(PEOPLE).status_code == 200
    act(as_sam, other, "unmake-staff")
    assert client.get(PEOPLE).status_code == 403


@pytest.mark.parametrize("action", ["unmake-staff", "suspend", "delete"])
def test_the_last_staff_is_told_why_not(as_sam: Client, sam: User, action: str) -> None:
    act(as_sam, sam, action)
    assert "last person who can administer" in as_sam.get(PEOPLE).text
    sam.refresh_from_db()
    assert (sam.is_staff, sam.is_active) == (True, True)


def test_a_reset_link_is_sent(
    as_sam: Client, ada: User, with_mail: None, mailoutbox: list[EmailMessage]
) -> None:
    act(as_sam, ada, "send-reset-link")
    assert mailoutbox[0].to == [ada.email]
    assert "/accounts/password/reset/key/" in link_in(mailoutbox[0])
    assert "on its way to ada@example.org" in as_sam.get(PEOPLE).text


def test_without_a_mail_server_staff_learns_where_the_link_is(as_sam: Client, ada: User) -> None:
    act(as_sam, ada, "send-reset-link")
    assert "server&#x27;s log" in as_sam.get(PEOPLE).text


def test_links_are_limited_and_not_for_the_suspended(
    as_sam: Client, ada: User, mailoutbox: list[EmailMessage]
) -> None:
    for _ in range(6):
        act(as_sam, ada, "send-reset-link")
    assert len(mailoutbox) == 5
    act(as_sam, ada, "suspend")
    act(as_sam, ada, "send-reset-link")
    assert len(mailoutbox) == 5


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_an_action_leads_back_to_our_own_page(as_sam: Client, ada: User, back: str) -> None:
    assert act(as_sam, ada, "sign-out", back=back)["Location"] == PEOPLE


def test_the_deleted_are_not_listed(as_sam: Client, ada: User) -> None:
    act(as_sam, ada, "delete")
    assert names(as_sam.get(PEOPLE).text) == ["Sam"]
    assert act(as_sam, ada, "unsuspend").status_code == 404
