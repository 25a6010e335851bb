"""What pages say of the workspace."""

from collections.abc import Callable
from typing import Any

from django import template

from accounts.models import Budget
from accounts.models.budget import Period, Scope
from accounts.services import workspace
from accounts.services.refusals import amount
from accounts.services.workspace_trail import Line

register = template.Library()
LONGEST = 60
LABELS = {
    "name": "Name",
    "allowed_models": "Models that may be asked",
    "default_model": "New chats begin with",
    "system_prompt": "System prompt",
    "public_links": "Links that open for anyone",
    "longest_link_days": "Longest life of a link",
    "link_password_required": "Every link needs a password",
}


@register.simple_tag
def workspace_name() -> str:
    return workspace.now().name


@register.filter
def in_words(rule: Budget) -> str:
    """ "200,000 tokens and $5.00 a month"; unlimited and blocked are words."""
    return _limit_in_words(rule.period, rule.limit_tokens, rule.limit_micro_usd)


def _limit_in_words(period: str, tokens: int | None, micro_usd: int | None) -> str:
    limits = {"tokens": tokens, "micro_usd": micro_usd}
    amounts = [amount(value, unit) for unit, value in limits.items() if value is not None]
    if not amounts:
        return "unlimited"
    words = "blocked" if 0 in limits.values() else " and ".join(amounts)
    return f"{words} {Period(period).label}"


@register.filter
def what_changed(line: Line) -> list[str]:
    """In words, one for each value."""
    change = line.change
    return _WORDS[change.action](line, change.before or {}, change.after or {})


Values = dict[str, Any]


def _workspace_words(line: Line, before: Values, after: Values) -> list[str]:
    return [f"{LABELS[name]}: {_shown(before[name])} → {_shown(after[name])}" for name in after]


def _shown(value: str | list[str] | int | None) -> str:
    """What a field of the workspace holds; a number is days, and without one there is no limit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value} day" if value == 1 else f"{value} days"
    return "no limit" if value is None else _shown_text(value)


def _shown_text(value: str | list[str]) -> str:
    if isinstance(value, list):
        names = workspace.offered().names
        return ", ".join(names.get(model, model) for model in value) or "all"
    short = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    return f"“{short}”" if value else "none"


def _group_words(line: Line, before: Values, after: Values) -> list[str]:
    if line.change.scope == Scope.PERSON:
        return [f"{line.about}: {before['group'] or 'no group'} → {after['group'] or 'no group'}"]
    if before and after:
        return [f"Group {before['name']} renamed to {after['name']}"]
    return [f"Group {after['name']} created" if after else f"Group {before['name']} deleted"]


def _limit_words(line: Line, before: Values, after: Values) -> list[str]:
    whose = "together" if line.change.scope == Scope.GROUP else "each member"
    was, now = (_limit_in_words(*rule.values()) if rule else "none" for rule in (before, after))
    return [f"Group {line.about}, {whose}: {was} → {now}"]


_WORDS: dict[str, Callable[[Line, Values, Values], list[str]]] = {
    "workspace": _workspace_words,
    "group": _group_words,
    "limit": _limit_words,
}
