"""Spending as CSV: whole numbers beside readable values, times in UTC and in the workspace's zone.

Rows come in portions by keyset, each a short question of its own: a slow reader holds no transaction, and nothing is
gathered in memory. A text that a spreadsheet could take for a formula begins with an apostrophe.
"""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.services.reports import Span, ask
from accounts.services.reports_people import MOST_A_PAGE, Filter, people
from accounts.services.reports_workspace import days_of, window_of_workspace
from webchat.threads import in_thread

PORTION = 2000
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  Excel takes the wide ones too
Row = list[Any]
Portion = tuple[list[Row], Any]  # and where the next one begins, or None
_DAYS = """
SELECT d.id, d.user_id, d.day, d.model, d.purpose, u.name, u.email, d.calls, d.prompt_tokens, d.cached_tokens,
  d.output_tokens, d.reasoning_tokens, d.tokens, d.micro_usd, d.estimated_tokens
FROM accounts_usageday d LEFT JOIN accounts_user u ON u.id = d.user_id
WHERE d.day BETWEEN %(first)s AND %(last)s
  AND (%(day)s::date IS NULL OR
    (d.day, d.user_id, d.model, d.purpose, d.id) > (%(day)s, %(user)s, %(model)s, %(purpose)s, %(id)s))
ORDER BY d.day, d.user_id, d.model, d.purpose, d.id LIMIT %(portion)s
"""
_LEDGER = """
SELECT l.id, l.at, l.kind, l.hold_id, l.user_id, u.name, u.email, l.model, l.purpose, l.prompt_tokens, l.cached_tokens,
  l.output_tokens, l.reasoning_tokens, l.tokens, l.micro_usd, l.cost_pico, l.overrun_tokens, l.price_id, l.source,
  l.reason
FROM accounts_ledgerentry l LEFT JOIN accounts_user u ON u.id = l.user_id
WHERE l.id > %(after)s AND (l.at AT TIME ZONE %(zone)s)::date BETWEEN %(first)s AND %(last)s
ORDER BY l.id LIMIT %(portion)s
"""
_PEOPLE = [
    "user_id",
    "name",
    "email",
    "group",
    "period",
    "starts_utc",
    "resets_utc",
    "resets_local",
    "state",
    "limit_tokens",
    "granted_tokens",
    "spent_tokens",
    "held_tokens",
    "limit_micro_usd",
    "granted_micro_usd",
    "spent_micro_usd",
    "held_micro_usd",
    "limit_usd",
    "spent_usd",
    "calls",
    "estimated_tokens",
    "last_active",
]
_OF_DAYS = [
    "day",
    "user_id",
    "name",
    "email",
    "model",
    "purpose",
    "calls",
    "prompt_tokens",
    "cached_tokens",
    "output_tokens",
    "reasoning_tokens",
    "tokens",
    "micro_usd",
    "usd",
    "estimated_tokens",
]
_OF_LEDGER = [
    "id",
    "at_utc",
    "at_local",
    "kind",
    "hold_id",
    "user_id",
    "name",
    "email",
    "model",
    "purpose",
    "prompt_tokens",
    "cached_tokens",
    "output_tokens",
    "reasoning_tokens",
    "tokens",
    "micro_usd",
    "usd",
    "cost_pico",
    "overrun_tokens",
    "price_id",
    "source",
    "reason",
]


def cell(value: Any) -> str:
    if value is None:
        return ""
    text = str(value)
    is_text = not isinstance(value, int | Decimal)
    return f"'{text}" if is_text and text.startswith(DANGEROUS) else text


def lines(rows: Iterable[Row]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([cell(value) for value in row] for row in rows)
    return written.getvalue().encode()


async def export(kind: str, span: Span) -> AsyncIterator[bytes]:
    """`kind` is one of KINDS. With a byte order mark, without which Excel breaks every name beyond ASCII."""
    columns, portion = KINDS[kind]
    yield b"\xef\xbb\xbf" + lines([columns])
    place: Any = None
    fixed = await in_thread(fixed_days)(kind, span)
    while True:
        rows, place = await in_thread(portion)(fixed, place)
        yield lines(rows)
        if place is None:
            return


def fixed_days(kind: str, span: Span) -> Span:
    """The days that a period means now: asked again at midnight, it would mean others. People keep their period, since
    each has their own and its limit."""
    if kind == "people":
        return span
    first, last = days_of(span, window_of_workspace(span))
    return Span(first=first, last=last)


def _people(span: Span, place: str | None) -> Portion:
    chosen = Filter(sort="name", limit=MOST_A_PAGE, before=place or "")
    page, end = people(span, chosen)
    return [_of_person(row) for row in page], end


def _of_person(row: dict[str, Any]) -> Row:
    made = row | {
        "user_id": row["id"],
        "group": row["group_name"],
        "starts_utc": _utc(row["starts"]),
        "resets_utc": _utc(row["ends"]),
        "resets_local": _local(row["ends"]),
        "limit_usd": dollars(row["limit_micro_usd"]),
        "spent_usd": dollars(row["spent_micro_usd"]),
    }
    return [made[name] for name in _PEOPLE]


def _days(span: Span, place: dict[str, Any] | None) -> Portion:
    end = place or dict.fromkeys(("day", "user", "model", "purpose", "id"))
    found = ask(_DAYS, span.given() | end | {"portion": PORTION})
    rows = [
        [(row | {"usd": dollars(row["micro_usd"])})[name] for name in _OF_DAYS] for row in found
    ]
    return rows, _end_of_days(found[-1]) if len(found) == PORTION else None


def _end_of_days(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "day": row["day"],
        "user": row["user_id"],
        "model": row["model"],
        "purpose": row["purpose"],
        "id": row["id"],
    }


def _ledger(span: Span, place: int | None) -> Portion:
    found = ask(_LEDGER, span.given() | {"after": place or 0, "portion": PORTION})
    return [_of_entry(row) for row in found], found[-1]["id"] if len(found) == PORTION else None


def _of_entry(row: dict[str, Any]) -> Row:
    times = {"at_utc": _utc(row["at"]), "at_local": _local(row["at"])}
    made = row | times | {"usd": dollars(row["micro_usd"])}
    return [made[name] for name in _OF_LEDGER]


def dollars(micro: int | None) -> Decimal | None:
    """Exact: a micro-dollar is the sixth place."""
    return None if micro is None else Decimal(micro).scaleb(-6)


def _utc(at: datetime | None) -> str:
    return f"{at.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _local(at: datetime | None) -> str:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).isoformat(timespec="seconds") if at else ""


KINDS: dict[str, tuple[list[str], Callable[[Span, Any], Portion]]] = {
    "people": (_PEOPLE, _people),
    "days": (_OF_DAYS, _days),
    "ledger": (_OF_LEDGER, _ledger),
}
