"""The file: a tar of parts, and last a manifest with the size and SHA-256 of every part.

database.dump      pg_dump's custom format
attachments/...    as they lie in DATA_DIR
secret_key         only where it was made by us and not set from outside
manifest.json      last, so that a file which was cut off has none
"""

import hashlib
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

import msgspec

FORMAT = 1
MANIFEST, DATABASE, SECRET_KEY, ATTACHMENTS = (
    "manifest.json",
    "database.dump",
    "secret_key",
    "attachments",
)
TABLES = {
    "accounts_user": ("person", "people"),
    "chat_conversation": ("conversation", "conversations"),
    "chat_message": ("message", "messages"),
}
LONGEST_MANIFEST = 64 * 1024 * 1024
CHUNK = 1024 * 1024


class BackupProblem(Exception):
    """A backup cannot be made or used; the text is a sentence for who asked. Unless it says otherwise,
    nothing was changed."""


class Part(msgspec.Struct, frozen=True):
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, tag="webchat-backup", tag_field="kind"):
    """`counts`: the rows of every table; `migrations`: what the database had, as "app.name"."""

    format: int
    version: str
    made_at: str
    postgresql: int
    migrations: list[str]
    counts: dict[str, int]
    parts: dict[str, Part]

    @property
    def attachments(self) -> int:
        return sum(name.startswith(f"{ATTACHMENTS}/") for name in self.parts)

    def summary(self) -> str:
        kept = [self.counts.get(table, 0) for table in TABLES]
        told = [amount(count, *nouns) for count, nouns in zip(kept, TABLES.values(), strict=True)]
        return f"{', '.join(told)} and {amount(self.attachments, 'attachment', 'attachments')}"


def amount(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        return data


# Writing ------------------------------------------------------------------------------------------


class Writer:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.parts: dict[str, Part] = {}

    def add(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            size = path.stat().st_size
            hashing = _Hashing(file)
            self._tar.addfile(_member(name, size), hashing)
        self.parts[name] = Part(size, hashing.sha256.hexdigest())

    def close_with(self, manifest: Manifest, folder: Path) -> None:
        path = folder / MANIFEST
        path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        with path.open("rb") as file:
            self._tar.addfile(_member(MANIFEST, path.stat().st_size), file)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


# Reading ------------------------------------------------------------------------------------------


def checked(path: Path) -> Manifest:
    """The manifest of a file that is whole. Raises BackupProblem."""
    with _opened(path) as tar:
        parts, text = _parts(path, tar)
    manifest = _decoded(path, text)
    if parts != manifest.parts or DATABASE not in parts:
        raise BackupProblem(f"{path} is damaged: what is in it is not what was saved.")
    return manifest


def unpack(path: Path, folder: Path) -> None:
    """Everything but the manifest, into an empty folder. Only after `checked`."""
    with _opened(path) as tar:
        for member in tar:
            if member.name != MANIFEST:
                _unpack(tar, member, folder / member.name)


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    with target.open("wb") as file:
        for chunk in _chunks(tar, member):
            file.write(chunk)


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except tarfile.TarError:
        raise BackupProblem(f"{path} is not a backup of Webchat, or not all of one.") from None


def _parts(path: Path, tar: tarfile.TarFile) -> tuple[dict[str, Part], bytes]:
    """What is there: every part as it really is, and the manifest's text."""
    found: dict[str, Part] = {}
    text = b""
    for member in tar:
        if not member.isreg() or not _is_known(member.name):
            raise BackupProblem(f"{path} holds {member.name!r}, which no backup has.")
        if member.name == MANIFEST:
            text = b"".join(_chunks(tar, member)) if member.size < LONGEST_MANIFEST else b""
        else:
            found[member.name] = Part(member.size, _sha256(tar, member))
    return found, text


def _is_known(name: str) -> bool:
    path = PurePosixPath(name)
    inside = path.parts[:1] == (ATTACHMENTS,) and len(path.parts) > 1 and ".." not in path.parts
    return name == str(path) and (inside or name in {MANIFEST, DATABASE, SECRET_KEY})


def _sha256(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    sha256 = hashlib.sha256()
    for chunk in _chunks(tar, member):
        sha256.update(chunk)
    return sha256.hexdigest()


def _chunks(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    file: Any = tar.extractfile(member)
    while chunk := file.read(CHUNK):
        yield chunk


def _decoded(path: Path, text: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BackupProblem(f"{path} is not a backup of Webchat, or not all of one.") from None
    if manifest.format > FORMAT:
        raise BackupProblem(f"{path} was made by a newer version: update the program first.")
    return manifest
