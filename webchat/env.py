"""Read settings from the environment, or refuse with a sentence.

The environment wins over a `.env` file beside manage.py. A value that makes no sense stops the start
(`BadSetting`), because a wrong guess about a setting is found much later and costs more.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

TRUE = {"yes", "1", "true"}
FALSE = {"no", "0", "false"}
ROOT = Path(__file__).resolve().parent.parent


class BadSetting(Exception):
    """A setting has a value that cannot be used; the text is a sentence for the person who starts the server."""


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


_FILE = _dotenv(ROOT / ".env")


def text(name: str, default: str = "") -> str:
    """The setting as it stands. An empty value counts as unset, and in the environment also hides
    what the file says."""
    return os.environ.get(name, _FILE.get(name, "")).strip() or default


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if value and value not in TRUE | FALSE:
        raise BadSetting(f"{name} must be yes or no (or 1/0, true/false), not {value!r}.")
    return value in TRUE if value else default


def number(name: str, default: int, low: int, high: int) -> int:
    value = text(name)
    if value and not (value.isdecimal() and low <= int(value) <= high):
        raise BadSetting(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
    return int(value) if value else default


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in options:
        raise BadSetting(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def url(name: str, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """An absolute URL without a slash at its end; only its scheme and host are checked."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in schemes or not (parts.hostname or parts.path)):
        raise BadSetting(
            f"{name} must start with {' or '.join(s + '://' for s in schemes)}, not {value!r}."
        )
    return value


def items(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    return [item.strip() for item in text(name).split(",") if item.strip()] or default


def data_dir() -> Path:
    """Everything that is kept between two starts; here, because it is needed before settings are."""
    return Path(text("DATA_DIR", str(ROOT / "var"))).expanduser().resolve()


def secret_key(folder: Path) -> str:
    """From the environment, else made once and kept in the folder with mode 600."""
    if given := text("SECRET_KEY"):
        return given
    path = folder / "secret_key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50), encoding="ascii")
        return path.read_text(encoding="ascii")
    except OSError as problem:
        raise BadSetting(f"DATA_DIR {folder} cannot be written: {problem.strerror}.") from None
