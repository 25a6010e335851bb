"""What the pages take from npm: package.json names each file, this module hands them to Django.

A file keeps its own hashed URL, like ours. Nothing of theirs is committed, and of a package only
what a page loads is published.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from webchat.icons import ICONS

# The hashing storage would look for the map, which no visitor asks for.
SOURCE_MAP = re.compile(rb"^(//|/\*)# sourceMappingURL=.*$", re.MULTILINE)


@cache
def published() -> dict[str, Any]:
    """`modules` (import name to npm path), `files` (static name, may end in /*, to npm path)."""
    manifest = json.loads((settings.ROOT / "package.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = manifest["published"]
    return found


def modules() -> dict[str, str]:
    """The name that a page imports and the static name of the module behind it."""
    return {name: f"vendor/{_script(path)}" for name, path in published()["modules"].items()}


def _script(path: str) -> str:
    """Not every web server knows what .mjs is."""
    return str(Path(path).with_suffix(".js"))


class VendorFinder(BaseFinder):
    """Finds `vendor/...` scripts, fonts and icons below node_modules."""

    def check(self, **_: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        source = _sources().get(path)
        found = [str(settings.ROOT / "node_modules" / source)] if source else []
        return found[0] if found and not find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, "NodeModules"]]:
        storage = NodeModules()
        return ((name, storage) for name in _sources())


class NodeModules(FileSystemStorage):
    """node_modules under the static names; scripts without their note of a source map."""

    prefix = ""

    def __init__(self) -> None:
        super().__init__(location=settings.ROOT / "node_modules")

    def path(self, name: str) -> str:
        return super().path(_sources()[name])

    def _open(self, name: str, mode: str = "rb") -> "ContentFile[bytes]":
        content = Path(self.path(name)).read_bytes()
        return ContentFile(
            SOURCE_MAP.sub(b"", content) if name.endswith((".js", ".css")) else content
        )


@cache
def _sources() -> dict[str, str]:
    """Static name to path below node_modules."""
    scripts = {f"vendor/{_script(path)}": path for path in published()["modules"].values()}
    files = (pair for item in published()["files"].items() for pair in _expanded(*item))
    icons = {f"icons/{name}.svg": f"lucide-static/icons/{name}.svg" for name in ICONS}
    return scripts | dict(files) | icons


def _expanded(name: str, path: str) -> Iterator[tuple[str, str]]:
    if not name.endswith("/*"):
        return iter([(name, path)])
    root = settings.ROOT / "node_modules"
    matches = sorted(root.glob(path))
    return ((name[:-1] + match.name, str(match.relative_to(root))) for match in matches)
