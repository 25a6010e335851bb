"""How many changes one person may make in a minute, and what happens while nobody can count them."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import caches
from django.test import Client
from structlog.testing import capture_logs

from tests.factories import posting
from webchat import cache, stores, throttle

JSON = "application/json"


@pytest.fixture(autouse=True)
def three(settings, monkeypatch):
    """A minute that does not end while we look, with room for three changes."""
    settings.WRITES_PER_MINUTE = 3
    monkeypatch.setattr(throttle, "MINUTE", 100_000)
    monkeypatch.setitem(cache._away, "until", 0.0)


def rename(client, conversation):
    return client.patch(f"/api/v1/conversations/{conversation.pk}", {"title": "T"}, JSON)


def test_the_fourth_change_of_a_minute_is_refused(as_ada, conversation):
    assert [rename(as_ada, conversation).status_code for _ in range(3)] == [200] * 3
    response = rename(as_ada, conversation)
    told = response.json()
    assert (response.status_code, told["code"], told["limit"]) == (429, "too_many_requests", 3)
    assert response["Retry-After"] == str(told["retry_after"])
    assert f"try again in {told['retry_after']} seconds" in told["detail"]


def test_the_next_minute_begins_anew(as_ada, conversation, monkeypatch):
    for _ in range(4):
        rename(as_ada, conversation)
    later = time.time() + throttle.MINUTE
    monkeypatch.setattr(throttle.time, "time", lambda: later)
    assert rename(as_ada, conversation).status_code == 200


def test_reading_is_free(as_ada, conversation):
    for _ in range(5):
        assert as_ada.get("/api/v1/conversations").status_code == 200
    assert rename(as_ada, conversation).status_code == 200


def test_everyone_has_a_count_of_their_own(as_ada, as_cyd, conversation):
    for _ in range(4):
        rename(as_ada, conversation)
    response = as_cyd.post("/api/v1/conversations", {}, content_type=JSON)
    assert response.status_code == 201


def test_the_same_post_again_counts_as_a_change(as_ada, conversation):
    body = posting(reply=False)
    path = f"/api/v1/conversations/{conversation.pk}/messages"
    codes = [as_ada.post(path, body, content_type=JSON).status_code for _ in range(4)]
    assert codes == [201, 201, 201, 429]


def test_a_foreign_page_cannot_use_up_the_count(ada, conversation):
    """Without the CSRF token nothing is counted."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert [rename(strict, conversation).status_code for _ in range(5)] == [403] * 5


@pytest.fixture
def cache_at(settings, monkeypatch):
    """Count in the Valkey at this address."""

    def use(url):
        settings.CACHES = stores.caches(url)
        monkeypatch.setattr(throttle, "cache", caches["default"])

    return use


def test_changes_on_all_nodes_are_counted_together(as_ada, ada, valkey, cache_at, settings):
    settings.WRITES_PER_MINUTE = 1_000
    cache_at(valkey)
    with ThreadPoolExecutor(8) as nodes:
        list(nodes.map(lambda _: throttle.count_write(ada.pk), range(200)))
    key = f"writes:{ada.pk}:{int(time.time() // throttle.MINUTE)}"
    assert throttle.cache.get(key) == 200


def listening():
    """A machine that takes connections and says nothing."""
    return socket.create_server(("127.0.0.1", 0))


@pytest.mark.parametrize("hangs", [True, False])
def test_a_cache_that_is_away_refuses_nobody(as_ada, conversation, cache_at, hangs):
    with listening() as listener:
        cache_at(f"redis://127.0.0.1:{listener.getsockname()[1] if hangs else 1}")
        began = time.monotonic()
        with capture_logs() as logs:
            codes = [rename(as_ada, conversation).status_code for _ in range(10)]
    assert codes == [200] * 10
    assert [line["event"] for line in logs].count("cache.away") == 1
    assert time.monotonic() - began < 3


def test_counting_begins_again_when_the_cache_is_back(
    as_ada, conversation, cache_at, valkey, monkeypatch
):
    cache_at("redis://127.0.0.1:1")
    assert rename(as_ada, conversation).status_code == 200
    cache_at(valkey)
    monkeypatch.setitem(cache._away, "until", 0.0)
    assert [rename(as_ada, conversation).status_code for _ in range(4)] == [200, 200, 200, 429]
