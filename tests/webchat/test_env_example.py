""".env.example names every setting, and nothing else."""

import re
from itertools import pairwise

from tests.services import ROOT, setting_names

READS = re.compile(
    r"env\.(?:text|flag|number|choice|url|items)\(\s*\"([A-Z_]+)\"|text\(\"([A-Z_]+)\""
)


def settings_in_code() -> set[str]:
    sources = [
        path for app in ("webchat", "accounts", "chat") for path in (ROOT / app).rglob("*.py")
    ]
    found = (READS.findall(path.read_text(encoding="utf-8")) for path in sources)
    return {name for names in found for pair in names for name in pair if name}


def test_every_setting_is_there_once():
    names = setting_names()
    assert len(names) == len(set(names))
    assert set(names) == settings_in_code()


def test_every_setting_has_a_sentence_above_it():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    for before, line in pairwise(lines):
        if re.match(r"# [A-Z_]+=", line):
            assert re.match(r"# .*\.$", before), line
