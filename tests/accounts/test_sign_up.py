"""Who may sign up, and what is stored then."""

from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.mail import EmailMessage
from django.db import IntegrityError
from django.test import Client

from accounts.forms import SignUpForm
from accounts.models import User
from tests.factories import make_user

Mails = list[EmailMessage]


def form(**fields: str) -> dict[str, str]:
    """A sign-up that works, unless a field says otherwise."""
    password = fields.pop("password", "correct horse battery")
    given = {"name": "Ada", "email": "ada@example.org"}
    return given | {"password1": password, "password2": password} | fields


def test_a_person_is_signed_in_at_once_and_stored_in_one_form(client: Client, ben: User) -> None:
    answer = client.post("/accounts/signup/", form(name="  Ada L. ", email="Ada@Example.ORG"))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    ada = User.objects.get(email="ada@example.org")
    assert (ada.name, ada.is_staff, ada.is_active) == ("Ada L.", False, True)
    assert identify_hasher(ada.password).algorithm == "argon2"
    assert client.get("/settings/profile").status_code == 200


def test_what_the_form_does_not_have_is_ignored(client: Client, ben: User) -> None:
    more = {"is_staff": "1", "is_superuser": "on", "is_active": "0", "session_epoch": "9"}
    client.post("/accounts/signup/", form(**more, id="00000000-0000-0000-0000-000000000001"))
    ada = User.objects.get(email="ada@example.org")
    assert (ada.is_staff, ada.is_superuser, ada.is_active, ada.session_epoch) == (
        False,
        False,
        True,
        0,
    )
    assert ada.pk.int != 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " \t"},
        {"name": "a" * 101},
        {"name": "Ada\u202egro.elpmaxe"},
        {"name": "Ada\nBcc: all"},
        {"name": "Ada\x00"},
        {"email": ""},
        {"email": "ada"},
        {"email": "ada@example.org\nBcc: all@example.org"},
        {"email": "a" * 250 + "@example.org"},
        {"password": "short"},
        {"password": "password123"},
        {"password": "ada@example.org"},
        {"password2": "something else"},
        {"name": "Ada Lovelace King", "password": "lovelaceking"},
    ],
)
def test_nonsense_is_refused_and_stores_nobody(
    client: Client, db: None, wrong: dict[str, str]
) -> None:
    answer = client.post("/accounts/signup/", form(**wrong))
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.text
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["한준서", "Jürgen-Maximilian", "نور", "क्‍ष", "O'Neill 🦊"])
def test_names_of_all_scripts_are_welcome(client: Client, db: None, name: str) -> None:
    client.post("/accounts/signup/", form(name=name))
    assert User.objects.get().name == name


@pytest.mark.parametrize("address", ["ada@example.org", "ADA@example.org", "Ada@EXAMPLE.org"])
def test_one_address_is_one_person(client: Client, ada: User, address: str) -> None:
    answer = client.post("/accounts/signup/", form(email=address))
    assert "There is an account with this address already" in answer.text
    assert User.objects.count() == 1


def test_the_database_refuses_a_second_spelling(ada: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.bulk_create([User(email="ADA@example.org", name="Ada")])


def test_of_two_at_one_moment_the_second_goes_to_sign_in(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SignUpForm, "clean_email", lambda form: form.cleaned_data["email"])
    answer = client.post("/accounts/signup/", form())
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert User.objects.count() == 1


def test_closed_means_closed_and_says_whom_to_ask(client: Client, db: None, settings: Any) -> None:
    settings.SIGNUP = "closed"
    page = client.get("/accounts/signup/")
    assert "Ask whoever runs this server" in page.text
    assert "<form" not in page.text
    client.post("/accounts/signup/", form())
    assert not User.objects.exists()
    assert "/accounts/signup/" not in client.get("/accounts/login/").text


def test_a_form_without_its_token_is_refused(db: None) -> None:
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post("/accounts/signup/", form()).status_code == 403
    assert stranger.post("/accounts/login/", {}).status_code == 403
    assert not User.objects.exists()


# With a mail server addresses are verified, and nobody learns who has an account -------------------


def test_nobody_is_in_before_the_address_is_confirmed(
    client: Client, db: None, with_mail: None, mailoutbox: Mails
) -> None:
    answer = client.post("/accounts/signup/", form())
    assert answer["Location"] == "/accounts/confirm-email/"
    assert client.get("/settings/profile").status_code == 302
    link = link_in(mailoutbox[0])
    assert client.get(link).status_code == 200
    assert not User.objects.get().has_verified_email()
    client.post(link)
    assert User.objects.get().has_verified_email()
    assert client.get("/settings/profile").status_code == 200


def test_a_link_of_somebody_else_does_not_sign_in(
    client: Client, db: None, with_mail: None, mailoutbox: Mails
) -> None:
    client.post("/accounts/signup/", form())
    other = Client()
    other.post(link_in(mailoutbox[0]))
    assert other.get("/settings/profile").status_code == 302


def test_a_taken_address_is_answered_like_a_free_one(
    db: None, with_mail: None, mailoutbox: Mails
) -> None:
    make_user("Ada")
    taken = Client().post("/accounts/signup/", form())
    free = Client().post("/accounts/signup/", form(email="new@example.org"))
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])
    assert taken.content == free.content
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"], ["new@example.org"]]
    assert "already" in mailoutbox[0].subject
    assert User.objects.count() == 2


def link_in(mail: EmailMessage) -> str:
    """The path of the only link; it must point to PUBLIC_URL."""
    from django.conf import settings

    (link,) = (line for line in mail.body.splitlines() if line.startswith("http"))
    assert link.startswith(f"{settings.PUBLIC_URL}/")
    return link.removeprefix(settings.PUBLIC_URL)
