"""The door: who gets in, what strangers learn, how often they may try."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import people
from tests.accounts.conftest import PASSWORD

WRONG = "not the passphrase"


def sign_in(client: Client, email: str, password: str = PASSWORD, **headers: Any) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password}, **headers)


def is_in(client: Client) -> bool:
    return client.get("/settings/profile").status_code == 200


@pytest.mark.parametrize("email", ["ada@example.org", " Ada@Example.ORG "])
def test_a_person_signs_in_by_address(client: Client, ada: User, email: str) -> None:
    answer = sign_in(client, email)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_in(client)


def test_the_session_is_a_new_one(client: Client, ada: User, settings: Any) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "chosen-by-somebody-else"
    sign_in(client, ada.email)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != "chosen-by-somebody-else"


def test_only_who_wants_it_stays_signed_in(ada: User, settings: Any) -> None:
    fleeting, lasting = Client(), Client()
    form = {"login": ada.email, "password": PASSWORD}
    fleeting.post("/accounts/login/", form)
    lasting.post("/accounts/login/", form | {"remember": "on"})
    ages = [one.cookies[settings.SESSION_COOKIE_NAME]["max-age"] for one in (fleeting, lasting)]
    assert ages == ["", settings.SESSION_COOKIE_AGE]


def test_a_stranger_cannot_tell_an_address_from_no_address(ada: User) -> None:
    known, unknown = (
        sign_in(Client(), email, WRONG) for email in ("ada@example.org", "xyz@example.org")
    )
    assert known.status_code == unknown.status_code == 200
    assert "do not belong together" in known.text
    assert without_noise(known.text, "ada@") == without_noise(unknown.text, "xyz@")


def without_noise(page: str, name: str) -> str:
    """The page but for what every answer has of its own: token, nonce, the address as typed."""
    page = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "", page)
    return page.replace(name, "")


def test_an_unknown_address_costs_as_much_hashing(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(User, "set_password", lambda user, password: hashed.append(password))
    sign_in(Client(), "unknown@example.org", WRONG)
    assert hashed == [WRONG]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "https:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:///evil.example",
        "http://localhost:6666/",
        "javascript:alert(1)",
        "/\t/evil.example",
    ],
)
def test_next_stays_on_site(client: Client, ada: User, target: str) -> None:
    form = {"login": ada.email, "password": PASSWORD, "next": target}
    assert client.post("/accounts/login/", form)["Location"] == "/"
    query = {"next": target}
    assert client.get("/accounts/login/", query)["Location"] == "/"
    assert client.post("/accounts/logout/", query)["Location"] == "/accounts/login/"


def test_next_leads_back_to_the_page_that_was_asked_for(client: Client, ada: User) -> None:
    asked = client.get("/settings/profile")
    assert asked["Location"] == "/accounts/login/?next=/settings/profile"
    form = {"login": ada.email, "password": PASSWORD, "next": "/settings/profile"}
    assert client.post(asked["Location"], form)["Location"] == "/settings/profile"


def test_signing_out_takes_a_post(as_ada: Client) -> None:
    assert as_ada.get("/accounts/logout/").status_code == 200
    assert is_in(as_ada)
    as_ada.post("/accounts/logout/")
    assert not is_in(as_ada)


def test_the_suspended_learn_so_only_with_their_password(ada: User, sam: User) -> None:
    people.suspend(ada, by=sam)
    answer = sign_in(Client(), ada.email)
    assert answer["Location"] == "/accounts/inactive/"
    assert not is_in(answer.client)
    assert "do not belong together" in sign_in(Client(), ada.email, WRONG).text


def test_the_deleted_cannot_sign_in(ada: User, sam: User) -> None:
    people.delete(ada, by=sam)
    for email in ("ada@example.org", f"deleted-{ada.pk}@deleted.invalid"):
        assert not is_in(sign_in(Client(), email).client)


# Limits -----------------------------------------------------------------------------------------------


def attempts_checked(attempts: list[Any]) -> int:
    return sum("do not belong together" in attempt.text for attempt in attempts)


def test_one_account_is_guessed_five_times(ada: User) -> None:
    attempts = [sign_in(Client(), ada.email, WRONG) for _ in range(8)]
    assert attempts_checked(attempts) == 5
    assert "Too many attempts" in attempts[-1].text
    assert "Too many attempts" in sign_in(Client(), ada.email).text


@pytest.mark.parametrize(
    "disguise",
    [
        lambda number: {"headers": {"X-Forwarded-For": f"198.51.100.{number}"}},
        lambda number: {"headers": {"Host": f"localhost:{9000 + number}"}},
        lambda number: {"REMOTE_ADDR": f"198.51.100.{number}"},
    ],
    ids=["forged proxy header", "forged port", "other machines"],
)
def test_a_disguise_gains_no_more_guesses(ada: User, disguise: Any) -> None:
    attempts = [sign_in(Client(), ada.email, WRONG, **disguise(number)) for number in range(8)]
    assert attempts_checked(attempts) == 5


def test_letters_in_another_case_gain_no_more_guesses(ada: User) -> None:
    spellings = ["ada@example.org", "ADA@example.org", "Ada@example.org", "ada@EXAMPLE.org"] * 2
    assert attempts_checked([sign_in(Client(), email, WRONG) for email in spellings]) == 5


def test_one_machine_tries_ten_accounts_a_minute(db: None) -> None:
    attempts = [sign_in(Client(), f"p{number}@example.org", WRONG) for number in range(12)]
    assert attempts_checked(attempts) == 10


def test_behind_a_proxy_each_client_has_its_own_limit(db: None, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(12):
        hops = {"X-Forwarded-For": f"203.0.113.9, 198.51.100.{number}:4711"}
        answer = sign_in(Client(), f"p{number}@example.org", WRONG, headers=hops)
        assert attempts_checked([answer]) == 1


def test_behind_a_proxy_what_clients_write_before_it_is_ignored(db: None, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    hops = ({"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.7:{number}"} for number in range(12))
    answers = [
        sign_in(Client(), f"p{number}@example.org", WRONG, headers=header)
        for number, header in enumerate(hops)
    ]
    assert attempts_checked(answers) == 10


def test_too_many_requests_have_a_page_of_their_own(db: None) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": "a@example.org"}) for _ in range(6)
    ]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Too many attempts" in answers[-1].text


def test_who_is_signed_in_is_not_locked_out_by_others(as_ada: Client, ada: User) -> None:
    for _ in range(8):
        sign_in(Client(), ada.email, WRONG)
    assert is_in(as_ada)


def test_an_unverified_person_gets_another_link_instead(
    client: Client, ada: User, with_mail: None, mailoutbox: list[Any]
) -> None:
    assert sign_in(client, ada.email)["Location"] == "/accounts/confirm-email/"
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"]]
    assert not is_in(client)
