"""Whether the gateway has lately refused us: our key, our credit, or a model. People only see that an answer failed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Completion
from chat.models.completion import REFUSALS
from webchat.doctor.finding import Finding, ok, problem
from webchat.postgres import direct

WITHIN = timedelta(hours=24)
_MEANING = {
    "upstream_auth": (
        "The gateway refused the key",
        "Set EVOLINK_API_KEY to a key that holds, and restart.",
    ),
    "upstream_quota": ("The gateway's credit is used up", "Top it up in the gateway's console."),
    "model_denied": (
        "The gateway does not let us use a model",
        "Ask the gateway for it, or tell people to choose another.",
    ),
    "model_gone": (
        "The gateway no longer has a model",
        "Update the program, or tell people to choose another.",
    ),
}


_COUNTED = """
    SELECT code, count(*), max(finished_at) FROM chat_completion
    WHERE code = ANY(%s) AND finished_at > %s GROUP BY code ORDER BY code
"""


def lately() -> "QuerySet[Completion]":
    recent = Completion.objects.filter(code__in=REFUSALS, finished_at__gt=timezone.now() - WITHIN)
    return recent.order_by("-finished_at")


def warning() -> str:
    """What staff are told on the pages that they open anyway, for one look into a small index; empty
    where all is well."""
    try:
        last = lately().values_list("code", "finished_at").first()
    except DatabaseError:
        return "The database does not answer as it should."
    if last is None:
        return ""
    code, at = last
    return f"{_MEANING[code][0]}, last at {_clock(at)}. The status says what to do."


def _clock(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M %Z}"


def look() -> Iterator[Finding]:
    try:
        with direct() as opened:
            rows = opened.execute(_COUNTED, [list(REFUSALS), timezone.now() - WITHIN]).fetchall()
    except psycopg.Error:
        return  # which the check of the database tells better
    for code, count, last in rows:
        says, advice = _MEANING[code]
        times = "once" if count == 1 else f"{count:,} times"
        since = f"{says}: {times} in 24 hours, last at {_clock(last)}."
        yield problem("Gateway refusals", since, advice)
    if not rows:
        yield ok("Gateway refusals", "The gateway has refused nothing in 24 hours.")
