"""What is done to people: admitted, made staff, suspended, signed out, deleted.

Every change that could leave nobody to administer holds one lock, so that two people
cannot demote each other at the same moment, and a first admin is chosen only once.
"""

import logging
from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import AlreadyDeleted, LastStaff, StaffOnly, Suspended
from accounts.models import Digest, User, normalise_email
from webchat import env
from webchat.checks import is_loopback
from webchat.commits import after_commit

logger = logging.getLogger(__name__)

Handler = Callable[[User], None]
_delete_handlers: list[Handler] = []
_sign_out_handlers: list[Handler] = []

# Any number that no other advisory lock of this database uses.
_STAFF_LOCK = 7_305_820_001


def on_delete(handler: Handler) -> None:
    """Call `handler(user)` in the transaction that deletes a person, before anything else."""
    if handler not in _delete_handlers:
        _delete_handlers.append(handler)


def on_sign_out(handler: Handler) -> None:
    """Call `handler(user)` once all sessions of a person have ended, after the commit."""
    if handler not in _sign_out_handlers:
        _sign_out_handlers.append(handler)


@transaction.atomic
def admit(user: User) -> User:
    """Store a person who signed up; while only this machine is served, the first administers."""
    if first_person_administers():
        _hold_staff_lock()
        user.is_staff = user.is_superuser = not User.objects.exists()
    user.save()
    logger.info("person.joined", extra={"person": str(user.pk), "staff": user.is_staff})
    return user


def first_person_administers() -> bool:
    """Whether an empty database makes its first person admin: only this machine is served."""
    return is_loopback(settings.PUBLIC_URL) and not settings.ADMIN_EMAIL


@transaction.atomic
def ensure_admin() -> None:
    """Create the admin that the settings name, unless somebody administers already.

    An account that has the address and is not staff may be anybody's who guessed the address: it
    gets the password from the settings and loses its sessions. Raises `env.BadSetting`.
    """
    if not settings.ADMIN_EMAIL and not settings.ADMIN_PASSWORD:
        return
    _check_admin_settings()
    _hold_staff_lock()
    if not User.objects.active_staff().exists():
        _store_admin(normalise_email(settings.ADMIN_EMAIL))


def _check_admin_settings() -> None:
    if not settings.ADMIN_EMAIL or not settings.ADMIN_PASSWORD:
        raise env.BadSetting("ADMIN_EMAIL and ADMIN_PASSWORD are only of use together: set both.")
    try:
        validate_email(settings.ADMIN_EMAIL)
    except ValidationError:
        raise env.BadSetting(f"ADMIN_EMAIL is not an address: {settings.ADMIN_EMAIL!r}.") from None


def _store_admin(email: str) -> None:
    admin = User.objects.filter(email=email).first() or User(email=email, name="Admin")
    admin.is_active = admin.is_staff = admin.is_superuser = True
    admin.session_epoch += 1
    admin.set_password(settings.ADMIN_PASSWORD)
    admin.save()
    EmailAddress.objects.filter(user=admin).delete()
    EmailAddress.objects.create(user=admin, email=email, verified=True, primary=True)
    logger.info("person.made_staff", extra={"person": str(admin.pk), "by": "settings"})


def rename(user: User, *, name: str) -> None:
    user.name = name
    user.save(update_fields=["name"])


def choose_digest(user: User, *, digest: str) -> None:
    """Who begins to want mails gets none about what was before."""
    if user.digest == Digest.NEVER != digest:
        user.digest_sent_at = timezone.now()
    user.digest = digest
    user.save(update_fields=["digest", "digest_sent_at"])


@transaction.atomic
def make_staff(user: User, *, by: User) -> None:
    person = _locked_by_staff(user, by=by)
    if person.is_suspended():
        raise Suspended
    _change(person, by=by, event="person.made_staff", is_staff=True)


@transaction.atomic
def unmake_staff(user: User, *, by: User) -> None:
    person = _locked_by_staff(user, by=by)
    _refuse_last_staff(person)
    _change(person, by=by, event="person.unmade_staff", is_staff=False, is_superuser=False)


@transaction.atomic
def suspend(user: User, *, by: User) -> None:
    """Nothing is lost and nothing works: no sign-in, and every session ends."""
    person = _locked_by_staff(user, by=by)
    _refuse_last_staff(person)
    epoch = person.session_epoch + 1
    _change(person, by=by, event="person.suspended", is_active=False, session_epoch=epoch)
    _announce_sign_out(person)


@transaction.atomic
def unsuspend(user: User, *, by: User) -> None:
    _change(_locked_by_staff(user, by=by), by=by, event="person.unsuspended", is_active=True)


@transaction.atomic
def sign_out_everywhere(user: User, *, by: User) -> None:
    """End all sessions of a person, on every device, at their next request."""
    person = _locked(user, by=by)
    epoch = person.session_epoch + 1
    _change(person, by=by, event="person.signed_out", session_epoch=epoch)
    _announce_sign_out(person)


@transaction.atomic
def set_password(user: User, *, password: str) -> None:
    """Store a new password, which ends the sessions that were opened with the old one."""
    user.set_password(password)
    user.save(update_fields=["password"])
    _announce_sign_out(user)


@transaction.atomic
def delete(user: User, *, by: User) -> None:
    """Take away everything that says who this was. The row stays, because money refers to it.

    Handlers come first: they lock conversations, which everybody locks before a person's row.
    """
    person = _locked(user, by=by)
    _refuse_last_staff(person)
    for handler in _delete_handlers:
        handler(person)
    _anonymise(person)
    logger.info("person.deleted", extra={"person": str(person.pk), "by": str(by.pk)})
    _announce_sign_out(person)


def held(user: User) -> User:
    """The person as they are now, whom nobody suspends or deletes before the end of the transaction. For after the
    conversations and before invitations. It is no hindrance to rows that only refer to the person."""
    person: User = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return person


def _anonymise(person: User) -> None:
    EmailAddress.objects.filter(user=person).delete()
    person.groups.clear()
    person.user_permissions.clear()
    person.name = "Deleted person"
    person.email = f"deleted-{person.pk}@deleted.invalid"
    person.set_unusable_password()
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_login = None
    person.deleted_at = timezone.now()
    person.session_epoch += 1
    person.save()


def _locked(user: User, *, by: User) -> User:
    """The person as they are now, with nobody else changing people. Oneself may, and staff."""
    return _locked_by_staff(user, by=by) if user.pk != by.pk else _existing(user)


def _locked_by_staff(user: User, *, by: User) -> User:
    person = _existing(user)
    if not User.objects.active_staff().filter(pk=by.pk).exists():
        raise StaffOnly
    return person


def _existing(user: User) -> User:
    _hold_staff_lock()
    person: User = User.objects.get(pk=user.pk)
    if person.deleted_at:
        raise AlreadyDeleted
    return person


def _hold_staff_lock() -> None:
    """Until the end of the transaction; whoever waited sees what the one before committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_STAFF_LOCK])


def _refuse_last_staff(person: User) -> None:
    others = User.objects.active_staff().exclude(pk=person.pk)
    if person.is_staff and person.is_active and not others.exists():
        raise LastStaff


def _change(person: User, *, by: User, event: str, **values: bool | int) -> None:
    User.objects.filter(pk=person.pk).update(**values)
    logger.info(event, extra={"person": str(person.pk), "by": str(by.pk)})


def _announce_sign_out(person: User) -> None:
    for handler in _sign_out_handlers:
        after_commit(handler, person)
