"""What account pages need: inputs in our look, avatars, what this server allows."""

import re
import uuid

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.services import people

register = template.Library()
HUES = 5


@register.simple_tag
def control(field: BoundField, autofocus: bool = False) -> SafeString:
    """The input of a form field. The label stands above it, so a placeholder would repeat it."""
    field.field.widget.attrs.pop("placeholder", None)
    attributes: dict[str, str | bool] = {"autofocus": True} if autofocus else {}
    if getattr(field.field.widget, "input_type", "") != "checkbox":
        attributes["class"] = "input"
    return SafeString(field.as_widget(attrs=attributes))


@register.filter
def wrong_fields(form: BaseForm) -> list[BoundField]:
    return [field for field in form if field.errors]


@register.filter
def initials(name: str) -> str:
    """For an avatar: first letters of first and last word; of one word in Hangul the last two."""
    words: list[str] = re.findall(r"\w+", name)
    if len(words) == 1 and re.match(r"[\uac00-\ud7a3]", words[0]):
        return words[0][-2:]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


@register.filter
def hue(pk: uuid.UUID) -> int:
    """A person's colour, 1 to 5, the same everywhere."""
    return pk.int % HUES + 1


@register.simple_tag
def mail_is_set_up() -> bool:
    return bool(settings.EMAIL_URL)


@register.simple_tag
def signup_is_open() -> bool:
    return settings.SIGNUP == "open"


@register.simple_tag
def next_person_administers() -> bool:
    """Whether who signs up now becomes admin: nobody did before."""
    return people.first_person_administers() and not User.objects.exists()
