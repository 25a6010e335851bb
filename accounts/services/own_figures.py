"""What a person sees of money: their own figures, those that their group shares, and of the workspace a word."""

from datetime import timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from accounts.models import BudgetWindow, LedgerEntry, Price, UsageDay, User
from accounts.models.budget import WORKSPACE
from accounts.services import requests
from accounts.services.windows import Window, windows_of

NEAR_PERCENT = 80
TYPICAL_OF = 20
PERIODS = 24
Figures = dict[str, Any]


def budget_of(user: User) -> Figures:
    """What binds now. `typical` is what a message of theirs uses up lately, `prices` are micro-dollars for a million
    tokens of output, `request` is the last time that they asked for more."""
    windows = windows_of(user.pk)
    request = requests.of(user).exclude(state="withdrawn").first()
    return {
        "limits": [_limit(window) for window in windows if window.subject != WORKSPACE],
        "workspace": _word([window for window in windows if window.subject == WORKSPACE]),
        "typical": _typical(user),
        "prices": _output_prices(),
        "request": request and requests.as_dict(request),
    }


def _limit(window: Window) -> Figures:
    return {
        "scope": "group" if window.rank else "you",
        "period": window.period,
        "starts_at": window.starts,
        "resets_at": window.ends,
        "limit_tokens": window.most_tokens,
        "spent_tokens": window.spent_tokens,
        "held_tokens": window.held_tokens,
        "limit_micro_usd": window.most_micro_usd,
        "spent_micro_usd": window.spent_micro_usd,
        "held_micro_usd": window.held_micro_usd,
        "state": state_of(window),
    }


def state_of(window: Window) -> str:
    """By what is spent: what is held may come back."""
    bounds = [
        (most, spent)
        for most, spent in (
            (window.most_tokens, window.spent_tokens),
            (window.most_micro_usd, window.spent_micro_usd),
        )
        if most is not None
    ]
    if not bounds:
        return "unlimited"
    if any(most == 0 for most, _ in bounds):
        return "blocked"
    percent = max(100 * spent // most for most, spent in bounds)
    return "ok" if percent < NEAR_PERCENT else "near" if percent < 100 else "out"  # noqa: PLR2004


def _word(windows: list[Window]) -> str:
    states = {state_of(window) for window in windows}
    if states & {"out", "blocked"}:
        return "out"
    return "near" if "near" in states else "ok"


def _typical(user: User) -> Figures | None:
    """The mean of the last ones, rounded up."""
    calls = LedgerEntry.objects.filter(user_id=user.pk, kind="settle", purpose="chat", tokens__gt=0)
    last = list(calls.order_by("-at").values_list("tokens", "micro_usd")[:TYPICAL_OF])
    if not last:
        return None
    tokens, micro_usd = (-(-sum(each) // len(last)) for each in zip(*last, strict=True))
    return {"tokens": tokens, "micro_usd": micro_usd}


def _output_prices() -> dict[str, int]:
    now = Price.objects.filter(effective_from__lte=timezone.now())
    newest = now.order_by("model", "-effective_from").distinct("model")
    return dict(newest.values_list("model", "output"))


def usage_of(user: User, *, days: int) -> Figures:
    """Sums by day, in the workspace's time, and model; today is the last of `days`. Titles are in them."""
    today = timezone.localdate()
    used = UsageDay.objects.filter(user_id=user.pk, day__gt=today - timedelta(days=days))
    sums = {name: Sum(name) for name in ("tokens", "micro_usd", "calls", "estimated_tokens")}
    found = used.values("day", "model").annotate(**sums).order_by("day", "model")
    return {"today": today, "days": list(found)}


def periods_of(user: User) -> list[Figures]:
    """Their own limits of periods that have ended, newest first."""
    past = BudgetWindow.objects.filter(rank=0, subject=user.pk, ends__lte=timezone.now())
    return [_past(window) for window in past.order_by("-starts")[:PERIODS]]


def _past(window: BudgetWindow) -> Figures:
    return {
        "period": window.period,
        "starts_at": window.starts,
        "ends_at": window.ends,
        "limit_tokens": _most(window.limit_tokens, window.granted_tokens),
        "spent_tokens": window.spent_tokens,
        "limit_micro_usd": _most(window.limit_micro_usd, window.granted_micro_usd),
        "spent_micro_usd": window.spent_micro_usd,
    }


def _most(limit: int | None, granted: int) -> int | None:
    return None if limit is None else limit + granted
