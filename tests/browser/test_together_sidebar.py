"""The sidebar of people who work together: what is unread, whose a chat is, and what may be done with it."""

import pytest
from playwright.sync_api import expect

from chat.models import Member
from chat.models.member import Role
from tests.browser.screens import ask
from tests.browser.together import HIDE, bell, call, choose, join, opened_menu, panel, row, shared
from tests.factories import make_conversation, make_message, make_user


def test_what_others_say_elsewhere_counts_until_it_is_seen(visit, ada, ben):
    chat = shared(ada, ben)
    page = visit(ada)
    expect(row(page, "Leases")).to_be_visible()
    other = visit(ben, f"/c/{chat.pk}")
    ask(other, "Who signs it?")
    expect(row(page, "Leases").locator("[data-count]")).to_have_text("Unread: 1")
    expect(page).to_have_title("(1) New chat · Webchat")
    ask(other, "And when?")
    expect(row(page, "Leases").locator("[data-count]")).to_have_text("Unread: 2")
    expect(row(other, "Leases").locator("[data-count]")).to_be_hidden()
    row(page, "Leases").get_by_role("link").click()
    expect(row(page, "Leases").locator("[data-count]")).to_be_hidden()
    expect(page).to_have_title("Leases · Webchat")


def test_a_tab_that_nobody_looks_at_counts_what_is_said_in_it(visit, ada, ben):
    chat = shared(ada, ben)
    page = visit(ada, f"/c/{chat.pk}")
    expect(row(page, "Leases")).to_be_visible()
    page.evaluate(HIDE)
    ask(visit(ben, f"/c/{chat.pk}"), "Who signs it?")
    expect(page).to_have_title("(1) Leases · Webchat")
    assert page.locator("link[rel=icon]").get_attribute("href").find("mark-news") > 0


def test_the_filter_shows_whose_chats_they_are_and_is_kept(visit, ada, ben):
    shared(ada, ben, title="Own")
    shared(ben, ada, title="Bens")
    page = visit(ada)
    expect(page.locator("chat-row")).to_have_count(2)
    page.get_by_role("radio", name="All").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Mine")).to_be_checked()
    expect(page.locator("chat-row [data-title]")).to_have_text(["Own"])
    page.keyboard.press("ArrowRight")
    expect(page.locator("chat-row [data-title]")).to_have_text(["Bens"])
    page.reload()
    expect(page.get_by_role("radio", name="Shared with me")).to_be_checked()
    expect(page.locator("chat-row [data-title]")).to_have_text(["Bens"])
    choose(page, "Archived")
    expect(page.get_by_text("No archived chats.")).to_be_visible()


def test_a_search_finds_people_and_says_so(visit, ada):
    shared(ada, make_user("Bartholomew"), title="Leases")
    make_conversation(ada, title="Bartholomew and others")
    page = visit(ada)
    page.get_by_role("searchbox").fill("barthol")
    expect(row(page, "Leases").locator("[data-why]")).to_have_text("With someone called “barthol”")
    expect(row(page, "and others").locator("[data-why]")).to_be_hidden()


def test_a_row_says_who_else_is_in_and_whether_a_link_leads_there(visit, ada, ben):
    shared(ada, ben, title="Together")
    make_conversation(ada, title="Alone")
    page = visit(ada)
    expect(row(page, "Together").get_by_role("link")).to_have_accessible_name(
        "Together With other people"
    )
    expect(row(page, "Alone").get_by_role("link")).to_have_accessible_name("Alone")


def test_who_is_invited_sees_the_chat_at_once_and_its_end_too(visit, ada, ben):
    chat = shared(ben)
    page, other = visit(ada), visit(ben)
    members = f"conversations/{chat.pk}/members"
    assert call(other, "POST", members, user=str(ada.pk), role="reader") == 201
    expect(row(page, "Leases").locator("[data-people]")).to_be_visible()
    expect(bell(page)).to_have_accessible_name("Notifications, 1 unread")
    assert opened_menu(page, "Leases") == ["Share…", "Pin", "Archive", "Leave chat"]
    page.keyboard.press("Escape")
    assert call(other, "PATCH", f"{members}/{ada.pk}", role="writer") == 200
    expect(bell(page)).to_have_accessible_name("Notifications, 2 unread")
    assert opened_menu(page, "Leases")[0] == "Rename"
    page.keyboard.press("Escape")
    assert call(other, "DELETE", f"{members}/{ada.pk}") == 204
    expect(page.locator("chat-row")).to_have_count(0)
    bell(page).click()
    expect(panel(page)).to_contain_text("Ben removed you from “Leases”")


def test_a_link_shows_on_the_row_as_long_as_it_is_open(visit, ada):
    chat = make_conversation(ada, title="Leases")
    make_message(chat, ada)
    page = visit(ada)
    mark = row(page, "Leases").locator("[data-has-link]")
    expect(mark).to_be_hidden()
    shares = f"conversations/{chat.pk}/shares"
    assert call(page, "POST", shares, audience="public", kind="live") == 201
    expect(mark).to_be_visible()
    assert call(page, "DELETE", "shares") == 204
    expect(mark).to_be_hidden()


@pytest.mark.parametrize(
    ("role", "items"),
    [
        (Role.OWNER, ["Rename", "Share…", "Pin", "Archive", "Delete chat"]),
        (Role.WRITER, ["Rename", "Share…", "Pin", "Archive", "Leave chat"]),
        (Role.READER, ["Share…", "Pin", "Archive", "Leave chat"]),
    ],
)
def test_the_menu_offers_what_the_person_may_do(visit, ada, ben, role, items):
    chat = make_conversation(ada if role == Role.OWNER else ben, title="Leases")
    if role != Role.OWNER:
        join(chat, ada, role)
    page = visit(ada)
    assert opened_menu(page, "Leases") == items


def test_leaving_a_chat_takes_it_away_and_says_so(visit, ada, ben):
    chat = shared(ben, ada)
    page = visit(ada, f"/c/{chat.pk}")
    opened_menu(page, "Leases")
    page.get_by_role("menuitem", name="Leave chat").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave chat").click()
    expect(page.locator("chat-row")).to_have_count(0)
    expect(page.locator(".topbar h1")).to_have_text("New chat")
    expect(page.locator(".toast")).to_have_text("You left the chat.")
    assert not Member.objects.filter(user=ada).exists()


def test_sharing_another_chat_opens_it_first(visit, ada):
    chat = make_conversation(ada, title="Leases")
    page = visit(ada)
    page.evaluate(
        "document.addEventListener('share.asked', () => (window.asked = location.pathname))"
    )
    opened_menu(page, "Leases")
    page.get_by_role("menuitem", name="Share…").click()
    page.wait_for_function("() => window.asked")
    assert page.evaluate("window.asked") == f"/c/{chat.pk}"
