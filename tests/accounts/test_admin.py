"""Django's admin: our door, no content."""

import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import User
from tests.factories import make_user

CONTENT = {
    "conversation",
    "message",
    "completion",
    "member",
    "sharelink",
    "attachment",
    "file",
    "draft",
}


def test_the_registry_has_people_and_nothing_of_theirs() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered == {"accounts.user"}
    assert not {label.split(".")[1] for label in registered} & CONTENT


def test_no_field_of_a_person_leads_to_content(as_sam: Client, ada: User) -> None:
    shown = admin.site._registry[User].fields
    assert "password" not in shown
    assert all(not User._meta.get_field(name).is_relation for name in shown)
    assert "argon2" not in as_sam.get(f"/admin/accounts/user/{ada.pk}/change/").text


def test_the_door_is_the_products(client: Client, db: None) -> None:
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert (
        client.get("/admin/login/?next=/admin/")["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    )
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302


def test_passwords_are_changed_at_the_products_page(as_sam: Client) -> None:
    assert as_sam.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_who_is_not_staff_is_refused(as_cyd: Client) -> None:
    assert as_cyd.get("/admin/", follow=True).status_code == 403
    assert as_cyd.get("/admin/accounts/user/", follow=True).status_code == 403


@pytest.mark.parametrize("path", ["", "accounts/user/", "accounts/"])
def test_staff_looks(as_sam: Client, path: str) -> None:
    answer = as_sam.get(f"/admin/{path}")
    assert answer.status_code == 200
    assert "script-src 'self';" in answer["Content-Security-Policy"] + ";"


def test_staff_changes_only_the_name(as_sam: Client, ada: User) -> None:
    form = {"name": "Ada King", "email": "x@example.org", "is_staff": "on", "is_active": ""}
    as_sam.post(f"/admin/accounts/user/{ada.pk}/change/", form)
    ada.refresh_from_db()
    assert (ada.name, ada.email, ada.is_staff, ada.is_active) == (
        "Ada King",
        "ada@example.org",
        False,
        True,
    )


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/"])
def test_nobody_is_made_or_removed_here(sam: User, ada: User, path: str) -> None:
    root = make_user("Root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root)
    assert client.get(f"/admin/accounts/user/{path.format(pk=ada.pk)}").status_code == 403
