"""The settings that our own system checks refuse, each by its code."""

import subprocess

import pytest
from django.conf import settings as settings_of_django
from django.core.checks import run_checks
from django.core.checks.messages import CheckMessage
from pytest_django.fixtures import Settings

from tests.services import ROOT, environment, try_to_manage
from webchat import checks
from webchat.checks import is_loopback

DATABASE = settings_of_django.DATABASES["default"]
PRODUCTION = {
    "PUBLIC_URL": "https://chat.example.com",
    "ALLOWED_HOSTS": ["chat.example.com"],
    "ADMIN_EMAIL": "ada@example.com",
}


def found() -> dict[str, CheckMessage]:
    return {message.id: message for message in run_checks() if "webchat." in str(message.id)}


def test_the_default_settings_pass():
    assert not found()


def test_production_settings_pass(settings: Settings):
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)
    assert not found()


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("webchat.E001", {"DEBUG": True, **PRODUCTION}),
        ("webchat.E001", {"DEBUG": True, "HOST": "0.0.0.0"}),  # noqa: S104
        ("webchat.E002", {"ALLOWED_HOSTS": ["localhost", "127.0.0.1", "*"]}),
        ("webchat.E006", {**PRODUCTION, "ALLOWED_HOSTS": ["localhost"]}),
        ("webchat.W001", {**PRODUCTION, "ADMIN_EMAIL": ""}),
    ],
)
def test_a_dangerous_setting_is_found(settings: Settings, code: str, wrong: dict[str, object]):
    for name, value in wrong.items():
        setattr(settings, name, value)
    assert list(found()) == [code]
    assert found()[code].msg.endswith(".")


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("webchat.E003", {"CONN_MAX_AGE": 60}),
        ("webchat.E003", {"CONN_MAX_AGE": None}),
        ("webchat.E004", {"CONN_HEALTH_CHECKS": False}),
        ("webchat.E004", {"OPTIONS": {}}),
    ],
)
def test_connections_that_would_leak_or_stay_broken_are_found(
    monkeypatch: pytest.MonkeyPatch, code: str, wrong: dict[str, object]
):
    # Only read by the check: the connection itself was made from it long ago.
    monkeypatch.setitem(settings_of_django.DATABASES, "default", {**DATABASE, **wrong})
    assert list(found()) == [code]


def test_an_old_package_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "version", {"daphne": "4.2.2", "Django": "5.2.19"}.__getitem__)
    assert "daphne 4.2.2 has known holes" in found()["webchat.E007"].msg


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]", "chat.localhost"])
def test_loopback_is_this_machine_only(host: str):
    assert is_loopback(f"http://{host}:8000")


@pytest.mark.parametrize("host", ["192.168.0.7", "chat.example.com", "localhost.example.com", ""])
def test_everything_else_is_public(host: str):
    assert not is_loopback(f"http://{host}:8000")


def test_the_deployment_check_is_clean_with_production_settings():
    checked = subprocess.run(["bin/check-deploy"], cwd=ROOT, env=environment(), check=False)
    assert checked.returncode == 0


def test_the_deployment_check_complains_about_a_server_without_tls():
    arguments = ("check", "--deploy", "--fail-level", "WARNING")
    result = try_to_manage(*arguments, PUBLIC_URL="http://chat.example.com")
    assert result.returncode != 0
    assert "SECURE_SSL_REDIRECT" in result.stdout
    assert "Traceback" not in result.stdout
