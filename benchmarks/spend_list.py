"""The list of people and what they spend, where the ledger is long: `python -m benchmarks.spend_list`.

10,000 people and a year of calls, with the sums that the product keeps of them. For each way to look at the list: the
SQL of the list, all SQL of the request, and the request itself as its client sees it.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import crowd

# In the order in which they came; few people ask most of the questions, and each call costs what the list says.
_LEDGER = """
INSERT INTO accounts_ledgerentry (at, kind, hold_id, user_id, group_id, model, purpose, prompt_tokens, cached_tokens,
  output_tokens, reasoning_tokens, tokens, cost_pico, micro_usd, overrun_tokens, price_id, source, reason)
SELECT at, 'settle', CASE WHEN n %% 10 = 0 THEN gen_random_uuid() END, u.id, u.group_id, p.model, 'chat', prompt, 0,
  output, output / 2, prompt + output, pico, (pico + 999999) / 1000000, 0, p.id,
  CASE WHEN n %% 50 = 0 THEN 'estimate' ELSE 'upstream' END, ''
FROM (
  SELECT n, now() - interval '1 year' * (1 - n / %(rows)s::float8) AS at, 100 + n * 7919 %% 3000 AS prompt,
    50 + n * 104729 %% 1500 AS output, 1 + floor(%(people)s * random() ^ 2)::int AS person, 1 + n %% 3 AS kind
  FROM generate_series(1, %(rows)s::bigint) n
) made
JOIN (SELECT id, group_id, row_number() OVER () AS place FROM accounts_user) u ON u.place = person
JOIN (SELECT id, model, prompt AS rate, output AS output_rate, row_number() OVER () AS place FROM accounts_price) p
  ON p.place = kind
CROSS JOIN LATERAL (SELECT prompt * p.rate + output * p.output_rate AS pico) cost
ORDER BY n
"""
# One call in ten keeps its hold, as if the older ones had been put away.
_HOLDS = """
INSERT INTO accounts_hold (id, completion_id, attempt, user_id, group_id, model, price_id, purpose, window_ids, tokens,
  micro_usd, prompt_bound, max_output, asked_output, state, created_at, expires_at, charged_tokens, charged_micro_usd,
  source)
SELECT hold_id, gen_random_uuid(), 0, user_id, group_id, model, price_id, purpose, '{}', tokens, micro_usd,
  prompt_tokens, output_tokens, output_tokens, 'settled', at, at, tokens, micro_usd, source
FROM accounts_ledgerentry WHERE hold_id IS NOT NULL
"""
_DAYS = """
INSERT INTO accounts_usageday (day, user_id, model, purpose, group_id, calls, prompt_tokens, cached_tokens,
  output_tokens, reasoning_tokens, tokens, micro_usd, estimated_tokens)
SELECT (at AT TIME ZONE %(zone)s)::date, user_id, model, purpose, group_id, count(*), sum(prompt_tokens), 0,
  sum(output_tokens), sum(reasoning_tokens), sum(tokens), sum(micro_usd),
  coalesce(sum(tokens) FILTER (WHERE source = 'estimate'), 0)
