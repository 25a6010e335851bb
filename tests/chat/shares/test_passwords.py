"""The password of a link: nothing is seen before it, and it is not found by trying."""

import time

import pytest

from accounts.models import AuditEntry
from chat.errors import PasswordTooShort
from chat.models import ShareLink
from chat.services import share_passwords, visits
from tests.shares import codes, counting, share, visitor
from webchat import throttle

WRONG = "open barley"


def guess(client, shared, password=WRONG):
    return client.post(shared.path, {"password": password})


def test_behind_a_password_there_is_nothing_to_see(locked):
    client = visitor()
    page = client.get(locked.path)
    assert b"Turn 0" not in page.content
    assert b"Leases" not in page.content
    assert codes(f"{locked.path}/changes", client) == [404]
    assert client.post(f"{locked.path}/seen").status_code == 404
    assert guess(client, locked).status_code == 403


def test_the_right_one_opens_it_by_one_cookie(locked):
    client = visitor()
    response = guess(client, locked, "open sesame")
    assert (response.status_code, response["Location"]) == (302, locked.path)
    [cookie] = response.cookies.values()
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (locked.path, True, "Lax")
    assert 0 < cookie["max-age"] <= 24 * 3600
    assert not cookie["secure"]
    assert b"Turn 0" in client.get(locked.path).content
    assert codes(f"{locked.path}/changes", client) == [200]


def test_on_https_the_cookie_is_secure(locked, settings):
    settings.SECURE = True
    [cookie] = guess(visitor(), locked, "open sesame").cookies.values()
    assert cookie["secure"]


def test_the_cookie_is_bound_to_its_link_and_password_and_ends(
    conversation, ada, locked, monkeypatch
):
    client = visitor()
    guess(client, locked, "open sesame")
    pass_ = client.cookies["share"].value
    other = share(conversation, ada, password="open sesame")
    assert visits.is_unlocked(locked.link, pass_)
    assert not visits.is_unlocked(other.link, pass_)
    changed = ShareLink(pk=locked.link.pk, password="argon2$another")
    assert not visits.is_unlocked(changed, pass_)
    later = time.time() + visits.UNLOCKED_FOR + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert not visits.is_unlocked(locked.link, pass_)


def test_ten_wrong_passwords_and_then_not_even_the_right_one(locked):
    client = visitor()
    answers = [guess(client, locked).status_code for _ in range(11)]
    assert answers == [403] * 10 + [429]
    refused = guess(client, locked, "open sesame")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= visits.GUESSING
    assert guess(visitor(REMOTE_ADDR="192.0.2.9"), locked, "open sesame").status_code == 302
    [entry] = AuditEntry.objects.filter(action="share.guessed")
    assert entry.subject == locked.link.pk


def test_right_passwords_do_not_count(locked):
    client = visitor()
    assert [guess(client, locked, "open sesame").status_code for _ in range(15)] == [302] * 15


def test_a_hundred_wrong_ones_an_hour_from_everywhere(locked, monkeypatch):
    monkeypatch.setattr(visits, "MOST_GUESSES_AN_HOUR", 12)
    crowd = [visitor(REMOTE_ADDR=f"192.0.2.{number}") for number in range(14)]
    assert [guess(client, locked).status_code for client in crowd] == [403] * 12 + [429] * 2


def test_many_attempts_at_once_are_no_way_around_the_limit(locked, monkeypatch):
    monkeypatch.setattr(throttle.time, "time", lambda: 1_800_000_000.0)
    answers = []

    def slow(password, encoded):
        """While one is being checked, the next one comes."""
        if len(answers) < 30:
            answers.append(guess(visitor(), locked).status_code)
        return False

    monkeypatch.setattr(share_passwords, "check_password", slow)
    answers.append(guess(visitor(), locked).status_code)
    assert answers.count(403) <= visits.MOST_GUESSES


@pytest.mark.parametrize(
    ("chosen", "typed"),
    [
        ("cafe\u0301 1912", "caf\u00e9 1912"),
        ("caf\u00e9 1912", "cafe\u0301 1912"),
        ("open sesame", " open sesame\r\n"),
        (" open sesame ", "open sesame"),
        ("\u1e69" * 128, "s\u0323\u0307" * 128),
    ],
)
def test_what_looks_the_same_opens_the_same(conversation, ada, branch, chosen, typed):
    shared = share(conversation, ada, password=chosen)
    assert guess(visitor(), shared, typed).status_code == 302
    assert guess(visitor(), shared, f"{typed}x").status_code == 403


@pytest.mark.parametrize("password", ["    ", " abc ", "\u2003\n\t "])
def test_what_is_too_short_without_its_spaces_is_no_password(conversation, ada, branch, password):
    with pytest.raises(PasswordTooShort):
        share(conversation, ada, password=password)
    assert not ShareLink.objects.exists()


def test_while_it_is_hashed_nobody_waits_for_the_conversation(
    conversation, ada, branch, monkeypatch
):
    """It takes a tenth of a second on purpose."""
    locked = []

    def hashed(password):
        locked.extend(each["sql"] for each in asked if "FOR UPDATE" in each["sql"])
        return "argon2$"

    monkeypatch.setattr(share_passwords, "make_password", hashed)
    with counting() as asked:
        share(conversation, ada, password="open sesame")
    assert locked == []
    assert any("FOR UPDATE" in each["sql"] for each in asked)
