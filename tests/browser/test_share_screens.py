"""The share dialog in light and dark, on wide windows and phones, with many people and long names."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.screens import violations
from tests.browser.sharing import (
    begin_link,
    join,
    links_in,
    make_talk,
    opened,
    options_in,
    people_in,
    preview,
)
from tests.browser.test_every_screen import kind, look  # noqa: F401  fixtures
from tests.factories import make_user


@pytest.fixture
def chat(transactional_db, ada, ben):
    return make_talk(ada, ben)


def test_a_hundred_people_with_long_names_fit(visit, ada, chat, kind, look):
    for number in range(94):
        join(chat, make_user(f"Person {number}"))
    for name in ("한준서", "김 서연", "Maximiliane Freifrau von und zu Großkreutz-Löwenstein"):
        join(chat, make_user(name, email=f"{len(name)}@example.org"), "reader")
    page = visit(ada, f"/c/{chat.pk}", **kind)
    dialog = opened(page)
    expect(people_in(dialog)).to_have_count(99)
    assert page.evaluate(
        "document.querySelector('.share-body').scrollWidth <= document.querySelector('.share-body').clientWidth"
    )
    look(page, "share-hundred")
    dialog.get_by_role("button", name=re.compile("^Maximiliane")).click()
    look(page, "share-role-menu")


def test_every_part_of_the_dialog_is_for_everyone(visit, ada, ben, cyd, chat, kind, look):
    page = visit(ada, f"/c/{chat.pk}", **kind)
    dialog = opened(page)
    dialog.get_by_role("combobox").first.fill("dan@example.com")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_text("dan@example.com", exact=True)).to_be_visible()
    dialog.get_by_role("combobox").first.press_sequentially("cy")
    expect(options_in(dialog)).to_have_count(1)
    look(page, "share-people")
    page.keyboard.press("Escape")
    begin_link(dialog, "People in this chat only")
    look(page, "share-no-link")
    begin_link(dialog, "Chosen people")
    dialog.get_by_role("combobox", name="People who can open the link").press_sequentially("cy")
    options_in(dialog).click()
    dialog.get_by_role("radio", name=re.compile("^Some of it")).check()
    expect(dialog.get_by_role("checkbox")).to_have_count(4)
    dialog.get_by_role("checkbox").first.check()
    look(page, "share-options")
    dialog.get_by_label("Views at most").fill("none")
    page.get_by_role("button", name="Preview").click()
    look(page, "share-refused")
    dialog.get_by_label("Views at most").fill("")
    dialog.get_by_role("radio", name=re.compile("^Up to here")).check()
    preview(page)
    look(page, "share-preview")
    page.get_by_role("button", name="Create link").click()
    expect(links_in(dialog)).to_have_count(1)
    look(page, "share-made")
    assert violations(page) == []
