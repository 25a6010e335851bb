"""Find colleagues by name, to add them to a conversation."""

import unicodedata
from uuid import UUID

from django.db.models import Case, F, Func, IntegerField, Q, TextField, When
from django.db.models.functions import Lower

from accounts.models import User, normalise_email

MOST = 8


def found_by(words: str, *, by: User) -> list[tuple[UUID, str, str]]:
    """(id, name, address) of people who can sign in, but oneself: whose address this is, then whose name begins with
    it, then whose name holds it. A part of an address finds nobody, so that none can be guessed letter by letter."""
    plain = unicodedata.normalize("NFC", words)
    people = User.objects.existing().filter(is_active=True).exclude(pk=by.pk)
    named = people.annotate(composed=_composed("name"))
    found = named.filter(Q(composed__icontains=plain) | Q(email=normalise_email(words)))
    rank = Case(
        When(email=normalise_email(words), then=0),
        When(composed__istartswith=plain, then=1),
        default=2,
        output_field=IntegerField(),
    )
    rows = found.order_by(rank, Lower("name"), "pk")
    return list(rows.values_list("pk", "name", "email")[:MOST])


def _composed(field: str) -> Func:
    """An accent may be stored as a letter of its own or with the one that it stands on."""
    return Func(F(field), function="NORMALIZE", output_field=TextField())


def hint(email: str) -> str:
    """Enough to tell two people of one name apart, and not their address."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"
