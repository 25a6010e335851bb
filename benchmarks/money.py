"""What a hold costs, beside one bare UPDATE that is committed: `python -m benchmarks.money`.

10,000 people in 100 groups, each call counted by three windows: the person's, the group's, the workspace's. First one
call after the other, then whole generations (reserve, fence, settle) of many people at once through the one row of the
workspace.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import repeat
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

from benchmarks import crowd

MODEL = "gemini-3.1-flash-lite-preview"
SEED = 4
_FLOOR = "CREATE TABLE floor AS SELECT 1 AS id, 0::bigint AS n"
Steps = dict[str, list[float]]


def bare() -> None:
    crowd.run("UPDATE floor SET n = n + 1 WHERE id = 1 RETURNING n")


def timed(name: str, into: Steps, work: Callable[[], Any]) -> Any:
    """Milliseconds, until it is committed."""
    start = time.perf_counter()
    done = work()
    into.setdefault(name, []).append((time.perf_counter() - start) * 1000)
    return done


def generation(user: Any, into: Steps, between: Callable[[], None] = lambda: None) -> None:
    """`between` runs after each step: a server gives its connection back there."""
    from accounts.prices import Tokens
    from accounts.services import spending

    call = spending.Call(uuid4(), MODEL, prompt_bound=900, most_output=4_000, least_output=512)
    used = Tokens(prompt=640, output=410, cached=100, reasoning=90)
    steps: dict[str, Callable[[], Any]] = {
        "reserve": lambda: spending.reserve(user, call),
        "fence": lambda: spending.fence(call.completion_id, 0),
        "settle": lambda: spending.settle(call.completion_id, 0, used, "upstream"),
    }
    for name, step in steps.items():
        assert timed(name, into, step)
        between()


def one_after_the_other(people: list[Any], calls: int) -> Steps:
    seen: Steps = {}
    for user in random.choices(people, k=calls):
        timed("bare UPDATE", seen, bare)
        generation(user, seen)
    return seen


def at_once(threads: int, work: Callable[[], None], seconds: float) -> float:
    """How often a second, by so many threads."""
    end = time.monotonic() + seconds

    def until_the_end(_: None) -> int:
        done = 0
        while time.monotonic() < end:
            work()
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(until_the_end, repeat(None, threads))) / seconds


def floor_at_once(threads: int, seconds: float) -> float:
    def work() -> None:
        bare()
        give_back()

    return at_once(threads, work, seconds)


def generations_at_once(people: list[Any], threads: int, seconds: float) -> tuple[float, Steps]:
    seen: Steps = {}
    choose = partial(random.choice, people)
    rate = at_once(threads, lambda: generation(choose(), seen, give_back), seconds)
    return rate, seen


def give_back() -> None:
    from django.db import close_old_connections

    close_old_connections()


def percentiles(milliseconds: list[float]) -> str:
    cuts = quantiles(milliseconds, n=20)
    return f"{cuts[9]:6.2f} {cuts[18]:6.2f}"


def lines(people: list[Any], options: argparse.Namespace) -> Iterator[str]:
    yield f"{options.calls} calls, one after the other\n{'':14}p50 ms    p95"
    one_after_the_other(people, 200)  # connections, plans and caches
    for name, times in one_after_the_other(people, options.calls).items():
        yield f"{name:14}{percentiles(times)}"
    yield "\nthreads  bare UPDATE/s  generations/s   reserve p50 ms    p95   settle p50    p95"
    for threads in options.threads:
        floor = floor_at_once(threads, options.seconds)
        rate, seen = generations_at_once(people, threads, options.seconds)
        yield (
            f"{threads:7}  {floor:13.0f}  {rate:13.0f}          {percentiles(seen['reserve'])}"
            f"       {percentiles(seen['settle'])}"
        )


def main() -> None:
    options = _options()
    random.seed(SEED)
    sys.setswitchinterval(0.0005)  # as the server does
    with crowd.workspace():
        crowd.limit(person=10**10, everyone=10**12)
        crowd.run(_FLOOR)
        crowd.write_to_disk()
        from accounts.models import User

        for line in lines(list(User.objects.all()), options):
            print(line, flush=True)
        print("\ndrift", _drift(), flush=True)


def _drift() -> dict[str, int]:
    from django.conf import settings

    from accounts.services import audit

    return audit.drifts(settings.TIME_ZONE)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.money", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=10, help="for each number of threads")
    return parser.parse_args()


if __name__ == "__main__":
    assert Path("manage.py").is_file(), "Run it from the project's folder."
    main()
