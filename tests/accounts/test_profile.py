"""Settings > Profile."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_sign_in import is_in

PAGES = ["/settings/profile", "/settings/profile/delete", "/accounts/password/change/"]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_sign_in(client: Client, db: None, page: str) -> None:
    assert client.get(page)["Location"] == f"/accounts/login/?next={page}"


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_private(as_ada: Client, page: str) -> None:
    answer = as_ada.get(page)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_a_name_is_changed_and_nothing_else(as_ada: Client, ada: User) -> None:
    form = {"name": " Ada King ", "email": "other@example.org", "is_staff": "1"}
    assert as_ada.post("/settings/profile", form)["Location"] == "/settings/profile"
    ada.refresh_from_db()
    assert (ada.name, ada.email, ada.is_staff) == ("Ada King", "ada@example.org", False)
    assert "Your profile is saved." in as_ada.get("/settings/profile").text


def test_a_name_that_cannot_be_used_is_said_at_the_field(as_ada: Client, ada: User) -> None:
    page = as_ada.post("/settings/profile", {"name": ""}).text
    assert "Name is missing." in page
    assert 'aria-describedby="id_name_error"' in page
    assert 'id="id_name_error"' in page
    ada.refresh_from_db()
    assert ada.name == "Ada"


def test_a_name_is_text(as_ada: Client, ada: User) -> None:
    as_ada.post("/settings/profile", {"name": "<img src=x onerror=alert(1)>"})
    page = as_ada.get("/settings/profile").text
    assert "<img" not in page
    assert "&lt;img" in page


def test_an_address_shows_whether_it_is_verified(as_ada: Client, ada: User) -> None:
    assert "Not verified" in as_ada.get("/settings/profile").text
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    assert "Not verified" not in as_ada.get("/settings/profile").text


def test_signing_out_everywhere_ends_all_sessions(as_ada: Client, ada: User) -> None:
    other = Client()
    other.force_login(ada)
    before = ada.get_session_auth_hash()
    assert as_ada.get("/settings/profile/sign-out").status_code == 405
    assert as_ada.post("/settings/profile/sign-out")["Location"] == "/accounts/login/"
    assert not is_in(as_ada)
    assert not is_in(other)
    ada.refresh_from_db()
    assert ada.get_session_auth_hash() != before


def delete(client: Client, **fields: str) -> Any:
    form = {"password": PASSWORD, "understood": "on"} | fields
    return client.post("/settings/profile/delete", form)


def test_a_person_deletes_the_account(as_ada: Client, ada: User) -> None:
    assert delete(as_ada)["Location"] == "/accounts/login/"
    ada.refresh_from_db()
    assert ada.deleted_at
    assert not is_in(as_ada)
    assert "Your account is deleted." in as_ada.get("/accounts/login/").text


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"password": ""}, {"understood": ""}])
def test_deleting_takes_password_and_confirmation(
    as_ada: Client, ada: User, wrong: dict[str, str]
) -> None:
    assert delete(as_ada, **wrong).status_code == 200
    ada.refresh_from_db()
    assert ada.deleted_at is None


def test_the_password_cannot_be_guessed_there(as_ada: Client, ada: User) -> None:
    for _ in range(5):
        assert "not your password" in delete(as_ada, password="wrong").text
    assert "Too many attempts" in delete(as_ada).text
    ada.refresh_from_db()
    assert ada.deleted_at is None


def test_the_last_who_administers_stays(as_sam: Client, sam: User) -> None:
    assert "last person who can administer" in delete(as_sam).text
    sam.refresh_from_db()
    assert sam.is_active


# Mails of what was not read -----------------------------------------------------------------------


def test_how_often_mails_come_is_chosen(as_ada: Client, ada: User) -> None:
    as_ada.post("/settings/profile", {"name": "Ada", "digest": "hourly"})
    ada.refresh_from_db()
    assert ada.digest == "hourly"
    assert '<option value="hourly" selected>' in as_ada.get("/settings/profile").text


def test_who_says_nothing_about_mails_keeps_what_they_have(as_ada: Client, ada: User) -> None:
    as_ada.post("/settings/profile", {"name": "Ada"})
    ada.refresh_from_db()
    assert ada.digest == "daily"


def test_mails_come_no_other_way(as_ada: Client, ada: User) -> None:
    page = as_ada.post("/settings/profile", {"name": "Ada Two", "digest": "every minute"}).text
    assert 'id="id_digest_error"' in page
    ada.refresh_from_db()
    assert (ada.name, ada.digest) == ("Ada", "daily")


def test_the_page_says_why_no_mail_would_come(as_ada: Client, ada: User, settings: Any) -> None:
    assert "This server sends no mail" in as_ada.get("/settings/profile").text
    settings.EMAIL_URL = "smtp://mail.example.org"
    assert "your address is not verified" in as_ada.get("/settings/profile").text
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    assert "nothing of what was written" in as_ada.get("/settings/profile").text
