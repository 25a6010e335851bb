"""One person: their windows, days, last calls, open holds, and what staff changed."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.models import BudgetChange, Hold, LedgerEntry, User
from accounts.models.budget import WORKSPACE
from accounts.services.own_figures import usage_of
from accounts.services.reports import Span, names_of
from accounts.services.reports_people import Filter, people
from accounts.services.windows import Window, applying

CALLS = 50
DAYS = 30
TRAIL = 30
SCOPES = {0: "person", 1: "group", 2: "workspace"}


def person(user: User) -> dict[str, Any]:
    """What the panel beside the list shows."""
    rows, _ = people(Span(), Filter(ids=[user.pk]))
    return {
        "person": rows[0] if rows else None,
        "windows": [_window(window) for window in applying(user.pk)],
        "days": usage_of(user, days=DAYS)["days"],
        "holds": [
            _hold(hold) for hold in Hold.objects.filter(user_id=user.pk, state="held")[:CALLS]
        ],
        "changes": trail(user.pk),
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "scope": SCOPES[window.rank],
        "period": window.period,
        "resets_at": window.ends,
        "limit_tokens": window.most_tokens if window.id else window.rule_tokens,
        "limit_micro_usd": window.most_micro_usd if window.id else window.rule_micro_usd,
        "spent_tokens": window.spent_tokens,
        "spent_micro_usd": window.spent_micro_usd,
        "held_tokens": window.held_tokens,
        "held_micro_usd": window.held_micro_usd,
    }


def _hold(hold: Hold) -> dict[str, Any]:
    names = (
        "id",
        "model",
        "purpose",
        "tokens",
        "micro_usd",
        "created_at",
        "dispatched_at",
        "expires_at",
    )
    return {name: getattr(hold, name) for name in names}


_ENTRY = (
    "id",
    "at",
    "kind",
    "hold_id",
    "model",
    "purpose",
    "prompt_tokens",
    "cached_tokens",
    "output_tokens",
    "reasoning_tokens",
    "tokens",
    "micro_usd",
    "overrun_tokens",
    "source",
    "actor",
    "reason",
)


def ledger(user: User, *, before: int | None = None, limit: int = CALLS) -> dict[str, Any]:
    """The last rows of a person's ledger; a call that was charged by its bound says whether it can be refunded."""
    found = LedgerEntry.objects.filter(user_id=user.pk)
    found = found.filter(pk__lt=before) if before else found
    rows = list(found.order_by("-at", "-pk").values(*_ENTRY)[: limit + 1])
    bound = _refundable({row["hold_id"] for row in rows if row["source"] == "bound"})
    page = [row | {"refundable": row["hold_id"] in bound} for row in rows[:limit]]
    return {"items": page, "next": page[-1]["id"] if len(rows) > limit else None}


def _refundable(holds: set[UUID]) -> set[UUID]:
    charged = Hold.objects.filter(pk__in=holds, source="bound", charged_tokens__gt=0)
    return set(charged.values_list("pk", flat=True))


def trail(subject: UUID | None = None) -> list[dict[str, Any]]:
    """What staff changed, the newest first: of a person, or of everyone's rules where nobody is named."""
    rules = Q(subject=None) | Q(subject=WORKSPACE)
    rows = BudgetChange.objects.filter(Q(subject=subject) if subject else rules)
    found = list(rows.order_by("-at")[:TRAIL])
    names = names_of({change.actor for change in found})
    return [_change(change, names) for change in found]


def _change(change: BudgetChange, names: dict[UUID, str]) -> dict[str, Any]:
    kept = ("id", "at", "scope", "subject", "action", "before", "after", "reason")
    return {name: getattr(change, name) for name in kept} | {
        "actor": names.get(change.actor, "") if change.actor else "",
        "can_be_undone": change.action == "limit",
    }
