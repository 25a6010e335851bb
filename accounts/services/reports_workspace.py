"""The workspace as a whole: its window with a forecast, what waits for staff, and the sums of its days."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.models import BudgetRequest
from accounts.models.budget import WORKSPACE
from accounts.services.reports import PERIODS, Span, ask
from accounts.services.reports_people import standings

SHORTEST = 14  # days of a chart
USUAL = 30
_WINDOW = f"""
WITH {PERIODS}
SELECT b.period, p.starts, p.ends,
  CASE WHEN w.id IS NULL THEN b.limit_tokens ELSE w.limit_tokens END AS limit_tokens,
  CASE WHEN w.id IS NULL THEN b.limit_micro_usd ELSE w.limit_micro_usd END AS limit_micro_usd,
  coalesce(w.spent_tokens, 0) AS spent_tokens, coalesce(w.spent_micro_usd, 0) AS spent_micro_usd,
  coalesce(w.held_tokens, 0) AS held_tokens, coalesce(w.held_micro_usd, 0) AS held_micro_usd
FROM accounts_budget b JOIN periods p ON p.period = b.period
LEFT JOIN accounts_budgetwindow w ON w.subject = %(workspace)s AND w.period = b.period AND w.starts = p.starts
WHERE b.scope = 'workspace'
"""  # noqa: S608  nothing of a person's is in it
_DEFAULT = """
SELECT period, limit_tokens, limit_micro_usd FROM accounts_budget
WHERE scope = 'person' AND user_id IS NULL AND group_id IS NULL
"""
_HELD = """
SELECT count(*) AS calls, coalesce(sum(tokens), 0)::bigint AS tokens, coalesce(sum(micro_usd), 0)::bigint AS micro_usd
FROM accounts_hold WHERE state = 'held'
"""
_SUMS = """
SELECT coalesce(sum(calls), 0)::bigint AS calls, coalesce(sum(tokens), 0)::bigint AS tokens,
  coalesce(sum(micro_usd), 0)::bigint AS micro_usd, coalesce(sum(estimated_tokens), 0)::bigint AS estimated_tokens
FROM accounts_workspaceday WHERE day BETWEEN %(first)s AND %(last)s
"""
# What can be looked at while somebody waits: open holds against the windows that name them, and the workspace's window
# against the days in it. Every counter against every row of the ledger is for the nightly audit.
_DRIFT = """
SELECT
  (SELECT coalesce(sum(abs(coalesce(w.held_tokens, 0) - coalesce(h.tokens, 0))
     + abs(coalesce(w.held_micro_usd, 0) - coalesce(h.micro_usd, 0))), 0)
   FROM (SELECT id, held_tokens, held_micro_usd FROM accounts_budgetwindow
         WHERE held_tokens <> 0 OR held_micro_usd <> 0) w
   FULL JOIN (SELECT unnest(window_ids) AS id, sum(tokens) AS tokens, sum(micro_usd) AS micro_usd
              FROM accounts_hold WHERE state = 'held' GROUP BY 1) h USING (id))::bigint AS held,
  (SELECT coalesce(sum(abs(w.spent_tokens - d.tokens) + abs(w.spent_micro_usd - d.micro_usd)), 0)
   FROM accounts_budgetwindow w CROSS JOIN LATERAL (
     SELECT coalesce(sum(tokens), 0) AS tokens, coalesce(sum(micro_usd), 0) AS micro_usd FROM accounts_workspaceday
     WHERE day >= (w.starts AT TIME ZONE %(zone)s)::date
       AND (w.ends IS NULL OR day < (w.ends AT TIME ZONE %(zone)s)::date)) d
   WHERE w.subject = %(workspace)s AND (w.ends IS NULL OR w.ends > now()))::bigint AS spent
"""
_DAYS = """
SELECT day, model, tokens, micro_usd, calls, estimated_tokens FROM accounts_workspaceday
WHERE day BETWEEN %(first)s AND %(last)s ORDER BY day, model
"""
_DAYS_OF_GROUP = """
SELECT day, model, sum(tokens)::bigint AS tokens, sum(micro_usd)::bigint AS micro_usd, sum(calls)::bigint AS calls,
  sum(estimated_tokens)::bigint AS estimated_tokens
FROM accounts_usageday WHERE day BETWEEN %(first)s AND %(last)s AND group_id = %(group)s
GROUP BY day, model ORDER BY day, model
"""


def summary(span: Span) -> dict[str, Any]:
    """What the cards at the head of the page say."""
    window = window_of_workspace(span)
    first, last = days_of(span, window)
    return {
        "window": window | _forecast(window, timezone.now()),
        "default": next(iter(ask(_DEFAULT, {})), None),
        "sums": ask(_SUMS, {"first": first, "last": last})[0],
        "held": ask(_HELD, {})[0],
        "people": standings(),
        "requests": BudgetRequest.objects.filter(state=BudgetRequest.State.OPEN).count(),
        "first": first,
        "last": last,
    }


def window_of_workspace(span: Span) -> dict[str, Any]:
    return ask(_WINDOW, span.given() | {"workspace": WORKSPACE})[0]


def _forecast(window: dict[str, Any], now: datetime) -> dict[str, int | None]:
    """What will be spent at the end of the period if it goes on like this."""
    whole = int((window["ends"] - window["starts"]).total_seconds()) if window["ends"] else 0
    gone = min(max(int((now - window["starts"]).total_seconds()), 1), whole)
    return {
        f"forecast_{unit}": window[f"spent_{unit}"] * whole // gone if whole else None
        for unit in ("tokens", "micro_usd")
    }


def drifts() -> dict[str, int]:
    """By what was compared, in tokens and micro-dollars added up: zero, or something is wrong."""
    return ask(_DRIFT, {"zone": settings.TIME_ZONE, "workspace": WORKSPACE})[0]


def today() -> date:
    return timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def days_of(span: Span, window: dict[str, Any]) -> tuple[date, date]:
    """The first and the last day of a span; a chart of less than two weeks says little."""
    if span.first and span.last:
        return span.first, span.last
    zone, now = ZoneInfo(settings.TIME_ZONE), today()
    if window["ends"] is None:
        return now - timedelta(days=USUAL - 1), now
    first = window["starts"].astimezone(zone).date()
    last = min(window["ends"].astimezone(zone).date() - timedelta(days=1), now)
    return first, last


def days(span: Span, group: str | None = None) -> dict[str, Any]:
    """By day and model, with as many days before them."""
    first, last = days_of(span, window_of_workspace(span))
    first = min(first, last - timedelta(days=SHORTEST - 1))
    before = first - (last - first) - timedelta(days=1)
    question = _DAYS_OF_GROUP if group else _DAYS
    found = ask(question, {"first": before, "last": last, "group": group})
    return {
        "first": first,
        "last": last,
        "days": [row for row in found if row["day"] >= first],
        "previous": [row for row in found if row["day"] < first],
    }
