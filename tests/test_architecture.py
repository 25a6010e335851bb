"""The laws of ARCHITECTURE.md that a linter cannot say."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split("\n")
FILES = [ROOT / name for name in TRACKED if name and (ROOT / name).is_file()]
PYTHON = [path for path in FILES if path.suffix == ".py" and "migrations" not in path.parts]
PRODUCT = [
    path for path in PYTHON if path.relative_to(ROOT).parts[0] in ("webchat", "accounts", "chat")
]


def name(path):
    return str(path.relative_to(ROOT))


def using(pattern):
    """The product's files whose code matches."""
    return {name(path) for path in PRODUCT if re.search(pattern, path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("suffix", [".py", ".js", ".mjs", ".css"])
def test_no_module_is_longer_than_300_lines(suffix):
    long = {
        name(p): n
        for p in FILES
        if p.suffix == suffix and (n := len(p.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}


def functions():
    for path in PRODUCT:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name(path), node


def test_functions_are_short():
    lengths = sorted(node.end_lineno - node.body[0].lineno + 1 for _, node in functions())
    assert lengths[len(lengths) // 2] <= 6
    assert lengths[-1] <= 32


def test_only_nodes_touches_the_channel_layer():
    assert using(r"get_channel_layer") <= {"chat/nodes.py", "webchat/doctor.py"}


def test_only_services_and_the_runner_publish():
    publishers = using(r"events\.(publish|tell_viewers)\(")
    assert {
        path for path in publishers if not path.startswith(("chat/services/", "chat/completions/"))
    } == set()


def test_only_services_and_the_runner_write():
    writes = using(
        r"(?<!router)\.(save|create|get_or_create|update_or_create|bulk_create|delete)\("
    )
    allowed = ("chat/services/", "chat/completions/", "accounts/", "webchat/")
    assert {path for path in writes if not path.startswith(allowed)} == set()


def test_rows_are_reached_through_the_user():
    """Above the services nobody asks a table without saying for whom."""
    asking = re.compile(
        r"\b(Conversation|Message|Member|Completion)\.objects\.(?!visible_to|for_list)"
    )
    outer = [
        path
        for path in PRODUCT
        if name(path).startswith(("chat/api/", "chat/views.py", "chat/consumers.py"))
    ]
    assert [name(path) for path in outer if asking.search(path.read_text(encoding="utf-8"))] == []


def test_one_bridge_to_the_orm():
    assert using(r"database_sync_to_async|DatabaseSyncToAsync|(?<!async_)sync_to_async\(") <= {
        "webchat/threads.py"
    }


def test_only_evolink_calls_the_upstream():
    assert {
        path
        for path in using(r"\bimport (httpx|aiohttp)|from httpx")
        if not path.startswith("chat/evolink/")
    } == set()


def test_only_one_module_makes_calls():
    """No hold, no call: whoever could call the model without it would spend what nobody has allowed."""
    calls = using(r"client\.(stream|complete)\(|from chat\.evolink\.client import")
    assert calls == {"chat/completions/calling.py"}
    assert using(r"spending\.fence\(") == {"chat/completions/calling.py"}


def test_no_file_names_a_machine_or_a_registry():
    lock_files = [p for p in FILES if p.name.startswith(("requirements", "package-lock"))]
    addresses = re.compile(r'"resolved"|--(extra-)?index-url|--find-links')
    assert [name(p) for p in lock_files if addresses.search(p.read_text(encoding="utf-8"))] == []


def test_every_document_names_files_that_exist():
    documents = [ROOT / doc for doc in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
    known = {name(path) for path in FILES}
    folders = {str(parent) for path in known for parent in Path(path).parents}
    named = {
        word
        for document in documents
        for word in re.findall(
            r"`((?:chat|accounts|webchat|tests|static|templates|benchmarks)/[\w./-]+)`",
            document.read_text(),
        )
    }
    assert {word for word in named if word.rstrip("/") not in known | folders} == set()
