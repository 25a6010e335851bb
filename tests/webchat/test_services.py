"""The tests' own services: that they are the real thing."""

from collections.abc import Callable

import httpx
import pytest
import redis

from tests.services import Served, Upstream, chromium


def test_a_server_runs_on_a_database_of_its_own(server: Callable[..., Served]):
    one, other = server(), server()
    assert one.database_url != other.database_url
    assert httpx.get(f"{one.url}/readyz").json()["database"] is True


def test_the_upstream_remembers_its_calls(upstream: Upstream):
    question = {"model": "gemini-3.5-flash", "messages": [{"role": "user", "content": "Hello"}]}
    answer = httpx.post(
        f"{upstream.url}/v1/chat/completions",
        json=question,
        headers={"Authorization": "Bearer test-key"},
    )
    assert answer.status_code == 200
    assert [call.request["messages"] for call in upstream.calls] == [question["messages"]]


def test_valkey_answers(valkey: str):
    with redis.Redis.from_url(valkey) as client:
        assert client.ping()
        assert "valkey_version" in client.info("server")


@pytest.mark.django_db(transaction=True)
def test_the_site_serves_what_a_test_has_committed(site: Served, ada):
    login = {"login": ada.email, "password": "wrong"}
    with httpx.Client(base_url=site.url) as client:
        client.get("/accounts/login/")
        token = {"X-CSRFToken": client.cookies["csrftoken"]}
        assert client.post("/accounts/login/", data=login, headers=token).status_code == 200


def test_there_is_a_browser():
    assert chromium()
