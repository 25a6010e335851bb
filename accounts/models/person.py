"""Who a person is: signs in by email. The row outlives the account, because money refers to it."""

import unicodedata
import uuid
from typing import Any, Self

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

# Zero-width joiners belong to several scripts; every other invisible character can fake a name.
_JOINERS = {"\u200c", "\u200d"}


def normalise_email(email: str) -> str:
    """The one stored form of an address. Not casefolded: straße.de is not the domain strasse.de."""
    return email.strip().lower()


def refuse_invisible(value: str) -> None:
    """A name with control or direction-changing characters could pretend to be somebody else's."""
    seen = (character for character in value if character not in _JOINERS)
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in seen):
        raise ValidationError("A name cannot contain control characters.", code="invisible")


class UserQuerySet(models.QuerySet["User"]):
    def existing(self) -> Self:
        """Without those who were deleted."""
        return self.filter(deleted_at=None)

    def active_staff(self) -> Self:
        return self.filter(is_staff=True, is_active=True)

    def found_by(self, words: str) -> Self:
        return self.filter(Q(name__icontains=words) | Q(email__icontains=words))

    def with_verified(self) -> Self:
        """Adds `verified`: whether the address was confirmed by mail."""
        addresses = apps.get_model("account", "EmailAddress").objects
        confirmed = addresses.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
        return self.annotate(verified=Exists(confirmed))

    def in_order_of_name(self) -> Self:
        """Adds `sort_name`, the first half of a page's end; `pk` is the other."""
        return self.annotate(sort_name=Lower("name")).order_by("sort_name", "pk")

    def after(self, sort_name: str, pk: uuid.UUID) -> Self:
        """The next page of `in_order_of_name`."""
        return self.filter(Q(sort_name__gt=sort_name) | Q(sort_name=sort_name, pk__gt=pk))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # made at run time
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        found: User = self.get(email=normalise_email(username or ""))
        return found


class Digest(models.TextChoices):
    """How often a person is mailed what they have not read of what concerns them."""

    NEVER = "never"
    HOURLY = "hourly"
    DAILY = "daily"


class User(AbstractBaseUser, PermissionsMixin):
    """`is_active` is false for the suspended and the deleted; `session_epoch` counts the times that
    the person was signed out everywhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True, error_messages={"unique": "This address is taken."})
    name = models.CharField(max_length=100, validators=[refuse_invisible])
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    session_epoch = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=6, choices=Digest.choices, default=Digest.DAILY)
    digest_sent_at = models.DateTimeField(null=True, blank=True)
    group = models.ForeignKey(
        "accounts.Group", null=True, blank=True, on_delete=models.SET_NULL, related_name="members"
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="email_is_in_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(is_active=False, is_staff=False),
                name="deleted_people_can_do_nothing",
            ),
        ]
        indexes = [models.Index(Lower("name"), "id", name="people_by_name")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    def has_verified_email(self) -> bool:
        found = apps.get_model("account", "EmailAddress").objects.filter(user=self, verified=True)
        return bool(found.filter(email=self.email).exists())

    def is_suspended(self) -> bool:
        return not self.is_active and self.deleted_at is None

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Every session carries it: a new password or epoch ends them at their next request."""
        value = f"{self.session_epoch}:{self.password}"
        return salted_hmac(
            "accounts.User.session", value, secret=secret, algorithm="sha256"
        ).hexdigest()
