"""A large workspace on a database of its own, reached from this process as the server reaches it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django

from tests import services

PEOPLE, GROUPS = 10_000, 100
DJANGO = {"DJANGO_SETTINGS_MODULE": "webchat.settings", "LOG_LEVEL": "WARNING"}
_PEOPLE = """
INSERT INTO accounts_group (id, name) SELECT gen_random_uuid(), 'Group ' || n FROM generate_series(1, %(groups)s) n;
INSERT INTO accounts_user (id, password, email, name, is_staff, is_active, is_superuser, date_joined, session_epoch,
  group_id)
SELECT gen_random_uuid(), '!', 'person.' || n || '@example.org', 'Person ' || n, false, true, false,
  now() - interval '1 year', 0, g.id
FROM generate_series(1, %(people)s) n
JOIN (SELECT id, row_number() OVER () AS place FROM accounts_group) g ON g.place = 1 + n %% %(groups)s
"""
# Each person has a month, each group shares one, and so do all together.
_RULES = """
UPDATE accounts_budget SET
  limit_tokens = CASE scope WHEN 'person' THEN %(person)s ELSE %(everyone)s END,
  limit_micro_usd = CASE scope WHEN 'person' THEN 4 * %(person)s ELSE 4 * %(everyone)s END;
INSERT INTO accounts_budget (id, scope, group_id, period, limit_tokens, limit_micro_usd)
SELECT gen_random_uuid(), 'group', id, 'month', %(everyone)s, 4 * %(everyone)s FROM accounts_group
"""
# Of a year, each with what its days say.
_WINDOWS = """
WITH months AS (
  SELECT date_trunc('month', now() AT TIME ZONE %(zone)s) - n * interval '1 month' AS first
  FROM generate_series(0, 11) n
), subjects AS (
  SELECT 0 AS rank, id AS subject FROM accounts_user UNION ALL
  SELECT 1, id FROM accounts_group UNION ALL SELECT 2, '00000000-0000-0000-0000-000000000000'
), used AS (
  SELECT date_trunc('month', day::timestamp) AS first, user_id, group_id, sum(tokens) AS tokens, sum(micro_usd) AS micro
  FROM accounts_usageday GROUP BY 1, 2, 3
), spent AS (
  SELECT first, user_id AS subject, tokens, micro FROM used UNION ALL
  SELECT first, group_id, sum(tokens), sum(micro) FROM used GROUP BY 1, 2 UNION ALL
  SELECT first, '00000000-0000-0000-0000-000000000000', sum(tokens), sum(micro) FROM used GROUP BY 1
)
INSERT INTO accounts_budgetwindow (rank, subject, period, starts, ends, limit_tokens, limit_micro_usd,
  granted_tokens, granted_micro_usd, spent_tokens, spent_micro_usd, held_tokens, held_micro_usd)
SELECT rank, subject, 'month', first AT TIME ZONE %(zone)s, (first + interval '1 month') AT TIME ZONE %(zone)s,
  b.limit_tokens, b.limit_micro_usd, 0, 0, coalesce(spent.tokens, 0), coalesce(spent.micro, 0), 0, 0
FROM months CROSS JOIN subjects LEFT JOIN spent USING (first, subject)
JOIN accounts_budget b ON b.scope = (ARRAY['person', 'group', 'workspace'])[rank + 1]
  AND (rank <> 1 OR b.group_id = subject)
ORDER BY first, rank
"""


@contextmanager
def workspace(people: int = PEOPLE) -> Iterator[None]:
    """Django is set up inside, on people in groups."""
    services.begin()
    with services.database() as url:
        os.environ.update(DATABASE_URL=url, **DJANGO)
        django.setup()
        run(_PEOPLE, people=people, groups=GROUPS)
        try:
            yield
        finally:
            _leave()


def limit(person: int, everyone: int) -> None:
    """Tokens a month, and the windows that count them."""
    from django.conf import settings

    run(_RULES, person=person, everyone=everyone)
    run(_WINDOWS, zone=settings.TIME_ZONE)
    run("VACUUM ANALYZE")


def write_to_disk() -> None:
    """What is committed reaches the disk from now on, unlike in tests."""
    run("ALTER SYSTEM RESET ALL")
    run("SELECT pg_reload_conf()")


def run(statements: str, **given: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statements, given or None)
        return cursor.fetchall() if cursor.description else []


def _leave() -> None:
    from django.db import connection

    connection.close()
    connection.close_pool()
