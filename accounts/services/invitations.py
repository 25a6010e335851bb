"""Invitations: a link that lets somebody in once, within a week.

Who has an account is not invited but let in at once, and by whom and to what is not known here: a guide knows.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import punycode

from accounts.errors import (
    BadAddress,
    CannotBeInvited,
    HasAccount,
    InvitationGone,
    InvitationNotFound,
    StaffOnly,
    TooManyInvitations,
)
from accounts.models import AuditEntry, Invitation, User, normalise_email
from accounts.services import invitation_mail, people, trail

LIFE = timedelta(days=7)
MOST_A_DAY = 50
ADDRESS_LENGTH = 254
_TOKEN_BYTES = 20


class Guide(Protocol):
    """Knows where invitations lead."""

    def welcome(self, invitation: Invitation, user: User) -> None:
        """Lets them in, in the transaction that accepts the invitation and before its row is touched."""

    def is_in(self, invitation: Invitation, user: User) -> bool:
        """Whether they are in already, wherever it leads."""

    def path_of(self, invitation: Invitation, user: User) -> str | None:
        """Where it leads somebody who is in."""

    def conversations_of(self, invitation: Invitation) -> list[UUID]:
        """For the audit trail."""

    def owned_by(self, user: User) -> QuerySet[Invitation]:
        """What leads to something of theirs, whoever made it."""


_guides: list[Guide] = []


@dataclass(frozen=True)
class Sent:
    """`url` only where no mail server is set: then nothing was mailed, and who invites hands the link over."""

    invitation: Invitation
    url: str | None


def guided_by(guide: Guide) -> None:
    if guide not in _guides:
        _guides.append(guide)


def open_ones() -> QuerySet[Invitation]:
    """Those that can be accepted. Who is suspended or deleted lets nobody in."""
    return Invitation.objects.filter(
        accepted_at=None, withdrawn_at=None, expires_at__gt=Now(), invited_by__is_active=True
    )


def visible_to(user: User) -> QuerySet[Invitation]:
    """One's own; for staff all."""
    return Invitation.objects.filter(Q() if user.is_staff else Q(invited_by=user))


def state_of(invitation: Invitation) -> str:
    if invitation.accepted_at:
        return "accepted"
    if invitation.withdrawn_at:
        return "withdrawn"
    return "open" if invitation.expires_at > timezone.now() else "expired"


# Inviting --------------------------------------------------------------------------------------------


def account_of(address: str) -> User | None:
    """Who can be let in at once under this address. Where mails go out, an account whose address no mail has verified
    is nobody's yet. Raises BadAddress, or CannotBeInvited for the suspended."""
    person = User.objects.existing().filter(email=_checked(address)).first()
    if person is None:
        return None
    refuse_inactive(person)
    return person if person.has_verified_email() or not settings.EMAIL_URL else None


def refuse_inactive(person: User) -> None:
    """Raises CannotBeInvited."""
    if not person.is_active:
        raise CannotBeInvited


def _checked(address: str) -> str:
    email = normalise_email(address)
    try:
        MaxLengthValidator(ADDRESS_LENGTH)(email)
        validate_email(email)
        punycode(email.rpartition("@")[2])  # as it is mailed: not every domain that passes can be
    except (ValidationError, UnicodeError):
        raise BadAddress from None
    return email


@transaction.atomic
def invite(address: str, *, by: User) -> Sent:
    """To the workspace, by staff. The same address again: what was open is renewed."""
    if not by.is_staff:
        raise StaffOnly
    if account_of(address):
        raise HasAccount
    renewed = open_ones().filter(email=_checked(address), invited_by=by)
    return send(address, by=by, renewed=renewed.order_by("-created_at").first())


@transaction.atomic
def send(
    address: str, *, by: User, renewed: Invitation | None = None, conversation: UUID | None = None
) -> Sent:
    """A new link, mailed after commit; that of `renewed` stops working. Raises BadAddress, TooManyInvitations."""
    email, token = _checked(address), secrets.token_urlsafe(_TOKEN_BYTES)
    _refuse_too_many(by)
    invitation = renewed or Invitation(email=email)
    invitation.token_hash, invitation.invited_by = _hash(token), by
    invitation.expires_at = timezone.now() + LIFE
    invitation.save()
    _note_sent(invitation, by, conversation)
    return Sent(invitation, _deliver(invitation, token))


def _refuse_too_many(by: User) -> None:
    """What was accepted does not count; what was withdrawn or renewed does, since a mail went out each time."""
    people.held(by)
    accepted = Invitation.objects.filter(invited_by=by).exclude(accepted_at=None)
    sent = AuditEntry.objects.filter(
        action="invitation.sent", actor=by.pk, at__gt=timezone.now() - timedelta(days=1)
    )
    if sent.exclude(subject__in=accepted.values("pk")).count() >= MOST_A_DAY:
        raise TooManyInvitations(MOST_A_DAY)


