"""Running a program that refuses root, without creating users or changing what others may read.

As root a user namespace is tried first: there the program believes that it is user 1000, while to
the machine it stays root and may use every folder of ours. Some containers refuse namespaces; then
a system user runs the program, and what that user cannot reach is moved to a folder of its own.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
SYSTEM_USERS = ("postgres", "nobody")
NEUTRAL_FOLDERS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108  mkdtemp makes the name


@dataclass(frozen=True)
class Guise:
    """Whom a program believes to be: ourselves, user 1000 of a namespace, or a system user."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def run(self, *command: str | Path, env: Mapping[str, str] | None = None) -> str:
        """Run to the end; what it printed. Raises CalledProcessError with that text as `output`."""
        # A file: a daemon that the command leaves behind would keep a pipe open for ever.
        with tempfile.TemporaryFile() as printed:
            status = subprocess.run(
                [*self.prefix, *command], stdout=printed, env=env, check=False, **self._who()
            )
            printed.seek(0)
            text = printed.read().decode(errors="replace")
        if status.returncode:
            raise subprocess.CalledProcessError(status.returncode, str(command[0]), output=text)
        return text

    def can_run(self, *command: str | Path) -> bool:
        try:
            self.run(*command)
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    @property
    def owner(self) -> int:
        """The user whom the machine sees."""
        return os.geteuid() if self.user is None else self.user

    def owns(self, path: Path) -> bool:
        return path.lstat().st_uid == self.owner

    def give(self, path: Path) -> None:
        """Make the program the owner of a folder and of all that is in it, as far as we may."""
        if os.geteuid() == 0 and not self.owns(path):
            for each in (path, *path.rglob("*")):
                os.chown(each, self.owner, self.group or 0, follow_symlinks=False)

    def _who(self) -> dict[str, Any]:
        # A session of its own: Ctrl-C in the terminal is for us, and we stop things in order.
        common: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stderr": subprocess.STDOUT,
            "start_new_session": True,
            "cwd": "/",
        }
        if self.user is None:
            return common
        return common | {"user": self.user, "group": self.group, "extra_groups": []}


def guise() -> Guise:
    if os.geteuid() != 0:
        return Guise()
    inside = Guise(NAMESPACE)
    return inside if inside.can_run("true") else _system_user()


def _system_user() -> Guise:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in SYSTEM_USERS if name in known)
    return Guise(user=entry.pw_uid, group=entry.pw_gid)


def within_reach(who: Guise, link: Path) -> Path:
    """A folder that `who` can enter and owns: `link` itself, or, if its parents are closed, one
    elsewhere to which `link` then points. What was in `link` moves along."""
    if link.is_symlink():
        who.give(link.resolve().parent)
        return link.resolve()
    link.mkdir(mode=0o700, parents=True, exist_ok=True)
    who.give(link)
    if not who.can_run("test", "-w", link):
        _move_out(who, link)
    return link.resolve()


def _move_out(who: Guise, link: Path) -> None:
    home = Path(tempfile.mkdtemp(prefix="webchat-", dir=_neutral_folder()))
    who.give(home)
    shutil.move(link, home / link.name)
    link.symlink_to(home / link.name)


def _neutral_folder() -> Path:
    return next(folder for folder in NEUTRAL_FOLDERS if os.access(folder, os.W_OK))
