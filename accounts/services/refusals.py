"""Why a budget refuses: who, what, when, and what to do about it."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from accounts import prices
from accounts.errors import BudgetExceeded
from accounts.prices import PriceTag, Tokens
from accounts.services.windows import Window

WAYS_OUT = ["wait", "shorter", "cheaper_model", "request_more"]
SHARED = {1: ("group", "Your group's shared budget"), 2: ("workspace", "The workspace's budget")}


def refusal(windows: list[Window], call: Any, price: PriceTag) -> BudgetExceeded:
    """For the window and unit that leave least room; `call` is a spending.Call that does not fit."""
    needed = Tokens(prompt=call.prompt_bound, output=call.least_output)
    figures = [
        one
        for window in windows
        for one in (
            _figures(window, "tokens", needed.total),
            _figures(window, "micro_usd", prices.to_micro(price.pico(needed))),
        )
        if one["limit"] is not None and one["used"] + one["reserved"] + one["needed"] > one["limit"]
    ]
    worst = min(figures, key=_share_left)
    window, reason = worst.pop("window"), _reason(worst)
    resets_at = window.ends.isoformat() if window.ends else None
    scope = "you" if window.rank == 0 else SHARED[window.rank][0]
    actions = [] if reason == "blocked" else WAYS_OUT if window.ends else WAYS_OUT[1:]
    more = {"retry_after": 3} if reason == "in_flight" else {}
    detail = _sentence(reason, window, worst)
    shown = worst if scope == "you" else {"unit": worst["unit"]}  # not other people's figures
    return BudgetExceeded(
        detail, reason=reason, scope=scope, resets_at=resets_at, actions=actions, **shown, **more
    )


def _figures(window: Window, unit: str, needed: int) -> dict[str, Any]:
    limit = window.most_tokens if unit == "tokens" else window.most_micro_usd
    used, reserved = getattr(window, f"spent_{unit}"), getattr(window, f"held_{unit}")
    counted = {"limit": limit, "used": used, "reserved": reserved, "needed": needed}
    return {"window": window, "unit": unit, **counted}


def _share_left(figures: dict[str, Any]) -> int:
    """In parts of a million, so that tokens and micro-dollars compare."""
    left = figures["limit"] - figures["used"] - figures["reserved"]
    return int(left * 1_000_000 // max(figures["limit"], 1))


def _reason(figures: dict[str, Any]) -> str:
    left = figures["limit"] - figures["used"]
    if figures["limit"] == 0:
        return "blocked"
    if figures["reserved"] and figures["needed"] <= left:
        return "in_flight"
    return "limit_reached" if left <= 0 or figures["needed"] < 4 * left else "request_too_large"


def _sentence(reason: str, window: Window, figures: dict[str, Any]) -> str:
    unit, resets = figures["unit"], f" It resets on {_when(window)}." if window.ends else ""
    if window.rank:
        what = (
            "is reserved by replies that are being written"
            if reason == "in_flight"
            else "is used up"
        )
        return f"{SHARED[window.rank][1]} {what}.{resets} Your admin can raise it."
    left = max(0, figures["limit"] - figures["used"] - figures["reserved"])
    return {
        "in_flight": "Your running reply has reserved the rest of your budget. It usually frees up in a few seconds.",
        "blocked": "An admin has paused AI use for your account.",
        "request_too_large": f"This chat is too long for the {amount(left, unit)} you have left. Start a new chat.",
        "limit_reached": f"You have used your {amount(figures['limit'], unit)}.{resets} Need more now? Ask for more.",
    }[reason]


def _when(window: Window) -> str:
    local = timezone.localtime(window.ends)
    return f"{date_format(local, 'j M')} at {local:%H:%M}"


def amount(value: int, unit: str) -> str:
    """200,000 tokens, or $1.25."""
    if unit == "tokens":
        return f"{value:,} tokens"
    return f"${value // 1_000_000:,}.{value % 1_000_000 // 10_000:02}"
