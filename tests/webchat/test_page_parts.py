"""The import map, the icons and the mark, as templates ask for them."""

import json
import re
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context, Template, TemplateSyntaxError

from tests.services import ROOT
from webchat import importmap, vendor
from webchat.icons import ICONS


def render(source: str) -> str:
    request = SimpleNamespace(csp_nonce="n0nce")
    return Template("{% load webchat %}" + source).render(Context({"request": request}))


def imports() -> dict[str, str]:
    found = re.search(
        r'<script type="importmap" nonce="n0nce">(.*?)</script>', render("{% importmap %}")
    )
    assert found
    return json.loads(found[1])["imports"]


def test_every_module_of_ours_is_named_by_its_path():
    ours = {
        path.relative_to(ROOT / "static/js").as_posix() for path in ROOT.glob("static/js/**/*.js")
    }
    assert ours <= set(imports())


def test_every_name_leads_to_a_hashed_file_that_exists():
    for name, url in imports().items():
        stored = url.removeprefix("/static/")
        assert re.search(r"\.[0-9a-f]{12}\.js$", stored), name
        assert staticfiles_storage.exists(stored), name


@pytest.mark.parametrize("name", ["marked", "dompurify", "katex", "highlight.js"])
def test_the_libraries_have_their_npm_names(name: str):
    assert name in imports()


def test_our_modules_are_preloaded_and_the_libraries_wait_for_their_import():
    preloaded = re.findall(r'<link rel="modulepreload" href="([^"]+)"', render("{% importmap %}"))
    assert preloaded == [url for name, url in imports().items() if "/vendor/" not in url]


def test_everything_that_the_code_imports_has_a_name():
    named = set(importmap.modules())
    for path in ROOT.glob("static/js/**/*.js"):
        source = path.read_text(encoding="utf-8")
        for name in re.findall(
            r"^(?:import\b[^\"'\n]*|export\b[^\"'\n]*\bfrom )[\"']([^\"'.][^\"']*)[\"']",
            source,
            re.MULTILINE,
        ):
            assert name in named, f"{path.name} imports {name}"


def test_a_published_script_does_not_ask_for_a_source_map():
    for name in vendor.modules().values():
        with staticfiles_storage.open(name) as script:
            assert b"sourceMappingURL" not in script.read()


def test_what_is_published_is_found_and_nothing_else_of_npm():
    assert finders.find("icons/copy.svg")
    assert finders.find("css/fonts/hanken-grotesk-latin-wght-normal.woff2")
    assert not finders.find("vendor/katex/package.json")


def test_an_icon_is_drawn_from_the_sprite():
    assert 'aria-hidden="true"' in render('{% icon "copy" %}')
    assert '<use href="#icon-copy"></use>' in render('{% icon "copy" %}')


def test_an_icon_with_a_label_is_named_to_screen_readers():
    drawn = render('{% icon "copy" label="Copy" %}')
    assert 'role="img" aria-label="Copy"' in drawn
    assert "aria-hidden" not in drawn


def test_an_icon_that_nobody_listed_is_a_mistake():
    with pytest.raises(TemplateSyntaxError, match=r"webchat/icons\.py"):
        render('{% icon "no-such-icon" %}')


def test_the_sprite_has_every_icon_once_and_no_style():
    drawn = render("{% sprite %}")
    assert re.findall(r'<symbol id="icon-([^"]+)"', drawn) == list(ICONS)
    assert "style=" not in drawn
    assert "<!--" not in drawn


def test_icons_are_listed_in_order_and_once():
    assert list(ICONS) == sorted(set(ICONS))


def test_every_icon_that_a_page_draws_is_listed():
    pages = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/js/**/*.js")]
    drawn = (re.findall(r"#icon-([a-z0-9-]+)", page.read_text(encoding="utf-8")) for page in pages)
    assert {name for names in drawn for name in names} <= set(ICONS)


def test_the_mark_circles_only_while_something_is_on_its_way():
    assert "data-live" not in render("{% mark %}")
    assert "data-live" in render("{% mark live=True %}")
