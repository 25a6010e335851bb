"""EMAIL_URL, taken apart. settings.py reads this, so it imports nothing that needs settings."""

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from webchat import env

CONSOLE = "django.core.mail.backends.console.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """The values of Django's EMAIL_ settings. Without a server mails are printed."""

    sender: str
    backend: str = CONSOLE
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False


def mail_server(url: str, *, domain: str) -> MailServer:
    """`smtp://user:password@mail.example.org:587/?from=chat@example.org`, or `smtps://` (port 465).

    `smtp` upgrades to TLS when it sends a password; `?starttls=yes|no` decides otherwise.
    The sender is webchat@`domain` if `?from=` does not say. Raises `env.BadSetting`.
    """
    parts = urlsplit(url)
    options = _options(parts)
    sender = options.get("from", f"Webchat <webchat@{domain}>")
    return _smtp(parts, options, sender) if url else MailServer(sender)


def _smtp(parts: SplitResult, options: dict[str, str], sender: str) -> MailServer:
    starttls = options.get("starttls", "yes" if parts.password else "no") == "yes"
    return MailServer(
        sender,
        backend=SMTP,
        host=parts.hostname or "localhost",
        port=_port(parts),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp" and starttls,
    )


def _options(parts: SplitResult) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := options.keys() - {"from", "starttls"}:
        raise env.BadSetting(f"EMAIL_URL knows ?from= and ?starttls=, not {min(unknown)!r}.")
    if options.get("starttls", "yes") not in {"yes", "no"}:
        raise env.BadSetting("EMAIL_URL's starttls must be yes or no.")
    return options


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or PORTS[parts.scheme]
    except ValueError:
        raise env.BadSetting("EMAIL_URL's port must be a number up to 65535.") from None
