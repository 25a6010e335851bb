"""Mails that nobody waits for. One that cannot be sent is only logged: what it says is stored."""

from concurrent.futures import ThreadPoolExecutor

import structlog
from django.core.mail import EmailMessage

from webchat.commits import after_commit

log = structlog.get_logger(__name__)
# A mail server that hangs must not hold up who asks.
_clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def post(mail: EmailMessage, *, about: str) -> None:
    """After commit, on a thread of its own. `about` names the mail in the log."""
    after_commit(_clerk.submit, _send, mail, about)


def wait() -> None:
    """Until everything that was posted so far has been tried."""
    _clerk.submit(lambda: None).result()


def _send(mail: EmailMessage, about: str) -> None:
    try:
        mail.send()
    except Exception as problem:  # nobody looks at what the thread raises
        log.warning("mail.not_sent", about=about, problem=type(problem).__name__)
