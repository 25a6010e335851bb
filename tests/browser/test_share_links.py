"""Links to a conversation: what they show is looked at before they exist."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from chat.models import ShareLink
from tests.browser.sharing import (
    CLIPBOARD,
    SECRET,
    begin_link,
    links_in,
    make_talk,
    opened,
    options_in,
    preview,
)


@pytest.fixture
def chat(transactional_db, ada, ben):
    return make_talk(ada, ben)


def test_a_link_is_made_and_copied_with_the_keyboard_alone(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}", **CLIPBOARD)
    page.locator("chat-topbar").get_by_role("button", name="Share").focus()
    page.keyboard.press("Enter")
    field = page.get_by_role("combobox", name="Add a person by name or email")
    expect(field).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Links")).to_be_focused()
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile("^Anyone with"))).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Create link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copy link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "/s/" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_public_link_is_looked_at_made_copied_and_turned_off(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}", **CLIPBOARD)
    dialog = opened(page)
    begin_link(dialog)
    expect(
        dialog.get_by_text("Anyone with the link can read what is on this branch")
    ).to_be_visible()
    seen = preview(page)
    expect(seen).to_contain_text("The queue is near saturation.")
    expect(seen.get_by_text("Person A").first).to_be_visible()
    expect(seen.get_by_text("Ada")).to_have_count(0)
    found = page.get_by_role("dialog").get_by_role("listitem")
    expect(found.filter(has_text="E-mail address: ops@example.org")).to_be_visible()
    expect(found.filter(has_text="Looks like a key: AKI")).to_be_visible()
    expect(found.filter(has_text=SECRET)).to_have_count(0)
    assert not ShareLink.objects.exists()
    page.get_by_role("button", name="Create link").click()
    copy = links_in(dialog).get_by_role("button", name="Copy link")
    expect(copy).to_be_focused()
    page.keyboard.press("Enter")
    expect(links_in(dialog).get_by_role("button", name="Copied")).to_be_visible()
    url = page.evaluate("navigator.clipboard.readText()")
    expect(dialog.get_by_role("textbox", name="Link", exact=True)).to_have_value(url)
    expect(links_in(dialog)).to_contain_text("Not opened yet.")
    link = ShareLink.objects.get()
    assert (link.audience, link.kind, link.show_names) == ("public", "snapshot", False)
    assert link.expires_at is not None
    assert 6.9 < (link.expires_at - timezone.now()).total_seconds() / 86_400 < 7.1
    links_in(dialog).get_by_role("button", name="Turn link off").click()
    page.get_by_role("dialog", name="Turn this link off?").get_by_role(
        "button", name="Turn link off"
    ).click()
    expect(dialog.get_by_text("1 link that is over")).to_be_visible()
    link.refresh_from_db()
    assert link.revoked_at


def test_a_link_for_chosen_people_with_every_option(visit, ada, ben, cyd, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    begin_link(dialog, "Chosen people")
    page.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("Choose at least one person.")).to_be_visible()
    finder = dialog.get_by_role("combobox", name="People who can open the link")
    finder.press_sequentially("cy")
    options_in(dialog).click()
    expect(dialog.get_by_role("button", name="Take Cyd out")).to_be_visible()
    dialog.get_by_label("The link ends").select_option("In 1 day")
    dialog.get_by_label("Views at most").fill("3")
    dialog.get_by_label("Password").fill("open sesame")
    dialog.get_by_label("Show who wrote what").check()
    expect(dialog.get_by_text("Only Cyd with the password can read")).to_be_visible()
    expect(preview(page).get_by_text("Ada").first).to_be_visible()
    page.get_by_role("button", name="Create link").click()
    expect(links_in(dialog)).to_contain_text("names shown · with password")
    link = ShareLink.objects.get()
    assert (link.audience, link.max_views, bool(link.password)) == ("people", 3, True)
    assert list(link.people.all()) == [cyd]


def test_only_what_is_ticked_is_shown(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    begin_link(dialog, "Everyone signed in")
    dialog.get_by_role("radio", name=re.compile("^Some of it")).check()
    ticks = dialog.get_by_role("group", name="Messages to show").get_by_role("checkbox")
    expect(ticks).to_have_count(3)
    page.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("Tick at least one message.")).to_be_visible()
    ticks.nth(1).check()
    seen = preview(page)
    expect(seen.get_by_role("article")).to_have_count(1)
    expect(page.get_by_text("No addresses, keys or files were found in it.")).to_be_visible()
    page.get_by_role("button", name="Create link").click()
    expect(links_in(dialog)).to_have_count(1)
    assert [turn["content"] for turn in ShareLink.objects.get().content] == [
        "The queue is **near saturation**."
    ]


def test_a_live_link_never_ends_if_that_is_wanted(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    begin_link(dialog, "Everyone signed in")
    dialog.get_by_role("radio", name=re.compile("^Live")).check()
    dialog.get_by_label("The link ends").select_option("Never")
    preview(page)
    page.get_by_role("button", name="Back to the link").click()
    expect(dialog.get_by_role("radio", name=re.compile("^Live"))).to_be_checked()
    preview(page)
    page.get_by_role("button", name="Create link").click()
    expect(links_in(dialog)).to_contain_text("Does not end by itself")
    link = ShareLink.objects.get()
    assert (link.audience, link.kind, link.expires_at) == ("signed_in", "live", None)


def test_what_the_workspace_forbids_meanwhile_is_said_beside_its_field(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}", allows=("Failed to load resource",))
    dialog = opened(page)
    begin_link(dialog)
    preview(page)
    refusal = {
        "code": "public_links_forbidden",
        "detail": "Links for everybody are turned off here.",
    }
    page.route("**/shares", lambda route: route.fulfill(status=403, json=refusal))
    page.get_by_role("button", name="Create link").click()
    expect(dialog.get_by_role("alert").filter(has_text=refusal["detail"])).to_be_visible()
    expect(dialog.get_by_role("radio", name=re.compile("^Anyone with"))).to_be_checked()
