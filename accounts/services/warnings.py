"""Warnings before a budget is used up: at 80 and at 95 percent, each once for a window."""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string

from accounts.models import BudgetWindow, Group, User
from accounts.services import post_office
from accounts.services.refusals import amount

log = structlog.get_logger(__name__)
THRESHOLDS = (80, 95)
UNITS = ("tokens", "micro_usd")
# Whole numbers only. In the order in which everyone inserts them, so that no two wait for each other.
_PASSED = """
INSERT INTO accounts_budgetalert (window_id, threshold, at)
SELECT w.id, passed.threshold, now()
FROM accounts_budgetwindow w CROSS JOIN unnest(%(thresholds)s) AS passed (threshold)
WHERE w.id = ANY(%(windows)s)
  AND (w.limit_tokens + w.granted_tokens > 0
       AND w.spent_tokens * 100 >= (w.limit_tokens + w.granted_tokens) * passed.threshold
       OR w.limit_micro_usd + w.granted_micro_usd > 0
       AND w.spent_micro_usd * 100 >= (w.limit_micro_usd + w.granted_micro_usd) * passed.threshold)
  AND NOT EXISTS (SELECT 1 FROM accounts_budgetalert a
                  WHERE a.window_id = w.id AND a.threshold = passed.threshold)
ORDER BY w.id, passed.threshold
ON CONFLICT DO NOTHING RETURNING window_id, threshold
"""


@dataclass(frozen=True)
class Warned:
    window_id: int
    threshold: int


def warn(window_ids: list[int]) -> list[Warned]:
    """What is new is logged, and mailed to the person, or to staff if it is a budget of many. For after the commit of
    what was spent: nobody waits for it at the counters, and what is not stored now is with the next call."""
    new = _insert(window_ids)
    if new:
        _tell(new)
    return new


def _insert(window_ids: list[int]) -> list[Warned]:
    given = {"windows": window_ids, "thresholds": list(THRESHOLDS)}
    with connection.cursor() as cursor:
        cursor.execute(_PASSED, given)
        return [Warned(*row) for row in cursor.fetchall()]


def _tell(new: list[Warned]) -> None:
    """Of a window that has passed both at once only the higher is told."""
    highest = {each.window_id: max(_of(new, each.window_id)) for each in new}
    for window in BudgetWindow.objects.filter(pk__in=highest).order_by("rank", "pk"):
        percent = highest[window.pk]
        log.warning(
            "budget.warning", window=window.pk, subject=str(window.subject), percent=percent
        )
        if settings.EMAIL_URL:
            for mail in _mails(window, percent):
                post_office.post(mail, about="budget warning")


def _of(new: Iterable[Warned], window_id: int) -> list[int]:
    return [each.threshold for each in new if each.window_id == window_id]


def _mails(window: BudgetWindow, percent: int) -> list[EmailMessage]:
    """One each, so that nobody sees the addresses of others."""
    words = {"window": window, "percent": percent, "whose": _whose(window)}
    words |= {"site": settings.PUBLIC_URL, "zone": settings.TIME_ZONE}
    words |= {"figures": [line for unit in UNITS if (line := _figure(window, unit))]}
    subject = render_to_string("accounts/email/budget_warning_subject.txt", words).strip()
    text = render_to_string("accounts/email/budget_warning_message.txt", words)
    return [EmailMessage(subject, text, to=[address]) for address in _addresses(window)]


def _whose(window: BudgetWindow) -> str:
    if window.rank == 0:
        return "Your"
    if window.rank == 1:
        group = Group.objects.filter(pk=window.subject).first()
        return f"The group {group}'s" if group else "A group's"
    return "The workspace's"


def _figure(window: BudgetWindow, unit: str) -> str:
    """Used and limit in one unit; "" where there is no limit."""
    limit = getattr(window, f"limit_{unit}")
    if limit is None:
        return ""
    most = limit + getattr(window, f"granted_{unit}")
    return f"{amount(getattr(window, f'spent_{unit}'), unit)} of {amount(most, unit)}"


def _addresses(window: BudgetWindow) -> list[str]:
    people = User.objects.active_staff()
    if window.rank == 0:
        people = User.objects.existing().filter(pk=window.subject, is_active=True)
    return list(people.values_list("email", flat=True))
