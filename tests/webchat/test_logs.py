"""What never stands in the log: keys, and addresses that let in whoever has them."""

import logging
import secrets

import pytest
from django.test import Client

from chat.services import share_pages, share_tokens
from tests.factories import make_branch
from tests.shares import share, visitor
from webchat import logs

TOKEN = share_tokens.new_token()
INVITATION = secrets.token_urlsafe(32)


@pytest.fixture
def written(monkeypatch):
    """Every line that would be written, as it would be."""
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logs.formatter().format(record))

    monkeypatch.setattr(logging.getLogger(), "handlers", [Keeping()])
    return lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            f"Forbidden (no cookie): /s/{TOKEN}/continue",
            "Forbidden (no cookie): /s/[redacted]/continue",
        ),
        (f"GET https://a.example/s/{TOKEN}?since=5", "GET https://a.example/s/[redacted]?since=5"),
        (f"<Request: GET '/s/{TOKEN}'>", "<Request: GET '/s/[redacted]'>"),
        (f"?next=%2Fs%2F{TOKEN}%2Fcontinue", "?next=%2Fs%2F[redacted]%2Fcontinue"),
        (f"/S/{TOKEN.upper()}", "/S/[redacted]"),
        (f"/s/{TOKEN} and /s/{TOKEN}", "/s/[redacted] and /s/[redacted]"),
        (f"POST /api/v1/shares/{TOKEN}/copy", "POST /api/v1/shares/[redacted]/copy"),
        (f"/invitations/{INVITATION}", "/invitations/[redacted]"),
        (f"next=/invitations/{INVITATION}&x=1", "next=/invitations/[redacted]&x=1"),
        ("Bearer abcdefghijkl", "Bearer [redacted]"),
    ],
)
def test_addresses_that_let_in_are_cut_out(text, shown):
    given = {"event": text, "more": [text, {"deep": (text,)}], "number": 5, "none": None}
    assert logs._redact(None, "", given) == {
        "event": shown,
        "more": [shown, {"deep": [shown]}],
        "number": 5,
        "none": None,
    }


@pytest.mark.parametrize(
    "text",
    ["/static/s.js", "/api/v1/shares/5e0f", "this/sort/of", "shares/preview", "s/<str:token>"],
)
def test_other_words_stay(text):
    assert logs._redact(None, "", {"event": text}) == {"event": text}


def test_what_is_no_text_is_written_as_it_shows_itself():
    class Request:
        def __repr__(self) -> str:
            return f"<Request: GET '/s/{TOKEN}'>"

    assert TOKEN not in str(logs._redact(None, "", {"event": "e", "request": Request()}))


def test_a_form_that_is_refused_tells_no_token(conversation, ada, ben, written):
    make_branch(conversation, ada, 2)
    shared, client = share(conversation, ada), Client(enforce_csrf_checks=True)
    client.force_login(ben)
    assert client.post(f"{shared.path}/continue").status_code == 403
    assert any("Forbidden" in line for line in written)
    assert not any(shared.token in line for line in written)


def test_nor_does_what_goes_wrong(conversation, ada, written, monkeypatch):
    make_branch(conversation, ada, 2)
    shared, client = share(conversation, ada), visitor()
    monkeypatch.setattr(share_pages, "page_of", lambda link: 1 / 0)
    client.raise_request_exception = False
    assert client.get(shared.path).status_code == 500
    assert any("ZeroDivisionError" in line for line in written)
    assert not any(shared.token in line for line in written)
