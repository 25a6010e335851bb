"""The list of chats, the theme, and what is told of chats that are not on screen."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.screens import ask, wait_until_answered, wait_until_begun
from tests.factories import make_conversation

STEADY = "!script steady chunks=60 rate=40 size=6"


def test_chats_stand_under_their_days_and_come_in_pages(visit, ada):
    now = timezone.now()
    for number in range(120):
        make_conversation(ada, title=f"Chat {number}", active_at=now - timedelta(hours=12 * number))
    page = visit(ada)
    rows = page.locator("chat-row")
    expect(rows.first).to_contain_text("Chat 0")
    headings = page.locator("[data-list] h2")
    expect(headings.first).to_have_text("Today")
    expect(headings.nth(2)).to_have_text("Previous 7 days")
    assert rows.count() <= 100
    for _ in range(3):
        page.locator("chat-sidebar [data-scroller]").evaluate("(list) => list.scrollTo(0, 1e6)")
        page.wait_for_timeout(300)
    expect(rows).to_have_count(120)


def test_a_search_that_finds_nothing_says_so_and_escape_takes_it_back(visit, ada):
    make_conversation(ada, title="Lighthouses")
    page = visit(ada)
    expect(page.locator("chat-row")).to_have_count(1)
    page.get_by_role("searchbox").fill("submarines")
    expect(
        page.get_by_text("No chat has “submarines” in its title or among its people.")
    ).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("chat-row")).to_have_count(1)


def test_another_chat_can_be_used_while_one_is_answered(visit, ada):
    running = make_conversation(ada, title="Running")
    make_conversation(ada, title="Other")
    page = visit(ada, f"/c/{running.pk}")
    ask(page, STEADY)
    wait_until_begun(page)
    page.get_by_role("link", name="Other").click()
    mark = page.locator("chat-row", has_text="Running").locator("[data-running]")
    expect(mark).to_be_visible()
    expect(page.get_by_text("Answer ready in “Running”.")).to_be_visible()
    expect(mark).to_be_hidden()
    page.locator(".toast").get_by_role("link", name="Open").click()
    wait_until_answered(page)


def test_a_chat_deleted_elsewhere_leaves_every_tab(visit, ada):
    chat = make_conversation(ada, title="Short life")
    first = visit(ada, f"/c/{chat.pk}")
    second = visit(tab=first, path="/")
    second.get_by_role("button", name="Menu of Short life").click()
    second.get_by_role("menuitem", name="Delete chat").click()
    second.get_by_role("button", name="Delete chat").click()
    for page in (first, second):
        expect(page.locator("chat-row")).to_have_count(0)
    expect(first.locator(".topbar h1")).to_have_text("New chat")


def test_the_theme_comes_with_the_first_byte(visit, ada):
    page = visit(ada, color_scheme="light")
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    html = page.request.get("/settings/profile").text()
    assert '<html lang="en" data-theme="dark"' in html
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("menuitemradio", name="As the system").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


def test_a_folded_sidebar_stays_folded(visit, ada):
    page = visit(ada)
    page.get_by_role("button", name="Close the sidebar").click()
    expect(page.locator(".sidebar")).to_be_hidden()
    expect(page.get_by_role("button", name="Open the chat list")).to_be_focused()
    page.reload()
    expect(page.locator(".sidebar")).to_be_hidden()
    page.get_by_role("button", name="Open the chat list").click()
    expect(page.locator(".sidebar")).to_be_visible()


def test_a_message_that_is_too_long_is_kept_and_counted(visit, ada):
    page = visit(ada)
    box = page.get_by_role("textbox", name="Message", exact=True)
    box.fill("x" * 100_050)
    expect(page.get_by_text("50 characters too long")).to_be_visible()
    expect(page.get_by_role("button", name="Send the message")).to_be_disabled()
    page.keyboard.press("Enter")
    assert len(box.input_value()) == 100_050


def test_a_starter_fills_the_message_box(visit, ada):
    page = visit(ada)
    page.get_by_role("button", name="Explain something").click()
    box = page.get_by_role("textbox", name="Message", exact=True)
    expect(box).to_be_focused()
    expect(box).to_have_value("Explain this in plain words, with an example: ")
