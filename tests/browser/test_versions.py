"""Editing and answering again make versions; nothing is lost, and the place is remembered on the server."""

import pytest
from playwright.sync_api import Page, expect

from chat.models import Member, Message
from tests.browser.screens import answers, ask, last_answer, questions, source, wait_until_answered

STEADY = "!script steady chunks=12 rate=40 size=6"


@pytest.fixture
def page(visit, ada) -> Page:
    opened = visit(ada)
    ask(opened, f"First try\n{STEADY}")
    wait_until_answered(opened)
    return opened


def _edit(page: Page, text: str) -> None:
    questions(page).last.get_by_role("button", name="Edit").click()
    field = page.get_by_role("textbox", name="Your message")
    field.fill(text)
    field.press("Control+Enter")


def test_an_edited_question_is_a_version_beside_the_first(page):
    _edit(page, f"Second try\n{STEADY}")
    wait_until_answered(page)
    expect(questions(page)).to_have_count(1)
    expect(questions(page)).to_contain_text("Second try")
    expect(questions(page)).to_contain_text("2 / 2")
    questions(page).get_by_role("button", name="Previous version").click()
    expect(questions(page)).to_contain_text("First try")
    expect(questions(page).get_by_role("button", name="Previous version")).to_be_disabled()
    assert Message.objects.count() == 4


def test_the_chosen_version_is_there_after_a_reload_and_in_another_tab(page, visit):
    _edit(page, f"Second try\n{STEADY}")
    wait_until_answered(page)
    other = visit(tab=page, path=page.url)
    expect(questions(other)).to_contain_text("Second try")
    with page.expect_response("**/api/v1/conversations/*"):
        questions(page).get_by_role("button", name="Previous version").click()
    expect(questions(other)).to_contain_text("First try")
    page.reload()
    expect(questions(page)).to_contain_text("First try")


def test_another_answer_stands_beside_the_first(page):
    last_answer(page).get_by_role("button", name="Again", exact=True).click()
    expect(last_answer(page)).to_contain_text("2 / 2")
    wait_until_answered(page)
    last_answer(page).get_by_role("button", name="Previous version").click()
    expect(last_answer(page)).to_contain_text("1 / 2")
    assert (
        source(last_answer(page))
        == Message.objects.filter(role="assistant").earliest("position").content
    )


def test_another_model_can_be_asked_the_same(page):
    last_answer(page).get_by_role("button", name="Again with another model").click()
    page.get_by_role("menuitem", name="Gemini 3.1 Pro").click()
    wait_until_answered(page)
    expect(last_answer(page)).to_contain_text("2 / 2")
    expect(last_answer(page)).to_contain_text("3.1 Pro")
    assert Message.objects.filter(model="gemini-3.1-pro-preview").exists()


def test_escape_leaves_a_question_as_it_was(page):
    questions(page).get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Your message").fill("Never mind")
    page.keyboard.press("Escape")
    expect(questions(page)).to_contain_text("First try")
    expect(questions(page).get_by_role("button", name="Edit")).to_be_focused()
    assert Message.objects.count() == 2


def test_an_edit_that_was_begun_is_kept_over_a_reload(page):
    questions(page).get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Your message").fill("Half an edit")
    page.reload()
    questions(page).get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Your message")).to_have_value("Half an edit")


def test_a_deleted_message_leaves_a_note_and_the_rest(page):
    questions(page).get_by_role("button", name="Delete this message").click()
    page.get_by_role("button", name="Delete message").click()
    expect(questions(page)).to_contain_text("This message was deleted.")
    expect(answers(page)).to_have_count(1)
    assert Message.objects.get(role="user").content == ""


def test_the_markdown_of_an_answer_can_be_copied(visit, ada, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    last_answer(page).get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("status-line [data-progress]")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == source(last_answer(page))


def test_others_begin_at_the_version_that_was_chosen_for_them(page, visit, ben):
    _edit(page, f"Second try\n{STEADY}")
    wait_until_answered(page)
    with page.expect_response("**/api/v1/conversations/*"):
        questions(page).get_by_role("button", name="Previous version").click()
    for words in ("Let others begin here", "Nobody begins here any more", "Let others begin here"):
        page.get_by_role("button", name="Chat menu").click()
        with page.expect_response("**/api/v1/conversations/*"):
            page.get_by_role("menuitem", name=words).click()
    conversation = Message.objects.earliest("position").conversation
    Member.objects.create(conversation=conversation, user=ben, role="reader")
    expect(questions(visit(ben, path=f"/c/{conversation.pk}"))).to_contain_text("First try")
