"""What every page needs besides text: the import map, icons, the mark."""

import re
from functools import cache
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from webchat import importmap as modules
from webchat.doctor import refusals
from webchat.icons import ICONS

register = template.Library()
LINES = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'


@register.simple_tag(takes_context=True)
def importmap(context: template.Context, preload: bool = True) -> SafeString:
    """The import map with the page's nonce; before any module script. A page that loads only a few modules preloads
    none."""
    return modules.script(str(context["request"].csp_nonce), preload=preload)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; without a label it is decoration and hidden from screen readers."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(
            f"There is no icon {name!r}: add it to webchat/icons.py."
        )
    if label:
        shape = '<svg class="icon" role="img" aria-label="{}"><use href="#icon-{}"></use></svg>'
        return format_html(shape, label, name)
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="#icon-{}"></use></svg>', name
    )


@register.simple_tag
def mark(live: bool = False) -> SafeString:
    """The product's mark; `live` while an answer is on its way."""
    return format_html(
        '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"{}>'
        '<path d="M14 3.4A8.8 8.8 0 0 0 3.2 12v8.8H12A8.8 8.8 0 0 0 20.6 10"></path>'
        '<circle class="mark-dot" cx="18.6" cy="5.4" r="2.9"></circle></svg>',
        mark_safe(" data-live" if live else ""),  # noqa: S308  a constant
    )


@register.simple_tag(takes_context=True)
def staff_warning(context: template.Context) -> str:
    """What staff should look at now, in a sentence; empty for everybody else."""
    user = context["request"].user
    return refusals.warning() if getattr(user, "is_staff", False) else ""


@register.simple_tag
def sprite() -> SafeString:
    """All icons as symbols, once in a page, before the first use."""
    return mark_safe(_sprite())  # noqa: S308  drawn by lucide, pinned by hash


@cache
def _sprite() -> str:
    symbols = "".join(_symbol(name, _drawing(name)) for name in ICONS)
    return f'<div hidden><svg aria-hidden="true">{symbols}</svg></div>'


def _symbol(name: str, drawing: str) -> str:
    inner = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>.*$", "", drawing).strip()
    inner = re.sub(r">\s+<", "><", inner)
    return f'<symbol id="icon-{name}" viewBox="0 0 24 24" {LINES}>{inner}</symbol>'


def _drawing(name: str) -> str:
    """From the collected files, where a production image has no node_modules; else as found."""
    path = f"icons/{name}.svg"
    if staticfiles_storage.exists(path):
        with staticfiles_storage.open(path) as file:
            return str(file.read().decode())
    found: Any = finders.find(path)
    with open(found, encoding="utf-8") as file:  # noqa: PTH123  a finder answers with a string
        return file.read()
