"""What the audit trail says, in words."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.timezone import localtime

from accounts.services.trail_lines import Line

register = template.Library()

WORDS = {
    "invitation.sent": "invited somebody",
    "invitation.withdrawn": "withdrew an invitation",
    "invitation.accepted": "accepted an invitation",
    "member.added": "added {person} to a chat",
    "member.joined": "joined a chat by invitation",
    "member.changed": "changed what {person} may do in a chat",
    "member.removed": "removed {person} from a chat",
    "member.left": "left a chat",
    "conversation.handed_over": "made {person} the owner of a chat",
    "share.created": "made a link",
    "share.revoked": "turned a link of {person} off",
    "share.copied": "copied a shared chat",
    "share.guessed": "Too many wrong passwords for a link of {person}",
}
ROLES = {"owner": "owner", "writer": "can write", "reader": "can read"}
AUDIENCES = {"public": "anyone with the link", "signed_in": "everyone signed in"}


@register.filter
def what_happened(line: Line) -> str:
    """ "Ada removed Ben from a chat"; who is deleted is a deleted person."""
    words = WORDS.get(line.entry.action, line.entry.action.replace(".", ": "))
    said = words.format(person=line.person or "somebody")
    return f"{line.actor} {said}" if line.actor else said[0].upper() + said[1:]


@register.filter
def particulars(line: Line) -> str:
    """What was agreed, and which chat or link: an id, so that two lines can be told to be about the same."""
    about = line.entry.conversation or line.entry.subject
    return " · ".join([*_terms(line.entry.details), *([str(about)[:8]] if about else [])])


def _end(at: str | None) -> str:
    return f"until {localtime(datetime.fromisoformat(at)):%-d %b %Y}" if at else "without an end"


def _terms(details: dict[str, Any]) -> list[str]:
    audience, role = details.get("audience"), details.get("role")
    terms = [
        ROLES.get(str(role), "") if role else "",
        AUDIENCES.get(str(audience), "chosen people") if audience else "",
        "live" if details.get("kind") == "live" else "",
        "with password" if details.get("has_password") else "",
        "names shown" if details.get("show_names") else "",
        _end(details["expires_at"]) if "expires_at" in details else "",
        "to another address" if details.get("same_address") is False else "",
    ]
    return [term for term in terms if term]
