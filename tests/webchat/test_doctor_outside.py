"""The doctor asks what is outside: Valkey, the way through the proxy, the gateway, the mail server.

None of them is waited for, and none of their secrets is shown.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from tests.services import Served
from tests.webchat.test_doctor import SECRET, only
from webchat import threads
from webchat.doctor import Finding, gateway, handshake, mail, shared

# A server that says what it was told to say ---------------------------------------------------------


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """`answer` gets every connection, in a thread; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, answer), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, answer: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            accepted, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answered, args=(accepted, answer), daemon=True).start()


def _answered(accepted: socket.socket, answer: Callable[[socket.socket], None]) -> None:
    with accepted, suppress(OSError):
        answer(accepted)


def saying(said: bytes) -> Callable[[socket.socket], None]:
    """Reads a request, answers, and waits for the other side to leave."""

    def answer(accepted: socket.socket) -> None:
        accepted.recv(65536)
        accepted.sendall(said)
        while accepted.recv(65536):
            pass

    return answer


# What processes share -----------------------------------------------------------------------------------


def test_without_valkey_one_process_is_said_to_be_all(settings: Any):
    assert "memory of one process" in only(shared.look_at_events).says
    assert only(shared.look_at_cache).state == "ok"


def with_valkey(settings: Any, url: str) -> None:
    settings.REDIS_URL = url
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": [url]}}}
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": url}}


def test_a_message_goes_through_valkey_and_back(settings: Any, valkey: str):
    with_valkey(settings, valkey)
    assert re.search(r"through Valkey in \d+ ms", only(shared.look_at_events).says)
    assert "Valkey keeps it" in only(shared.look_at_cache).says


def test_valkey_that_is_away_is_a_problem_without_its_password(settings: Any):
    with_valkey(settings, f"redis://:{SECRET}@127.0.0.1:1/0")
    for look in (shared.look_at_events, shared.look_at_cache):
        found = only(look)
        assert (found.state, SECRET in str(found)) == ("problem", False)


# The websocket --------------------------------------------------------------------------------------------


def test_a_page_can_open_its_socket_through_the_public_address(settings: Any, site: Served):
    settings.PUBLIC_URL = site.url
    assert only(handshake.look) == Finding(
        "Websocket", "ok", f"Pages can open it through {site.url}."
    )


def http(status: int, rest: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d Told\r\n%s\r\n" % (status, rest)


OPENED = http(101, b"Sec-WebSocket-Protocol: webchat.v1\r\n")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (http(403), "refused at .* for its Origin"),
        (http(301, b"Location: /\r\n"), "sends people to another address"),
        (http(502), "no server behind it"),
        (http(200), "answers 200 and opens no websocket"),
        (http(101) + b"\x88\x02\x11\x31", "not ours"),
        (OPENED + b"\x88\x02\x11\x33", r"not ours \(closed with 4403\)"),
        (OPENED + b"\x81\x05hello", "not ours"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "answers 0|does not speak HTTP"),
        (b"HTTP/1.1 nonsense\r\n\r\n", "does not speak HTTP"),
    ],
)
def test_what_stands_between_is_told_by_its_answer(settings: Any, said: bytes, sentence: str):
    with listening(saying(said)) as port:
        settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
        found = only(handshake.look)
    assert found.state == "problem"
    assert re.search(sentence, found.says)
    assert found.advice


@pytest.mark.parametrize("said", [b"", OPENED])
def test_a_proxy_that_holds_the_answer_back_is_not_waited_for(
    settings: Any, monkeypatch: pytest.MonkeyPatch, said: bytes
):
    monkeypatch.setattr(handshake, "SECONDS", 0.2)
    with listening(saying(said)) as port:
        settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
        assert "does not answer" in only(handshake.look).says


def test_a_certificate_that_nobody_signed_is_a_problem(settings: Any):
    with listening(saying(http(200))) as port:
        settings.PUBLIC_URL = f"https://127.0.0.1:{port}"
        assert "certificate" in only(handshake.look).says


