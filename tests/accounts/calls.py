"""Calls that are about to be made, and the books that must balance."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from accounts.models import Hold
from accounts.services import audit, budgets
from accounts.services.budgets import Limit
from accounts.services.spending import Call
from accounts.services.windows import applying

PRO, FLASH, LITE = "gemini-3.1-pro-preview", "gemini-3.5-flash", "gemini-3.1-flash-lite-preview"


def call(model=LITE, prompt=100, most=900, least=None, **fields):
    least = most if least is None else least
    return Call(
        completion_id=fields.pop("completion_id", uuid4()),
        model=model,
        prompt_bound=prompt,
        most_output=most,
        least_output=least,
        **fields,
    )


def own_window(user):
    return next(window for window in applying(user.pk) if window.rank == 0)


def drift():
    return sum(audit.drifts(settings.TIME_ZONE).values())


def limit(user, by, tokens=None, micro_usd=None, period="month"):
    budgets.limit_person(user, Limit(period, tokens, micro_usd), by=by)


def expire():
    Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
