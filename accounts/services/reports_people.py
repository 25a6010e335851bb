"""The list of people and their budgets: filtered, sorted, a page at a time."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.services.reports import STATES, Span, ask
from webchat.errors import InvalidInput

SPARK_DAYS = 14
MOST_A_PAGE = 200
_LAST_DAY = (
    "(SELECT day FROM accounts_usageday d WHERE d.user_id = people.id ORDER BY day DESC LIMIT 1)"
)
# What may be sorted by: one value that is never NULL, so that a page can begin after it.
_KEYS = {
    "name": "lower(name)",
    "status": f"array_position(ARRAY{list(STATES)}, state)",
    "spent": "spent_micro_usd",
    "tokens": "spent_tokens",
    "held": "held_micro_usd",
    "limit": "coalesce(most_micro_usd, 9007199254740991)",
    "limit_tokens": "coalesce(most_tokens, 9007199254740991)",
    "left": "coalesce(most_micro_usd - spent_micro_usd - held_micro_usd, 9007199254740991)",
    "percent": "coalesce(permille, -1)",
    "resets": "coalesce(extract(epoch FROM ends)::bigint, 9007199254740991)",
    "active": f"coalesce({_LAST_DAY} - date '1970-01-01', -1)",
}
SORTS = [*_KEYS, *(f"-{name}" for name in _KEYS)]
_COLUMNS = """
id, name, email, is_active, group_id, group_name, has_own, period, starts, ends, rule_tokens, rule_micro_usd,
limit_tokens, granted_tokens, spent_tokens, held_tokens,
limit_micro_usd, granted_micro_usd, spent_micro_usd, held_micro_usd, permille, state
"""
_USED_MODEL = """
EXISTS (SELECT 1 FROM accounts_usageday d WHERE d.user_id = people.id AND d.model = %(model)s
  AND d.day >= coalesce(%(first)s, (people.starts AT TIME ZONE %(zone)s)::date)
  AND d.day <= coalesce(%(last)s, (people.ends AT TIME ZONE %(zone)s)::date - 1, 'infinity'))
"""
# What the page shows beside the counters, for those on the page only.
_BESIDE = """
SELECT p.id, last.day AS last_active, coalesce(used.calls, 0)::bigint AS calls, used.top_model,
  coalesce(used.estimated_tokens, 0)::bigint AS estimated_tokens
FROM unnest(%(ids)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS p (id, starts, ends)
LEFT JOIN LATERAL (
  SELECT day FROM accounts_usageday d WHERE d.user_id = p.id ORDER BY day DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
  SELECT sum(calls) AS calls, sum(estimated_tokens) AS estimated_tokens,
    (array_agg(model ORDER BY tokens DESC))[1] AS top_model
  FROM (SELECT model, sum(calls) AS calls, sum(tokens) AS tokens, sum(estimated_tokens) AS estimated_tokens
        FROM accounts_usageday d WHERE d.user_id = p.id
          AND d.day >= coalesce(%(first)s, (p.starts AT TIME ZONE %(zone)s)::date)
          AND d.day <= coalesce(%(last)s, (p.ends AT TIME ZONE %(zone)s)::date - 1, 'infinity')
        GROUP BY model) of_model
) used ON true
"""
_SPARKS = """
SELECT user_id, (today.day - d.day) AS ago, sum(micro_usd)::bigint AS micro_usd
FROM accounts_usageday d, (SELECT (now() AT TIME ZONE %(zone)s)::date AS day) today
WHERE user_id = ANY(%(ids)s) AND d.day > today.day - %(days)s AND d.day <= today.day
GROUP BY 1, 2
"""


class BadPlace(InvalidInput):
    def __init__(self) -> None:
        super().__init__("This page marker is not one of ours. Begin again from the first page.")


@dataclass(frozen=True)
class Filter:
    """Empty means all. `before` is the end of the page before."""

    words: str = ""
    group: UUID | None = None
    state: str = ""
    model: str = ""
    sort: str = "-percent"
    before: str = ""
    limit: int = 50
    ids: list[UUID] = field(default_factory=list)


def people(span: Span, chosen: Filter) -> tuple[list[dict[str, Any]], str | None]:
    """A page, and where the next one begins."""
    key, down = _KEYS[chosen.sort.lstrip("-")], chosen.sort.startswith("-")
    conditions, given = _conditions(chosen)
    if chosen.before:
        conditions.append(f"({key}, id) {'<' if down else '>'} (%(key)s, %(id)s)")
        given |= _place(chosen)
    where = " AND ".join(["true", *conditions])
    direction = "DESC" if down else "ASC"
    found = ask(
        f"{span.people()} SELECT {_COLUMNS}, {key} AS key FROM people WHERE {where} "  # noqa: S608
        f"ORDER BY key {direction}, id {direction} LIMIT %(limit)s",
        span.given() | given | {"limit": chosen.limit + 1},
    )
    page = found[: chosen.limit]
    ends = page[-1] if len(found) > chosen.limit else None
    return _completed(page, span), f"{ends['id']}:{ends['key']}" if ends else None


def _conditions(chosen: Filter) -> tuple[list[str], dict[str, Any]]:
    words = chosen.words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    wanted = {
        "(name ILIKE %(words)s OR email ILIKE %(words)s)": chosen.words,
        "group_id = %(group)s": chosen.group,
        "(state = %(state)s OR %(state)s = 'out' AND state = 'over')": chosen.state,
        _USED_MODEL: chosen.model,
        "id = ANY(%(ids)s)": chosen.ids,
    }
    given = {
        "words": f"%{words}%",
        "group": chosen.group,
        "state": chosen.state,
        "model": chosen.model,
        "ids": chosen.ids,
    }
    return [condition for condition, value in wanted.items() if value], given


def _place(chosen: Filter) -> dict[str, Any]:
    """Raises BadPlace: an end that nobody made."""
    pk, _, key = chosen.before.replace("\0", "").partition(":")
    try:
        is_name = chosen.sort.lstrip("-") == "name"
        return {"id": UUID(pk), "key": key if is_name else int(key)}
    except ValueError:
        raise BadPlace from None


def _completed(page: list[dict[str, Any]], span: Span) -> list[dict[str, Any]]:
    ids = [row["id"] for row in page]
    rows = {"ids": ids, "starts": [row["starts"] for row in page]}
    rows["ends"] = [row["ends"] for row in page]
    beside = {row.pop("id"): row for row in ask(_BESIDE, span.given() | rows)}
    sparks = _sparks(ids, span)
    for row in page:
        row |= beside[row["id"]] | {"days": sparks[row["id"]]}
    return page


def _sparks(ids: list[UUID], span: Span) -> dict[UUID, list[int]]:
    """Micro-dollars of the last days, the oldest first."""
    lines = {one: [0] * SPARK_DAYS for one in ids}
    for row in ask(_SPARKS, span.given() | {"ids": ids, "days": SPARK_DAYS}):
        lines[row["user_id"]][SPARK_DAYS - 1 - row["ago"]] = row["micro_usd"]
    return lines


def standings() -> dict[str, int]:
    """How many people stand how, now."""
    now = Span()
    found = ask(
        f"{now.people()} SELECT state, count(*) AS people FROM people GROUP BY state",  # noqa: S608
        now.given(),
    )
    return dict.fromkeys(STATES, 0) | {row["state"]: row["people"] for row in found}