def test_a_server_that_does_not_run_is_only_a_problem_where_it_should(
    settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.PUBLIC_URL = "http://127.0.0.1:1"
    assert only(handshake.look).state == "note"
    monkeypatch.setattr(threads, "loop_is_attached", lambda: True)
    assert only(handshake.look).state == "problem"


# The gateway ----------------------------------------------------------------------------------------------


def with_gateway(settings: Any, url: str) -> None:
    settings.DEMO = False
    settings.EVOLINK_API_KEY = SECRET
    settings.EVOLINK_BASE_URL = settings.EVOLINK_FALLBACK_URL = url


def test_the_demo_model_is_told(settings: Any):
    settings.DEMO = True
    assert "a demo model answers" in only(gateway.look).says


def test_a_gateway_that_takes_the_key_is_well_and_writes_nothing(settings: Any, upstream: Any):
    with_gateway(settings, upstream.url)
    assert only(gateway.look).state == "ok"
    assert [call.request["messages"] for call in upstream.calls] == [[]] * 4


def test_a_key_that_is_refused_is_a_problem_and_not_shown(settings: Any, upstream: Any):
    with_gateway(settings, upstream.url)
    upstream.simulator._key = "another-key"
    found = only(gateway.look)
    assert (found.state, SECRET in str(found)) == ("problem", False)
    assert "EVOLINK_API_KEY was refused" in found.says


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [(b"3.1-pro", "takes the key and refuses gemini-3.1-pro-preview."), (b"gemini", "none of our")],
)
def test_a_model_that_is_gone_is_named(settings: Any, gone: bytes, sentence: str):
    def answer(accepted: socket.socket) -> None:
        is_gone = gone in accepted.recv(65536)
        body = b'{"error": {"message": "no", "type": "%s", "param": "%s"}}' % (
            (b"not_found_error", b"model") if is_gone else (b"invalid_request_error", b"messages")
        )
        length = b"Content-Length: %d\r\nConnection: close\r\n" % len(body)
        accepted.sendall(http(404 if is_gone else 400, length) + body)

    with listening(answer) as port:
        with_gateway(settings, f"http://127.0.0.1:{port}")
        found = only(gateway.look)
    assert (found.state, sentence in found.says) == ("problem", True)


def test_a_gateway_that_hangs_is_not_waited_for(settings: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway, "SECONDS", 0.3)
    with listening(saying(b"")) as port:
        with_gateway(settings, f"http://127.0.0.1:{port}")
        assert "does not answer within" in only(gateway.look).says


# Mail -------------------------------------------------------------------------------------------------------


@contextmanager
def mail_server(login: bytes) -> Iterator[int]:
    """An SMTP server that answers every login so."""

    def answer(accepted: socket.socket) -> None:
        accepted.sendall(b"220 here\r\n")
        replies = {
            b"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n",
            b"AUTH": login,
            b"QUIT": b"221 bye\r\n",
        }
        while line := accepted.recv(4096):
            accepted.sendall(replies.get(line[:4].upper(), b"250 ok\r\n"))

    with listening(answer) as port:
        yield port


def with_mail(settings: Any, port: int) -> None:
    settings.EMAIL_URL = f"smtp://ada:{SECRET}@127.0.0.1:{port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "ada", SECRET
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


@pytest.mark.parametrize(
    ("login", "state", "sentence"),
    [
        (b"235 welcome\r\n", "ok", "takes the login"),
        (b"535 no: %s\r\n" % SECRET.encode(), "problem", "refuses the user or the password"),
        (b"", "problem", "cannot be reached|does not speak"),
    ],
)
def test_the_mail_server_is_asked_to_let_us_in(
    settings: Any, monkeypatch: pytest.MonkeyPatch, login: bytes, state: str, sentence: str
):
    monkeypatch.setattr(mail, "SECONDS", 0.5)
    with mail_server(login) as port:
        with_mail(settings, port)
        found = only(mail.look)
    assert (found.state, SECRET in str(found)) == (state, False)
    assert re.search(sentence, found.says)


def test_a_mail_server_that_is_away_is_a_problem(settings: Any):
    with_mail(settings, 1)
    assert "cannot be reached (Connection refused)" in only(mail.look).says


def test_mail_that_is_printed_is_a_note(settings: Any):
    settings.EMAIL_URL = ""
    assert only(mail.look).state == "note"
