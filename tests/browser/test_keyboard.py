"""Everything by the keyboard alone, and what a screen reader is told."""

import re

import pytest
from playwright.sync_api import Page, expect

from chat.models import Conversation
from tests.browser.screens import (
    answers,
    ask,
    last_answer,
    questions,
    source,
    wait_until_answered,
    wait_until_begun,
)
from tests.factories import make_branch, make_conversation

STEADY = "!script steady chunks=12 rate=40 size=6"
SLOW = "!script steady chunks=400 rate=20 size=6"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def page(visit, ada) -> Page:
    return visit(ada)


def _box(page: Page):
    return page.get_by_role("textbox", name="Message", exact=True)


def test_a_whole_conversation_without_a_mouse(page):
    expect(_box(page)).to_be_focused()
    page.keyboard.type("One line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type(STEADY)
    page.keyboard.press("Enter")
    wait_until_answered(page)
    expect(_box(page)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(f"Edited\n{STEADY}")
    page.keyboard.press("Control+Enter")
    wait_until_answered(page)
    expect(questions(page)).to_contain_text("2 / 2")
    previous = questions(page).get_by_role("button", name="Previous version")
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if previous.evaluate("(button) => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(questions(page)).to_contain_text("One line")


def test_enter_that_ends_a_composition_does_not_send(page):
    _box(page).fill("안녕하세요")
    _box(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(_box(page)).to_have_value("안녕하세요")
    assert not Conversation.objects.exists()


def test_the_chords_do_what_the_help_says(page, visit, ada):
    make_conversation(ada, title="Find me")
    page.reload()
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("find")
    expect(page.locator("chat-row")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".topbar h1")).to_have_text("Find me")
    page.keyboard.press("Control+.")
    expect(page.get_by_role("dialog", name="Chat settings")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Shift+m")
    expect(page.get_by_role("menuitemradio", name=re.compile("Gemini 3.5 Flash"))).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("model-picker [data-name]").first).to_have_text("Gemini 3.1 Pro")
    page.keyboard.press("Control+Shift+s")
    expect(page.locator(".sidebar")).to_be_hidden()
    page.keyboard.press("Control+Shift+s")
    expect(page.locator(".sidebar")).to_be_visible()
    page.keyboard.press("Shift+Escape")
    expect(_box(page)).to_be_focused()
    page.keyboard.press("Control+Shift+Backspace")
    expect(page.get_by_role("heading", name="Delete “Find me”?")).to_be_visible()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/$"))
    assert not Conversation.objects.exists()


def test_single_keys_go_to_the_message_box_unless_switched_off(page):
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("h")
    expect(_box(page)).to_have_value("h")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Control+/")
    page.get_by_role("switch").press("Space")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("i")
    expect(_box(page)).to_have_value("h")


def test_the_last_answer_and_its_code_are_copied(page, visit, ada):
    chat = make_conversation(ada, title="Code")
    make_branch(chat, ada, 1)
    answer = make_branch(chat, ada, 2)[1]
    answer.content = "Here:\n\n```python\nprint(1)\n```\n\nThat is all."
    answer.save()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/c/{chat.pk}")
    expect(last_answer(page)).to_contain_text("That is all.")
    page.keyboard.press("Control+Shift+;")
    expect(page.get_by_text("The last code block is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "print(1)"
    page.keyboard.press("Control+Shift+c")
    expect(page.get_by_text("The last answer is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == answer.content


def test_a_title_is_renamed_in_its_place(page, ada):
    chat = make_conversation(ada, title="Before")
    page.reload()
    row = page.locator("chat-row")
    row.get_by_role("link").dblclick()
    field = page.get_by_role("textbox", name="Name of the chat")
    field.fill("After")
    field.press("Enter")
    expect(row).to_contain_text("After")
    row.get_by_role("button").press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    field.fill("Never")
    field.press("Escape")
    expect(row).to_contain_text("After")
    chat.refresh_from_db()
    assert chat.title == "After"


def test_pinned_and_archived_chats_have_their_places(page, ada):
    make_conversation(ada, title="One")
    make_conversation(ada, title="Two")
    page.reload()
    page.get_by_role("button", name="Menu of One").click()
    page.get_by_role("menuitem", name="Pin").click()
    expect(page.locator("chat-sidebar section").first).to_contain_text("Pinned")
    page.get_by_role("button", name="Menu of Two").click()
    page.get_by_role("menuitem", name="Archive").click()
    expect(page.locator("chat-row")).to_have_count(1)
    page.get_by_role("radio", name="Archived").check(force=True)
    expect(page.locator("chat-row")).to_contain_text(["Two"])
    page.get_by_role("button", name="Menu of Two").click()
    page.get_by_role("menuitem", name="Take out of the archive").click()
    page.get_by_role("radio", name="All").check(force=True)
    expect(page.locator("chat-row")).to_have_count(2)


def test_settings_say_which_value_is_wrong(page):
    page.get_by_role("button", name="Chat settings").click()
    dialog = page.get_by_role("dialog", name="Chat settings")
    dialog.get_by_label("System prompt").fill("Be brief.")
    dialog.get_by_label("Temperature").fill("0.5")
    dialog.get_by_role("radio", name="Low").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    ask(page, STEADY)
    wait_until_answered(page)
    chat = Conversation.objects.get()
    assert (chat.system_prompt, chat.parameters) == (
        "Be brief.",
        {"temperature": 0.5, "reasoning_effort": "low"},
    )


def test_a_value_out_of_range_is_explained_at_its_field(visit, ada, conversation):
    page = visit(ada, f"/c/{conversation.pk}", allows=("422",))
    expect(page.locator(".topbar h1")).to_have_text("Leases")
    page.get_by_role("button", name="Chat settings").click()
    dialog = page.get_by_role("dialog", name="Chat settings")
    dialog.get_by_label("Temperature").fill("7")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Temperature")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Temperature")).to_be_focused()
    dialog.get_by_label("Temperature").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def test_a_screen_reader_hears_the_start_the_end_and_the_whole(page):
    page.evaluate(
        """() => { window.said = []
        const all = {childList: true, characterData: true, subtree: true}
        const watch = (part) => new MutationObserver(() => said.push(part.textContent)).observe(part, all)
        document.querySelectorAll("status-line p").forEach(watch) }"""
    )
    ask(page, STEADY)
    wait_until_answered(page)
    page.wait_for_function("() => said.length >= 3")
    said = page.evaluate("said")
    assert said[:2] == ["Gemini is answering.", "The answer is complete."]
    assert said[2] == source(last_answer(page))[:4000]
    expect(questions(page).get_by_role("heading", name="You said")).to_have_count(1)
    expect(answers(page).get_by_role("heading", name="Gemini said")).to_have_count(1)


def test_the_drawer_of_a_phone_keeps_the_focus_and_gives_it_back(visit, ada):
    make_conversation(ada, title="On the phone")
    page = visit(ada, **PHONE)
    opener = page.get_by_role("button", name="Open the chat list")
    opener.press("Enter")
    sidebar = page.locator(".sidebar")
    expect(sidebar).to_be_visible()
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(
            """() => document.activeElement === document.body
              || document.querySelector(".sidebar").contains(document.activeElement)"""
        )
    page.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    page.get_by_role("link", name="On the phone").click()
    expect(sidebar).to_be_hidden()
    expect(page.locator(".topbar h1")).to_have_text("On the phone")


def test_enter_is_a_new_line_on_a_phone(visit, ada):
    page = visit(ada, **PHONE)
    _box(page).tap()
    page.keyboard.type("One")
    page.keyboard.press("Enter")
    page.keyboard.type("Two")
    expect(_box(page)).to_have_value("One\nTwo")
    page.get_by_role("button", name="Send the message").tap()
    expect(questions(page)).to_contain_text("Two")
    wait_until_answered(page)


def test_what_fingers_hit_is_large_enough(visit, ada):
    chat = make_conversation(ada, title="Targets")
    make_branch(chat, ada, 2)
    page = visit(ada, f"/c/{chat.pk}", **PHONE)
    expect(answers(page)).to_have_count(1)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, a[href], summary")]
          .filter((each) => each.checkVisibility({ visibilityProperty: true }))
          .filter((each) => !each.closest(".prose, .skip, [inert]"))
          .map((each) => [each.getAttribute("aria-label") || each.textContent.trim(), each.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 43.5 || box.height < 43.5)).map(([name]) => name)"""
    )
    assert small == []


def test_stop_takes_the_place_of_send_in_an_empty_box(page):
    ask(page, SLOW)
    wait_until_begun(page)
    expect(page.get_by_role("button", name="Send the message")).to_have_count(0)
    page.keyboard.type("What comes next")
    expect(page.get_by_role("button", name="Send the message")).to_be_enabled()
    expect(page.get_by_role("button", name="Stop the answer")).to_have_count(0)
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.get_by_role("button", name="Stop the answer").click()
    wait_until_answered(page)
    expect(page.get_by_role("button", name="Send the message")).to_be_visible()
