"""What is found in a text before it is shared; and that no text takes long."""

import random
import time

import pytest

from chat.services.findings import found_in, masked

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


@pytest.mark.parametrize("name", KEYS)
def test_what_looks_like_a_key_is_found_and_masked(name):
    [(kind, text)] = found_in(f"Use {KEYS[name]} for it.")
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
    [(kind, _)] = found_in(text)
    assert kind == "key"


@pytest.mark.parametrize(
    "address", ["ada@example.org", "a.b+c@mail.example.co.uk", "김철수@예시.한국"]
)
def test_addresses_are_found_whole(address):
    assert found_in(f"Write to <{address}>, please.") == [("email", address)]


def test_links_to_files_are_found():
    assert found_in("See [it](https://x.test/a/Report.PDF) and https://x.test/page") == [
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
    assert found_in(text) == []


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
        found_in(text)
        took[name] = time.perf_counter() - began
    slowest = max(took, key=lambda name: took[name])
    print(f"findings in 1 MB: slowest {slowest[:12]!r} {took[slowest]:.2f} s")
    assert took[slowest] < 10
