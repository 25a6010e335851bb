"""Names for ES modules: every file below static/js by its path, and what package.json publishes.

With an import map a module's URL carries the hash of its own content only, so a change in a leaf
leaves its importers in every cache.
"""

import json
from functools import cache

from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from webchat import vendor


@cache
def modules() -> dict[str, str]:
    """Import name to static name."""
    root = settings.ROOT / "static/js"
    ours = (path.relative_to(root).as_posix() for path in sorted(root.rglob("*.js")))
    return {name: f"js/{name}" for name in ours} | vendor.modules()


def script(nonce: str, *, preload: bool = True) -> SafeString:
    """The import map and a preload for each of our modules, which saves the waterfall."""
    imports = {name: static(path) for name, path in modules().items()}
    # "</" cannot end the script early; every other character of JSON is harmless there.
    text = json.dumps({"imports": imports}).replace("</", "<\\/")
    table = format_html('<script type="importmap" nonce="{}">{}</script>', nonce, mark_safe(text))  # noqa: S308
    return table + _preloads(imports, nonce) if preload else table


def _preloads(imports: dict[str, str], nonce: str) -> SafeString:
    """For ours only: a library may be large and is loaded when something imports it."""
    ours = [(url, nonce) for name, url in imports.items() if name not in vendor.modules()]
    return format_html_join("\n", '<link rel="modulepreload" href="{}" nonce="{}">', ours)
