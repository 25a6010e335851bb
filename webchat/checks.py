"""System checks: settings that start without complaint today and cost an outage or a leak later.

Errors stop every command that checks, `serve` first of all; warnings are printed.
"""

from importlib.metadata import version
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  its name

OLDEST_DAPHNE = (4, 2, 3)
OLDEST_DJANGO = (5, 2, 16)


@register(Tags.security)
def secrets_stay_in(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEBUG and not _is_private():
        found.append(
            Error(
                "DEBUG shows tracebacks to everyone: PUBLIC_URL or HOST is not loopback.",
                hint="Unset DEBUG.",
                id="webchat.E001",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "ALLOWED_HOSTS accepts every name, so a forged Host could get into mails.",
                hint="Name the hosts.",
                id="webchat.E002",
            )
        )
    return found


@register(Tags.security)
def connections_come_from_a_pool(**_: Any) -> list[CheckMessage]:
    database: dict[str, Any] = settings.DATABASES["default"]
    found: list[CheckMessage] = []
    if database.get("CONN_MAX_AGE") != 0:
        found.append(
            Error(
                "CONN_MAX_AGE must be 0: under ASGI a kept connection leaks with its thread.",
                id="webchat.E003",
            )
        )
    options: dict[str, Any] = database.get("OPTIONS", {})
    if not (database.get("CONN_HEALTH_CHECKS") and options.get("pool")):
        found.append(
            Error(
                "The database needs its pool and CONN_HEALTH_CHECKS: a restart of PostgreSQL would "
                "break requests otherwise.",
                id="webchat.E004",
            )
        )
    return found


@register(Tags.security)
def sockets_know_their_origin(**_: Any) -> list[CheckMessage]:
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if host in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            f"PUBLIC_URL's host {host!r} is not in ALLOWED_HOSTS: its pages would be refused.",
            id="webchat.E006",
        )
    ]


@register(Tags.security)
def packages_are_patched(**_: Any) -> list[CheckMessage]:
    wanted = {"daphne": OLDEST_DAPHNE, "Django": OLDEST_DJANGO}
    return [
        Error(
            f"{name} {version(name)} has known holes; {'.'.join(map(str, oldest))} is the oldest "
            "that may serve.",
            hint="Run make run, which installs what requirements.txt pins.",
            id="webchat.E007",
        )
        for name, oldest in wanted.items()
        if _numbers(version(name)) < oldest
    ]


@register(Tags.security)
def somebody_is_admin(**_: Any) -> list[CheckMessage]:
    if is_loopback(settings.PUBLIC_URL) or settings.ADMIN_EMAIL:
        return []
    return [
        Warning(
            "PUBLIC_URL is not loopback, so the first person who signs up does not become admin.",
            hint="Set ADMIN_EMAIL and ADMIN_PASSWORD to create the first admin.",
            id="webchat.W001",
        )
    ]


def _is_private() -> bool:
    return is_loopback(settings.PUBLIC_URL) and is_loopback(f"http://{settings.HOST}")


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part.isdecimal())
