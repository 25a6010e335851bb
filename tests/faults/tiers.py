"""How much of each fault a run has: the quick tier in `make test`, the long one with SOAK=1; and the seed of both.

A failure is replayed with the FAULT_SEED that the run has printed.
"""

import os
import random
import secrets
from dataclasses import dataclass
from zlib import crc32

SOAK = os.environ.get("SOAK") == "1"
SEED = int(os.environ.get("FAULT_SEED") or secrets.randbelow(10**9))


@dataclass(frozen=True)
class Counts:
    streams_killed: int = 20
    streams_frozen: int = 5
    streams_drained: int = 20
    grace_seconds: int = 3
    answers_cut: int = 24
    pauses: tuple[float, ...] = (0, 1, 3)  # seconds until who was cut off comes back
    cut_at_once: int = 24
    streams_restarted: int = 50
    postgres_restarts: int = 2
    valkey_restarts: int = 3
    posts: int = 100
    posts_at_once: int = 10
    cycles: int = 150
    abandoned: int = 30
    stops: int = 10
    walks: int = 25
    nodes_killed: int = 2
    rounds: int = 2  # in which five of twenty people send at once
    guesses: int = 1_500  # of share tokens
    transcripts: int = 400
    transcripts_over_http: int = 60


LONG = Counts(
    grace_seconds=25,
    answers_cut=200,
    pauses=(0, 1, 15),
    cut_at_once=50,
    postgres_restarts=10,
    valkey_restarts=20,
    posts=5000,
    cycles=20_000,
    abandoned=2000,
    stops=100,
    walks=400,
    nodes_killed=50,
    rounds=20,
    guesses=10_000,
    transcripts=20_000,
    transcripts_over_http=1000,
)
COUNTS = LONG if SOAK else Counts()


def dice(name: str) -> random.Random:
    """The chance of one test: the same for the same seed, whichever other tests run."""
    return random.Random(crc32(f"{SEED} {name}".encode()))
