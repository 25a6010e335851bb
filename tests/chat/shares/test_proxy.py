"""A caching proxy between two people gives neither what the other was shown."""

from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from django.templatetags.static import static

from chat.models import Conversation
from tests.factories import make_branch, make_conversation
from tests.shares import share
from tests.tabs import session_for

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Stored(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def said(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "").lower()

    def may_be_kept(self) -> bool:
        """As a shared cache reads it (RFC 9111): what nobody forbids, also without a word about how long."""
        control = self.said("cache-control")
        return not any(word in control for word in ("no-store", "private", "no-cache"))


class Proxy(BaseHTTPRequestHandler):
    """Keeps every answer that it may, by the address and the headers that `Vary` names."""

    protocol_version = "HTTP/1.1"
    origin = ""
    kept: dict[str, list[tuple[dict[str, str], Stored]]]
    hits: list[str]

    def do_GET(self) -> None:
        known = self._known()
        if known:
            self.hits.append(self.path)
        self._give(known or self._fetched())

    def _known(self) -> Stored | None:
        for varied, stored in self.kept.get(self.path, []):
            if all(self.headers.get(name, "") == value for name, value in varied.items()):
                return stored
        return None

    def _fetched(self) -> Stored:
        connection = HTTPConnection(urlsplit(self.origin).netloc)
        connection.request("GET", self.path, headers=dict(self.headers))
        answer = connection.getresponse()
        stored = Stored(answer.status, answer.getheaders(), answer.read())
        connection.close()
        if stored.may_be_kept():
            names = [name.strip() for name in stored.said("vary").split(",") if name.strip()]
            varied = {name: self.headers.get(name, "") for name in names}
            self.kept.setdefault(self.path, []).append((varied, stored))
        return stored

    def _give(self, stored: Stored) -> None:
        self.send_response(stored.status)
        for name, value in stored.headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(stored.body)))
        self.end_headers()
        self.wfile.write(stored.body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def proxy(site, transactional_db) -> Iterator[type[Proxy]]:
    handler = type("Handler", (Proxy,), {"origin": site.url, "kept": {}, "hits": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield handler
        server.shutdown()
        thread.join()


@pytest.fixture
def chat(ada) -> Conversation:
    chat = make_conversation(ada, title="Leases")
    make_branch(chat, ada, 2)
    return chat


def get(proxy, path, user=None, **cookies):
    if user:
        cookies["sessionid"] = session_for(user)
    host = {"Host": urlsplit(proxy.origin).netloc}
    return httpx.get(f"{proxy.url}{path}", cookies=cookies, headers=host)


def test_the_proxy_does_keep_what_it_may(proxy):
    path = static("mark.svg")
    assert [get(proxy, path).status_code for _ in range(3)] == [200] * 3
    assert proxy.hits == [path] * 2


@pytest.mark.parametrize("audience", ["people", "signed_in"])
def test_what_one_may_read_the_next_is_not_given(proxy, chat, ada, ben, cyd, audience):
    shared = share(chat, ada, audience=audience, people=[ben.pk] if audience == "people" else [])
    for path in (shared.path, f"{shared.path}/changes"):
        others = [None, cyd] if audience == "people" else [None]
        assert "Leases" in get(proxy, path, ben).text
        assert [get(proxy, path, other).status_code for other in others] == [404] * len(others)
        assert get(proxy, path, ben).status_code == 200
    assert (proxy.hits, list(proxy.kept)) == ([], [])


def test_a_public_page_is_kept_by_nobody_and_sets_nothing(proxy, chat, ada, ben):
    shared = share(chat, ada)
    answers = [get(proxy, shared.path, who) for who in (ada, ben, None)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert (proxy.hits, list(proxy.kept)) == ([], [])


def test_behind_a_password_the_next_one_stands_before_it_again(proxy, chat, ada, site):
    shared = share(chat, ada, password="open sesame")
    opened = httpx.post(f"{site.url}{shared.path}", data={"password": "open sesame"})
    pass_ = opened.cookies["share"]
    assert "Turn 0" in get(proxy, shared.path, share=pass_).text
    assert "Turn 0" not in get(proxy, shared.path).text
    assert proxy.hits == []
