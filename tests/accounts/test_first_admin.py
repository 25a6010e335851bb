"""Exactly one first admin: from the settings, or the first who signs up while only this machine is served."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.services import people
from tests.accounts.test_sign_up import form
from tests.factories import make_user
from webchat.env import BadSetting

AT_ONCE = 20


@pytest.fixture
def from_settings(settings: Any) -> None:
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "Root@Example.org", "set by the operator"


def sign_up(number: int) -> int:
    try:
        return Client().post("/accounts/signup/", form(email=f"p{number}@example.org")).status_code
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_twenty_people_at_once_one_administers() -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(sign_up, range(AT_ONCE))) == {302}
    assert User.objects.count() == AT_ONCE
    assert User.objects.filter(is_staff=True, is_superuser=True).count() == 1


def test_the_second_person_does_not_administer(client: Client, ben: User) -> None:
    client.post("/accounts/signup/", form())
    assert not User.objects.get(email="ada@example.org").is_staff


@pytest.mark.parametrize("address", ["https://chat.example.org", "http://192.168.1.5:8000"])
def test_nobody_administers_by_signing_up_in_public(
    client: Client, db: None, settings: Any, address: str
) -> None:
    settings.PUBLIC_URL = address
    assert "first here" not in client.get("/accounts/signup/").text
    client.post("/accounts/signup/", form())
    assert not User.objects.get().is_staff


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1", "http://a.localhost"]
)
def test_the_page_says_so_to_the_first(
    client: Client, db: None, settings: Any, address: str
) -> None:
    settings.PUBLIC_URL = address
    assert "first here" in client.get("/accounts/signup/").text
    make_user("Ben")
    assert "first here" not in client.get("/accounts/signup/").text


def test_nobody_administers_by_signing_up_where_the_settings_name_an_admin(
    client: Client, db: None, from_settings: None
) -> None:
    client.post("/accounts/signup/", form())
    assert not User.objects.get().is_staff


def test_the_admin_of_the_settings_is_created_once(db: None, from_settings: None) -> None:
    people.ensure_admin()
    people.ensure_admin()
    admin = User.objects.get()
    assert (admin.email, admin.is_staff, admin.is_superuser) == ("root@example.org", True, True)
    assert admin.check_password("set by the operator")
    assert admin.has_verified_email()


def test_whoever_took_the_address_before_gets_nothing(
    client: Client, db: None, from_settings: None
) -> None:
    squatter = make_user("Eve", email="root@example.org")
    client.force_login(squatter)
    people.ensure_admin()
    assert User.objects.get().is_staff
    assert not User.objects.get().check_password("a long passphrase")
    assert client.get("/settings/profile").status_code == 302


def test_an_admin_who_was_demoted_does_not_come_back(sam: User, from_settings: None) -> None:
    people.ensure_admin()
    assert not User.objects.filter(email="root@example.org").exists()


def test_nothing_is_created_without_settings(db: None) -> None:
    people.ensure_admin()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("email", "password"), [("a@example.org", ""), ("", "secret"), ("not an address", "secret")]
)
def test_half_an_admin_stops_the_start(db: None, settings: Any, email: str, password: str) -> None:
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = email, password
    with pytest.raises(BadSetting, match="ADMIN_EMAIL"):
        people.ensure_admin()


def test_a_server_without_people_shows_the_page_to_sign_up(client: Client, db: None) -> None:
    assert client.get("/accounts/login/")["Location"] == "/accounts/signup/"
    asked = client.get("/accounts/login/", {"next": "/c/1?a=b"})
    assert asked["Location"] == "/accounts/signup/?next=%2Fc%2F1%3Fa%3Db"
    make_user("Ben")
    assert client.get("/accounts/login/").status_code == 200


def test_a_closed_server_without_people_shows_the_door(
    client: Client, db: None, settings: Any
) -> None:
    settings.SIGNUP = "closed"
    assert client.get("/accounts/login/").status_code == 200
