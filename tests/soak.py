"""`make soak`: the faults with their full counts, which take about half an hour.

make soak ARGS="--seed 7"                                  replays a run that has printed FAULT_SEED=7
make soak ARGS="tests/faults/test_restarts.py -k outlive"  what is not ours goes on to pytest
"""

import argparse
import os
import secrets
import sys

import pytest

WHAT = ["tests/faults", "tests/chat/evolink/test_fuzz.py", "tests/chat/shares/test_visits.py"]


def main() -> int:
    options, given = _options()
    # Before anything of tests/faults is imported.
    os.environ.update(SOAK="1", FAULT_SEED=str(options.seed))
    chosen = [] if any("tests/" in one for one in given) else WHAT
    seeded = f"--hypothesis-seed={options.seed}"
    return int(pytest.main(["--durations=20", seeded, *chosen, *given]))


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    chosen = os.environ.get("FAULT_SEED") or secrets.randbelow(10**9)
    parser.add_argument("--seed", type=int, default=int(chosen))
    return parser.parse_known_args()


if __name__ == "__main__":
    sys.exit(main())
