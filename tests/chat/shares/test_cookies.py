"""No page of a share link sets a cookie, a public one reads none, and all say what may be done with them."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from chat.services import visits
from chat.share_views import HEADERS
from tests.shares import UNKNOWN, counting, share, visitor


def test_a_public_link_neither_reads_nor_sets_a_cookie(conversation, ada, branch):
    shared = share(conversation, ada)
    client = visitor(ada)
    client.cookies["theme"] = "dark"
    with counting() as asked:
        mine = client.get(shared.path)
    nobodys = visitor().get(shared.path)
    assert not mine.cookies
    assert not nobodys.cookies
    assert not any("session" in query["sql"] for query in asked)
    assert _plain(mine) == _plain(nobodys)


def _plain(response):
    return response.content.replace(str(response.wsgi_request.csp_nonce).encode(), b"")


@pytest.mark.parametrize("audience", ["public", "signed_in", "people"])
def test_no_cookie_is_set_whatever_the_session_is(conversation, ada, ben, branch, audience):
    shared = share(
        conversation, ada, audience=audience, people=[ben.pk] if audience == "people" else []
    )
    ended, broken, alive = visitor(ben), visitor(), visitor(ben)
    Session.objects.filter(pk=ended.session.session_key).delete()
    broken.cookies["sessionid"] = "no such session"
    for client in (ended, broken, alive):
        for path in (shared.path, f"{shared.path}/changes", UNKNOWN, "/s/x/y"):
            assert not client.get(path).cookies, path
        assert not client.post(f"{shared.path}/seen").cookies


def test_a_session_is_read_and_not_renewed(conversation, ada, ben, branch):
    shared = share(conversation, ada, audience="signed_in")
    client = visitor(ben)
    before = Session.objects.values_list("session_key", "session_data", "expire_date").get()
    assert client.get(shared.path).status_code == 200
    assert Session.objects.values_list("session_key", "session_data", "expire_date").get() == before
    assert client.session[SESSION_KEY] == str(ben.pk)


@pytest.mark.parametrize("path", ["{}", "{}/changes", UNKNOWN, "/s/x/y/z"])
def test_the_headers_of_every_page_and_miss(conversation, ada, branch, path):
    response = visitor().get(path.format(share(conversation, ada).path))
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    for name in ("default-src", "base-uri", "frame-ancestors", "script-src-attr"):
        assert policy[name] == "'none'"
    assert (policy["img-src"], policy["connect-src"], policy["form-action"]) == ("'self'",) * 3
    assert "unsafe" not in response["Content-Security-Policy"]


REFUSED = [
    ("DELETE", "{}", 405),
    ("GET", "{}/seen", 405),
    ("POST", "{}/changes", 405),
    ("POST", "{}/seen.gif", 405),
    ("PUT", "{}/continue", 405),
    ("GET", "{}/continue", 302),
]


@pytest.mark.parametrize(("method", "path", "code"), REFUSED)
def test_the_headers_of_every_refusal(conversation, ada, branch, method, path, code):
    response = visitor().generic(method, path.format(share(conversation, ada).path))
    assert response.status_code == code
    for name, value in HEADERS.items():
        assert response[name] == value
    assert "img-src 'self'" in response["Content-Security-Policy"].split("; ")


@pytest.mark.parametrize("is_waiting", [False, True])
def test_no_miss_follows_a_cookie(is_waiting, monkeypatch, db):
    monkeypatch.setattr(visits, "MOST_MISSES", 0 if is_waiting else 100)
    client = visitor()
    client.cookies["theme"], client.cookies["sidebar"] = "dark", "closed"
    dark, plain = client.get(UNKNOWN), visitor().get(UNKNOWN)
    assert dark.status_code == (429 if is_waiting else 404)
    assert _plain(dark) == _plain(plain)
    assert b"theme=(dark|light)" in dark.content  # found in the browser
