"""Whether the mail server lets us in; no mail is sent."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.core.mail import get_connection

from accounts.mail import SMTP
from webchat.doctor.finding import Finding, note, ok, problem

SECONDS = 4
_WAY_OUT = "Correct EMAIL_URL; see .env.example for its form."


def look() -> Iterator[Finding]:
    if not settings.EMAIL_URL:
        says = "Mail is printed on the console (no EMAIL_URL), so addresses are not verified."
        yield note("Mail", says, "Set EMAIL_URL to send it.")
        return
    at = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    if trouble := _trouble():
        yield problem("Mail", f"{at} {trouble}.", _WAY_OUT)
    else:
        login = "takes the login" if settings.EMAIL_HOST_USER else "answers; no login is set"
        yield ok("Mail", f"{at} {login}.")


def _trouble() -> str:
    """What the server does instead of letting us in. Its own words may repeat the login: never shown."""
    mailer = get_connection(backend=SMTP, timeout=SECONDS)
    try:
        mailer.open()
    except smtplib.SMTPAuthenticationError:
        return "refuses the user or the password"
    except (smtplib.SMTPException, ssl.SSLError) as trouble:
        return f"does not speak SMTP as EMAIL_URL says ({type(trouble).__name__})"
    except OSError as trouble:
        return f"cannot be reached ({trouble.strerror or type(trouble).__name__})"
    finally:
        with suppress(smtplib.SMTPException, OSError):
            mailer.close()
    return ""
