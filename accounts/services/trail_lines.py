"""Reads the audit trail, for staff: who let whom see what, without what it is about."""

from dataclasses import dataclass

from accounts.models import AuditEntry
from accounts.services.reports import names_of

SHOWN = 50


@dataclass(frozen=True)
class Line:
    """`actor` and `person` are names, "" where there was nobody."""

    entry: AuditEntry
    actor: str
    person: str


def page(*, before: int | None = None) -> tuple[list[Line], int | None]:
    """The newest first, and where the next page begins, or None."""
    entries = AuditEntry.objects.order_by("-pk")
    found = list((entries.filter(pk__lt=before) if before else entries)[: SHOWN + 1])
    shown = found[:SHOWN]
    return _lines(shown), shown[-1].pk if len(found) > SHOWN else None


def _lines(entries: list[AuditEntry]) -> list[Line]:
    names = names_of({entry.actor for entry in entries} | {entry.person for entry in entries})
    return [
        Line(
            entry,
            actor=names.get(entry.actor, "") if entry.actor else "",
            person=names.get(entry.person, "") if entry.person else "",
        )
        for entry in entries
    ]
