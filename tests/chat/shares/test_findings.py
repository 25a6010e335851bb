"""What is found in a text before it is shared; and that no text takes long."""

import random
import time
from uuid import uuid4

import pytest

from chat.services import findings
from chat.services.findings import findings_in, masked
from chat.services.share_content import Turn

KEYS = {
    "AWS": "AKIAIOSFODNN7EXAMPLE",
    "Google": "AIza" + "Sy0aB3dE5gH7jK9mN1pQ3rT5vW7yZ9_-xYz",
    "OpenAI": "sk-proj-abcdefghijklmnop1234",
    "Stripe": "sk_" + "live_abcdefghijklmnop1234",
    "GitHub": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "Slack": "xoxb-1234567890-abcdefghij",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "PEM": "-----BEGIN RSA PRIVATE KEY-----",
    "hex": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "base64": "wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEY1",
}


def found(text, names=findings.NOBODY):
    return findings.found_in(text, names)[0]


def turn(content, **fields):
    usual = {"id": 1, "author": None, "role": "user", "name": "Person A", "hue": 1, "model": None}
    stored = {"status": "completed", "created_at": "2026-11-21T10:00:00+00:00"}
    return Turn(**{**usual, **stored, "message": uuid4(), "content": content, **fields})


@pytest.mark.parametrize("name", KEYS)
def test_what_looks_like_a_key_is_found_and_masked(name):
    [(kind, text)] = found(f"Use {KEYS[name]} for it.")
    assert kind == "key"
    assert KEYS[name] not in text
    assert "…" in text


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2222",
        'API_KEY: "abc123def"',
        "postgres://ada:geheim1@db/x",
        "Bearer abcdefgh12345678",
    ],
)
def test_what_is_said_to_be_secret_is_found(text):
    [(kind, _)] = found(text)
    assert kind == "key"


@pytest.mark.parametrize(
    "address", ["ada@example.org", "a.b+c@mail.example.co.uk", "김철수@예시.한국"]
)
def test_addresses_are_found_whole(address):
    assert found(f"Write to <{address}>, please.") == [("email", address)]


def test_links_to_files_are_found():
    assert found("See [it](https://x.test/a/Report.PDF) and https://x.test/page") == [
        ("file", "https://x.test/a/Report.PDF")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "An ordinary sentence, 12 %, $5 and 1,000,000 tokens.",
        "The task-runner-that-nobody-understands-any-more-at-all is slow.",
        "00000000000000000000000000000000000000000000",
        "He said: password reset? Meet @ noon.",
        "def sk(x): return x.split('@')[0]",
    ],
)
def test_ordinary_text_has_no_findings(text):
    assert found(text) == []


def test_short_secrets_are_masked_whole():
    assert (masked("abc12"), masked("abcdefghijklmnopqrstuvwxyz")) == ("…", "abcd…wxyz")


def test_a_megabyte_of_anything_takes_a_moment():
    size = 1_000_000
    mixed = random.Random(7)
    pieces = [
        "a",
        "a@",
        "@",
        "a.",
        "-",
        "eyJ",
        "eyJ-",
        "eyJaaaaaaaaaaaa.",
        "password=",
        "ab://",
        "http://a.pdf",
    ]
    texts = {
        piece: piece * (size // len(piece))
        for piece in [*pieces, "A1", "sk-", " ", "-----BEGIN ", "x://" + "b" * 99]
    }
    texts["domain"] = "a@" + "a." * (size // 2)
    texts["mixed"] = "".join(mixed.choices("abcdefABCDEF0123456789-_/+.@: ", k=size))
    took = {}
    for name, text in texts.items():
        began = time.perf_counter()
        found(text)
        took[name] = time.perf_counter() - began
    slowest = max(took, key=lambda name: took[name])
    print(f"findings in 1 MB: slowest {slowest[:12]!r} {took[slowest]:.2f} s")
    assert took[slowest] < 10


def test_what_begins_like_a_key_again_and_again_takes_no_longer():
    began = time.perf_counter()
    assert found("eyJ-" * 25_000) == []
    assert time.perf_counter() - began < 0.4


# Names

ADA = {"Ada Lovelace": ("Ada Lovelace", "@Ada"), "Will": ("Will", "@Will")}


@pytest.mark.parametrize(
    "text",
    [
        "Ask @Ada about it.",
        "ask @ada, please",
        "\uff20Ada said so",
        "as ada  LOVELACE wrote",
        "That is Will.",
        "@will knows",
    ],
)
def test_whom_a_text_calls_is_found(text):
    [(kind, name)] = found(text, ADA)
    assert (kind, name in ADA) == ("name", True)


@pytest.mark.parametrize(
    "text",
    ["it will do", "Ada is a language", "@adam", "Willow", "x@ada", "Goodwill", "Ada Lovelacely"],
)
def test_other_words_are_no_names(text):
    assert found(text, ADA) == []


def test_a_name_in_hangul_is_found_with_its_ending():
    assert found(
        "\ud55c\uc900\uc11c\uac00 \ub9d0\ud588\ub2e4",
        {"\ud55c\uc900\uc11c": ("\ud55c\uc900\uc11c", "@\ud55c\uc900\uc11c")},
    )


def test_the_names_of_a_hundred_people_in_a_megabyte_take_a_moment():
    names = {f"Person {n} Surname": (f"Person {n} Surname", f"@Person{n}") for n in range(100)}
    for piece in ("Person ", "@", "a person @p "):
        began = time.perf_counter()
        assert found(piece * (1_000_000 // len(piece)), names) == []
        assert time.perf_counter() - began < 10


# Of a whole preview


def test_the_title_is_looked_through_too():
    said = turn("Nothing here")
    [item] = findings_in("About ops@example.org", [said], findings.NOBODY).items
    assert item == {"kind": "email", "text": "ops@example.org", "message": None}


def test_that_there_are_more_in_one_message_is_said():
    text = " ".join(f"a{n}@example.org" for n in range(51))
    assert len(findings_in("", [turn(text)], findings.NOBODY).items) == 50
    assert findings_in("", [turn(text)], findings.NOBODY).more
    assert not findings_in("", [turn(text.removeprefix("a0@example.org"))], findings.NOBODY).more


def test_that_there_are_more_keys_in_one_message_is_said():
    text = " ".join(f"sk-proj-abcdefghijkl{n:04}" for n in range(51))
    assert findings_in("", [turn(text)], findings.NOBODY).more


def test_that_there_are_more_in_all_is_said():
    turns = [turn(" ".join(f"a{n}@example.org" for n in range(50))) for _ in range(4)]
    assert findings_in("", turns, findings.NOBODY)[1:] == (False,)
    items, more = findings_in("", [*turns, turn("b@example.org")], findings.NOBODY)
    assert (len(items), more) == (200, True)


def test_what_was_not_looked_through_is_said(monkeypatch):
    monkeypatch.setattr(findings, "MOST_CHARACTERS", 20)
    early, late = turn("a@example.org"), turn("and b@example.org")
    assert not findings_in("", [early], findings.NOBODY).more
    items, more = findings_in("", [early, late], findings.NOBODY)
    assert ([item["text"] for item in items], more) == (["a@example.org"], True)
    assert findings_in("", [turn("x" * 20), late], findings.NOBODY) == ([], True)
