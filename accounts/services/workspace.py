"""What holds for everyone: the workspace's name, its models, the system prompt that new conversations begin with.

`now` is asked by nearly every request and remembers for a few seconds, in each process for itself.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User, Workspace
from accounts.models.budget import WORKSPACE, Scope
from accounts.services import changes

REMEMBERED_SECONDS = 3.0
FIELDS = (
    "name",
    "allowed_models",
    "default_model",
    "system_prompt",
    "public_links",
    "longest_link_days",
    "link_password_required",
)


@dataclass(frozen=True)
class Offer:
    """The models that the product knows, by id and name, and which one it would begin with."""

    names: Mapping[str, str]
    usual: str


@dataclass(frozen=True)
class Seen:
    """The workspace as it was read, and until when (monotonic) that is believed."""

    workspace: Workspace
    until: float


_offers: list[Offer] = []
_memory: dict[str, Seen] = {}


def offer(names: Mapping[str, str], *, usual: str) -> None:
    """Said once at the start, by who knows the models."""
    _offers[:] = [Offer(names, usual)]


def offered() -> Offer:
    return _offers[0]


def now() -> Workspace:
    """Not to be changed: others are given the same one."""
    seen = _memory.get("seen")
    if seen and time.monotonic() < seen.until:
        return seen.workspace
    found = Workspace.objects.first() or Workspace()
    _memory["seen"] = Seen(found, time.monotonic() + REMEMBERED_SECONDS)
    return found


def models() -> list[str]:
    """Those that may be asked, in the product's order. Where none of the allowed ones exists any more: all."""
    allowed, known = now().allowed_models, offered().names
    return [model for model in known if model in allowed] or list(known)


def default_model() -> str:
    """What a conversation begins with; always one of `models`."""
    may = models()
    wanted = (now().default_model, offered().usual)
    return next((model for model in wanted if model in may), may[0])


@transaction.atomic
def change(*, by: User, reason: str = "", **values: Any) -> None:
    """Any of FIELDS, with an audit row of what was changed. Answers that are being written go on as they began."""
    row, _ = Workspace.objects.select_for_update().get_or_create(pk=1)
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    if not before:
        return
    for name in before:
        setattr(row, name, values[name])
    row.save()
    after = {name: values[name] for name in before}
    changes.note(
        "workspace",
        by=by,
        scope=Scope.WORKSPACE,
        subject=WORKSPACE,
        before=before,
        after=after,
        reason=reason,
    )
    _forget()
    transaction.on_commit(_forget)  # meanwhile another thread may have read the old row


def _forget() -> None:
    _memory.clear()
