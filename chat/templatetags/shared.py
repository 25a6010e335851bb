"""What a shared page says about a turn before any script runs; static/js/elements/shared-turn.js says the same."""

import re

from django import template

from accounts.templatetags.people import initials
from chat.models.states import RUNNING, State

register = template.Library()


@register.filter
def face(name: str) -> str:
    """What stands in the avatar: the letter alone of somebody whose name is not shown."""
    unnamed = re.fullmatch(r"Person ([A-Z]{1,2})", name)
    return unnamed[1] if unnamed else initials(name)


@register.filter
def short_model(name: str | None) -> str:
    """Gemini 3.5 Flash is 3.5 Flash beside Gemini."""
    return re.sub(r"(?i)^gemini[ -]", "", name or "")


@register.filter
def early_end(status: str) -> str:
    """How an answer broke off, in words; empty for one that is whole or still being written."""
    if status in ("", State.COMPLETED, *RUNNING):
        return ""
    return "Stopped before its end." if status == State.STOPPED else "Cut off before its end."
