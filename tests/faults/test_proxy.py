"""The proxy does what it says: without this no fault below would be one."""

import random
import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy, proxy

TEXT = b"The quick brown fox jumps over the lazy dog. " * 20


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while block := self.request.recv(4096):
            self.request.sendall(block)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Who is cut off is what these tests are about."""


@pytest.fixture
def way() -> Iterator[Proxy]:
    with Server(("127.0.0.1", 0), Echo) as echo:
        threading.Thread(target=echo.serve_forever, args=(0.01,), daemon=True).start()
        with proxy(("127.0.0.1", echo.server_address[1]), chance=random.Random(7)) as made:
            yield made
        echo.shutdown()


def dial(way: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", way.port), timeout=5)


def echoed(connection: socket.socket, text: bytes = TEXT) -> bytes:
    connection.sendall(text)
    heard = b""
    while len(heard) < len(text) and (block := connection.recv(4096)):
        heard += block
    return heard


def seconds_for(way: Proxy) -> float:
    with dial(way) as connection:
        began = time.monotonic()
        assert echoed(connection) == TEXT
        return time.monotonic() - began


def test_without_toxics_everything_passes_unchanged(way: Proxy):
    assert seconds_for(way) < 0.1


@pytest.mark.parametrize(
    ("toxics", "least"),
    [
        ({"latency": 0.1, "jitter": 0.05}, 0.2),
        ({"bandwidth": len(TEXT) * 5}, 0.4),
        ({"slicer": 90, "slicer_delay": 0.01}, 0.1),
    ],
)
def test_what_is_slow_still_arrives_whole(way: Proxy, toxics: dict[str, float], least: float):
    way.poison(**toxics)
    assert least < seconds_for(way) < least + 1


def test_after_its_limit_a_connection_closes(way: Proxy):
    way.poison(limit_data=100)
    with dial(way) as connection:
        assert echoed(connection) == TEXT[:100]


def test_a_timeout_swallows_until_it_is_healed(way: Proxy):
    way.poison(timeout=True)
    with dial(way) as connection:
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            echoed(connection)
        way.heal()
        connection.settimeout(5)
        assert connection.recv(9) == TEXT[:9]


def test_a_cut_resets_whoever_is_connected(way: Proxy):
    with dial(way) as connection:
        echoed(connection)
        assert (way.cut(), way.open) == (1, 0)
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_reset_peer_is_reset_when_it_speaks(way: Proxy):
    way.poison(reset_peer=True)
    with dial(way) as connection, pytest.raises(ConnectionResetError):
        echoed(connection)


def test_nobody_gets_through_while_it_is_down(way: Proxy):
    way.poison(down=True)
    with pytest.raises(ConnectionResetError), dial(way) as connection:
        echoed(connection)


def test_a_slow_close_is_told_late(way: Proxy):
    way.poison(slow_close=0.3)
    with dial(way) as connection:
        echoed(connection)
        began = time.monotonic()
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
        assert time.monotonic() - began >= 0.3