def _note_sent(invitation: Invitation, by: User, conversation: UUID | None) -> None:
    trail.note(
        "invitation.sent",
        by=by,
        conversation=conversation,
        subject=invitation.pk,
        mailed=bool(settings.EMAIL_URL),
    )


def _deliver(invitation: Invitation, token: str) -> str | None:
    url = f"{settings.PUBLIC_URL}{reverse('invitation', args=[token])}"
    if not settings.EMAIL_URL:
        return url
    invitation_mail.post(invitation, url)
    return None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def withdraw(invitation_id: UUID, *, by: User) -> None:
    """By who made it, staff, and who owns what it leads to. Raises InvitationNotFound, also if it is over already."""
    reach = Q(pk__in=visible_to(by))
    for guide in _guides:
        reach |= Q(pk__in=guide.owned_by(by))
    if not end(Invitation.objects.filter(reach, pk=invitation_id), by=by):
        raise InvitationNotFound


@transaction.atomic
def end(rows: QuerySet[Invitation], *, by: User) -> bool:
    """Withdraw those of them that nobody has accepted or withdrawn. Whether there were any."""
    ended = [_end(row, by) for row in rows.order_by("pk")]
    return any(ended)


def _end(invitation: Invitation, by: User) -> bool:
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not rows.update(withdrawn_at=Now()):
        return False
    led_to = [pk for guide in _guides for pk in guide.conversations_of(invitation)]
    for conversation in led_to or (None,):
        trail.note("invitation.withdrawn", by=by, subject=invitation.pk, conversation=conversation)
    return True


def forget(user: User) -> None:
    """A person is deleted: nothing open is left of them, and no row keeps their address."""
    Invitation.objects.filter(Q(email=user.email) | Q(accepted_by=user)).delete()
    Invitation.objects.filter(invited_by=user, accepted_at=None).delete()


# Accepting -------------------------------------------------------------------------------------------


def find(token: str) -> Invitation | None:
    """The open invitation that a link leads to."""
    return open_ones().filter(token_hash=_hash(token[:100])).select_related("invited_by").first()


def path_for(token: str, user: User) -> str | None:
    """Where a link leads who has accepted it before; None for everybody else."""
    row = Invitation.objects.filter(token_hash=_hash(token[:100]), accepted_by=user).first()
    return path_of(row, user) if row else None


def path_of(invitation: Invitation, user: User) -> str:
    paths = (guide.path_of(invitation, user) for guide in _guides)
    return next((path for path in paths if path), "/")


def gives_nothing_to(invitation: Invitation, user: User) -> bool:
    """Who made it only looks whether it works, and who is in already would use up what is meant for somebody else."""
    is_own = invitation.invited_by_id == user.pk
    return is_own or all(guide.is_in(invitation, user) for guide in _guides)


@transaction.atomic
def claim(invitation: Invitation, *, by: User, how: str) -> None:
    """Accept it, once: `how` is link, sign-up or address. Raises InvitationGone for whoever comes second.

    The guides come first: they lock conversations, which inviting locks before the invitation."""
    for guide in _guides:
        guide.welcome(invitation, by)
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    same_link = rows.filter(token_hash=invitation.token_hash, expires_at__gt=Now())
    if not same_link.update(accepted_at=Now(), accepted_by=by):
        raise InvitationGone
    _note_accepted(invitation, by, how)


def _note_accepted(invitation: Invitation, by: User, how: str) -> None:
    """Whose invitation it was, and whether it was sent to the address of who accepted it."""
    trail.note(
        "invitation.accepted",
        by=by,
        person=by.pk,
        subject=invitation.pk,
        how=how,
        invited_by=str(invitation.invited_by_id),
        same_address=invitation.email == by.email,
    )


def claim_verified(user: User, address: str) -> None:
    """Accept everything that was sent to an address which a mail has just shown to be this person's."""
    if not settings.EMAIL_URL or not user.is_active:
        return
    for invitation in open_ones().filter(email=normalise_email(address)):
        try:
            claim(invitation, by=user, how="address")
        except InvitationGone:
            continue


def proves_address(invitation: Invitation, email: str) -> bool:
    """Whether who holds the link must have read the mail that it was sent with."""
    sent = AuditEntry.objects.filter(
        action="invitation.sent", subject=invitation.pk, at__gte=invitation.created_at
    )
    newest = sent.order_by("-pk").first()
    was_mailed = bool(newest and newest.details.get("mailed"))
    return was_mailed and bool(settings.EMAIL_URL) and invitation.email == normalise_email(email)