FROM accounts_ledgerentry GROUP BY 1, 2, 3, 4, 5 ORDER BY user_id, 1
"""
_WORKSPACE_DAYS = """
INSERT INTO accounts_workspaceday (day, model, calls, tokens, micro_usd, estimated_tokens)
SELECT day, model, sum(calls), sum(tokens), sum(micro_usd), sum(estimated_tokens) FROM accounts_usageday GROUP BY 1, 2
"""
_USUAL = """
SELECT sum(tokens)::bigint / %(people)s FROM accounts_usageday WHERE day >= date_trunc('month', now())
"""
_SIZES = """
SELECT relname, reltuples::bigint, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class
WHERE relname LIKE 'accounts\\_%%' AND relkind = 'r' AND reltuples > 1000 ORDER BY 1
"""
LOOKS = {
    "as it opens": "",
    "by name": "sort=name",
    "by spent": "sort=-spent",
    "by last active": "sort=-active",
    "those who are near": "status=near",
    "those who are out": "status=out",
    "search": "q=person%20123",
    "one model": "model=gemini-3.5-flash",
    "the last month": "period=last",
    "200 a page": "limit=200",
}


def fill(people: int, rows: int) -> Iterator[str]:
    from django.conf import settings

    steps = {"ledger": _LEDGER, "holds": _HOLDS, "days": _DAYS, "workspace": _WORKSPACE_DAYS}
    crowd.run("SET work_mem = '256MB'; SET lock_timeout = 0")
    for name, statement in steps.items():
        start = time.perf_counter()
        crowd.run(statement, people=people, rows=rows, zone=settings.TIME_ZONE)
        yield f"made {name} in {time.perf_counter() - start:.0f} s"
    crowd.run("RESET work_mem")
    [(usual,)] = crowd.run(_USUAL, people=people)
    crowd.limit(person=2 * usual, everyone=2 * usual * people)
    for table, count, size in crowd.run(_SIZES):
        yield f"{table:24} {count:10} rows  {size}"


@contextmanager
def counted(statements: list[float]) -> Iterator[None]:
    """Milliseconds of each statement inside."""
    from django.db import connection

    def wrapper(execute: Any, *arguments: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            statements.append((time.perf_counter() - start) * 1000)

    with connection.execute_wrapper(wrapper):
        yield


def request(client: Any, address: str) -> tuple[float, list[float]]:
    """Milliseconds, and those of its statements."""
    statements: list[float] = []
    start = time.perf_counter()
    with counted(statements):
        response = client.get(address)
    milliseconds = (time.perf_counter() - start) * 1000
    assert response.status_code == 200, response.content
    return milliseconds, statements


def sql_of_list(words: str) -> float:
    """Milliseconds of what a page of the list asks of the database."""
    from django.http import QueryDict

    from accounts.api.admin import SpendFilter
    from accounts.services import reports_people
    from accounts.services.reports import span_of

    chosen = SpendFilter(**QueryDict(words).dict())
    statements: list[float] = []
    with counted(statements):
        reports_people.people(span_of(chosen.period), chosen.chosen())
    return sum(statements)


def lines(client: Any, times: int, first: str) -> Iterator[str]:
    looks = LOOKS | {"from the 1st to the 15th": f"period={first}-01..{first}-15&sort=-spent"}
    yield f"\n{'':26}list SQL ms  best   all SQL ms  best  (n)   request ms  best"
    for name, words in looks.items():
        asked = [request(client, f"/api/v1/admin/spend?{words}") for _ in range(times + 1)][1:]
        of_list = [sql_of_list(words) for _ in range(times)]
        of_all, of_request = [sum(sql) for _, sql in asked], [ms for ms, _ in asked]
        yield (
            f"{name:26}{both(of_list)}       {both(of_all)}  ({len(asked[0][1])})       {both(of_request)}"
        )


def others(client: Any, times: int, person: Any) -> Iterator[str]:
    """What else the page asks for."""
    addresses = {
        "the page itself": "/admin/spend/",
        "the chart": "/api/v1/admin/spend/days",
        "a person": f"/api/v1/admin/users/{person}/spend",
        "their last calls": f"/api/v1/admin/users/{person}/ledger",
    }
    for name, address in addresses.items():
        asked = [request(client, address) for _ in range(times + 1)][1:]
        of_all, of_request = [sum(sql) for _, sql in asked], [ms for ms, _ in asked]
        yield f"{name:26}{'':18}{both(of_all)}  ({len(asked[0][1])})       {both(of_request)}"


def both(milliseconds: list[float]) -> str:
    return f"{median(milliseconds):11.1f} {min(milliseconds):5.1f}"


def staff() -> Any:
    from django.core.management import call_command
    from django.test import Client

    from tests.factories import make_user

    call_command("assets", verbosity=0)
    client = Client(SERVER_NAME="localhost")
    client.force_login(make_user("Staff", is_staff=True))
    return client


def audited() -> str:
    from django.conf import settings

    from accounts.services import audit

    start = time.perf_counter()
    drifts = audit.drifts(settings.TIME_ZONE)
    return f"\naudit in {time.perf_counter() - start:.1f} s: drift {drifts}"


def main() -> None:
    options = _options()
    with crowd.workspace(options.people):
        for line in fill(options.people, options.rows):
            print(line, flush=True)
        client, [(person,)] = staff(), crowd.run("SELECT user_id FROM accounts_usageday LIMIT 1")
        for line in lines(
            client, options.times, f"{time.gmtime().tm_year}-{time.gmtime().tm_mon:02}"
        ):
            print(line, flush=True)
        for line in others(client, options.times, person):
            print(line, flush=True)
        if options.audit:
            print(audited(), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spend_list", description=__doc__)
    parser.add_argument("--people", type=int, default=crowd.PEOPLE)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the ledger")
    parser.add_argument("--times", type=int, default=20, help="each way to look is timed")
    parser.add_argument("--audit", action="store_true", help="time the audit of all figures too")
    return parser.parse_args()


if __name__ == "__main__":
    assert Path("manage.py").is_file(), "Run it from the project's folder."
    main()
