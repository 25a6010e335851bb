"""What account tests share: pages without collected files, limits that start at zero, a staff member."""

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from accounts.hashers import Argon2
from accounts.models import User
from accounts.services import post_office
from tests.factories import make_user

PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
PASSWORD = "a long passphrase"


@pytest.fixture(autouse=True)
def plain_files(settings: Any) -> None:
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN}}


class QuickArgon2(Argon2):
    time_cost, memory_cost, parallelism = 1, 8, 1


@pytest.fixture(autouse=True)
def quick_hashes(settings: Any) -> None:
    """Argon2 that takes no time: a test signs in often."""
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2"]


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def ada(db: None) -> User:
    return make_user("Ada", password=PASSWORD)


@pytest.fixture
def sam(db: None) -> User:
    """Administers."""
    return make_user("Sam", password=PASSWORD, is_staff=True)


@pytest.fixture
def as_sam(sam: User) -> Client:
    staff = Client()
    staff.force_login(sam)
    return staff


@pytest.fixture
def with_mail(settings: Any) -> None:
    """As if EMAIL_URL were set; what is sent is in `mailoutbox`."""
    settings.EMAIL_URL = "smtp://mail.example.org"
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.fixture
def posted(
    db: None, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> Any:
    """`posted(act)` does it and gives what it returns and the mails that went out after its commit."""

    def run(act: Any) -> tuple[Any, list[EmailMessage]]:
        with django_capture_on_commit_callbacks(execute=True):
            done = act()
        post_office.wait()
        return done, mailoutbox

    return run
