"""What tests of members share."""

from accounts.models import AuditEntry
from chat.models import Member, Notification
from chat.services import inviting, members


def add(conversation, person, *, by, role="writer"):
    added = inviting.add(conversation.pk, by=by, role=role, user_id=person.pk, address=None)
    return added.member


def change(conversation, person, role, *, by):
    return members.change_role(conversation.pk, person.pk, by=by, role=role)


def roles(conversation):
    rows = Member.objects.filter(conversation=conversation)
    return {member.user.name: member.role for member in rows.select_related("user")}


def trail():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "actor", "person"))


def heard(published, person, *, since=0):
    """The names of the events that somebody was told."""
    return [event["type"] for event, to in published[since:] if person.pk in to]


def told(person):
    rows = Notification.objects.filter(user=person).order_by("created_at")
    return list(rows.values_list("kind", flat=True))
