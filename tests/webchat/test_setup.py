"""bin/setup.py and the Makefile: what a fresh machine is told when it cannot go on."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.services import ROOT


@pytest.fixture
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "bin/setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_is_told_so(setup: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(sys, "version", "3.9.2 (default)")
    with pytest.raises(
        setup.Problem, match=r"Python 3\.11 or newer is needed, and this is 3\.9\.2"
    ):
        setup.set_up(for_tests=False)


def test_make_says_that_there_is_no_python(tmp_path: Path):
    for name in ("sh", "make"):
        (tmp_path / name).symlink_to(str(next(found for found in which(name))))
    result = subprocess.run(
        ["make", "run"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert result.stderr.startswith("Python 3.11 or newer is needed")


def which(name: str) -> list[str]:
    folders = os.environ["PATH"].split(":")
    return [f"{folder}/{name}" for folder in folders if os.access(f"{folder}/{name}", os.X_OK)]


def test_a_folder_that_cannot_be_written_is_one_sentence(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(setup.Problem, match=r"^The folder .* cannot be written"):
        setup.set_up(for_tests=False)


@pytest.mark.parametrize(
    "said",
    [
        "Temporary failure in name resolution",
        "npm error code ENOTFOUND",
        "NewConnectionError: [Errno 101] Network is unreachable",
    ],
)
def test_no_network_is_one_sentence(setup: ModuleType, said: str):
    with pytest.raises(setup.Problem, match=r"needs the network\.$"):
        setup.run("The packages", "sh", "-c", f"echo '{said}'; exit 1")


def test_any_other_failure_shows_what_was_said(setup: ModuleType):
    with pytest.raises(setup.Problem, match="disk full"):
        setup.run("The packages", "sh", "-c", "echo disk full; exit 1")


def test_a_stamp_holds_until_its_source_changes(setup: ModuleType, tmp_path: Path):
    source, stamp = tmp_path / "requirements.txt", tmp_path / "stamp"
    source.write_text("one")
    assert not setup.is_stamped(stamp, source)
    setup.stamp(stamp, source)
    assert setup.is_stamped(stamp, source)
    source.write_text("two")
    assert not setup.is_stamped(stamp, source)


@pytest.mark.parametrize(
    ("said", "recent"), [("v20.11.1", True), ("v18.19.0", False), ("?", False)]
)
def test_an_old_node_is_not_used(setup: ModuleType, tmp_path: Path, said: str, recent: bool):
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {said}\n")
    node.chmod(0o755)
    assert setup.is_recent(node) is recent


def test_what_the_person_set_wins_over_our_certificates(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PIP_CERT", "/mine.crt")
    assert setup.environment()["PIP_CERT"] == "/mine.crt"


@pytest.mark.skipif(
    not (ROOT / ".venv/requirements-dev.txt.stamp").exists(), reason="not set up with make"
)
def test_a_second_set_up_does_nothing_and_says_nothing():
    result = subprocess.run(
        [sys.executable, "bin/setup.py", "test"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"]
)
def test_every_package_is_pinned_with_hashes_and_without_an_address(name: str):
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.split(r"\n(?=\S)", text.strip())
    assert all(re.match(r"[\w.\[\]-]+==\S+.*\\\n +--hash=sha256:", pin) for pin in pins)
    assert not re.search(r"https?://|index-url|find-links", text)


def test_the_npm_lock_names_no_registry():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
