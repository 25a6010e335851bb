"""What can be seen without asking anybody: the settings and the folder for data."""

import shutil
import tempfile
from collections.abc import Iterator

from django.conf import settings
from django.core import checks

from webchat.doctor.finding import Finding, note, ok, problem

MEGABYTE = 1024 * 1024
LEAST_FREE = 200 * MEGABYTE
LITTLE_FREE = 1024 * MEGABYTE


def look_at_settings() -> Iterator[Finding]:
    found = [each for each in checks.run_checks() if each.level >= checks.WARNING]
    for each in found:
        as_finding = problem if each.is_serious() else note
        yield as_finding("Settings", each.msg, each.hint or "")
    if not found:
        yield ok("Settings", f"They fit together; people reach the chat at {settings.PUBLIC_URL}.")


def look_at_data_folder() -> Iterator[Finding]:
    folder = settings.DATA_DIR
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
        free = shutil.disk_usage(folder).free
    except OSError as trouble:
        says = f"{folder} cannot be written: {trouble.strerror}."
        yield problem("Data folder", says, "Give the server's user that folder, or set DATA_DIR.")
        return
    yield _space(free)


def _space(free: int) -> Finding:
    says = f"{settings.DATA_DIR} can be written and has {_size(free)} free."
    if free < LEAST_FREE:
        return problem("Data folder", says, "Make room before writing fails.")
    if free < LITTLE_FREE:
        return note("Data folder", says, "That is little: make room soon.")
    return ok("Data folder", says)


def _size(count: int) -> str:
    megabytes = count / MEGABYTE
    return f"{megabytes / 1024:,.1f} GB" if megabytes >= 1024 else f"{megabytes:,.0f} MB"  # noqa: PLR2004
