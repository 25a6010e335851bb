"""Invitations: a link that lets somebody in once, within a week.

Who has an account is not invited but let in at once, and by whom and to what is not known here: who wants to know that
an invitation was accepted says so with `on_claim`.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

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
from accounts.services import invitation_mail, trail

LIFE = timedelta(days=7)
MOST_A_DAY = 50
ADDRESS_LENGTH = 254
_TOKEN_BYTES = 20

Welcome = Callable[[Invitation, User], None]
PathOf = Callable[[Invitation, User], str | None]
_welcomes: list[Welcome] = []
_paths: list[PathOf] = []


@dataclass(frozen=True)
class Sent:
    """`url` only where no mail server is set: then nothing was mailed, and who invites hands the link over."""

    invitation: Invitation
    url: str | None


def on_claim(welcome: Welcome, *, path_of: PathOf) -> None:
    """Call `welcome(invitation, user)` in the transaction that accepts an invitation, before its row is touched.
    `path_of(invitation, user)` says where it leads who has accepted it, or None."""
    if welcome not in _welcomes:
        _welcomes.append(welcome)
        _paths.append(path_of)


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
        email.encode()  # half a surrogate pair passes as a letter of a domain
    except (ValidationError, UnicodeEncodeError):
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
    list(User.objects.select_for_update(no_key=True).filter(pk=by.pk))
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


@transaction.atomic
def withdraw(invitation_id: UUID, *, by: User) -> None:
    """By who made it, and staff. Raises InvitationNotFound."""
    end(visible_to(by).filter(pk=invitation_id).first(), by=by)


@transaction.atomic
def end(invitation: Invitation | None, *, by: User, conversation: UUID | None = None) -> None:
    """Withdraw one that `by` may withdraw. Raises InvitationNotFound if it is not open any more."""
    if invitation is None:
        raise InvitationNotFound
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not rows.update(withdrawn_at=Now()):
        raise InvitationNotFound
    trail.note("invitation.withdrawn", by=by, subject=invitation.pk, conversation=conversation)


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
    return next((path for of in _paths if (path := of(invitation, user))), "/")


@transaction.atomic
def claim(invitation: Invitation, *, by: User, how: str) -> None:
    """Accept it, once: `how` is link, sign-up or address. Raises InvitationGone for whoever comes second.

    The welcomes come first: they lock conversations, which inviting locks before the invitation."""
    for welcome in _welcomes:
        welcome(invitation, by)
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
