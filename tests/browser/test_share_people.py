"""People of a conversation: added, invited, given roles, removed; what readers and writers may do."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Invitation
from chat.models import Member
from tests.browser.sharing import (
    CLIPBOARD,
    begin_link,
    join,
    make_talk,
    opened,
    options_in,
    people_in,
)


@pytest.fixture
def chat(transactional_db, ada, ben):
    return make_talk(ada, ben)


def test_somebody_is_found_by_name_and_added_with_the_keyboard_alone(visit, ada, ben, cyd, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    field = dialog.get_by_role("combobox", name="Add a person by name or email")
    field.focus()
    page.keyboard.type("cy")
    expect(options_in(dialog).filter(has_text="c…@example.org")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Cyd")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # can read
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(people_in(dialog)).to_have_count(3)
    expect(dialog.get_by_text("Cyd can read here now.")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    assert Member.objects.get(conversation=chat, user=cyd).role == "reader"


def test_escape_closes_what_was_found_and_then_the_dialog(visit, ada, cyd, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    dialog.get_by_role("combobox").first.press_sequentially("cy")
    expect(options_in(dialog)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(options_in(dialog)).to_have_count(0)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_an_address_is_invited_and_the_invitation_handed_over_and_withdrawn(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}", **CLIPBOARD)
    dialog = opened(page)
    dialog.get_by_role("combobox").first.fill("dan@example.com")
    dialog.get_by_role("button", name="Add", exact=True).click()
    row = dialog.get_by_role("listitem").filter(has_text="dan@example.com")
    expect(row).to_contain_text("Invited · can write · until")
    row.get_by_role("button", name="Copy link").click()
    expect(dialog.get_by_text("The link of the invitation is copied.")).to_be_visible()
    assert "/invitations/" in page.evaluate("navigator.clipboard.readText()")
    row.get_by_role("button", name="Withdraw").click()
    expect(row).to_have_count(0)
    assert Invitation.objects.get().withdrawn_at


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Write a name or an email address."),
        ("Nobody", "Take a name from the list"),
        ("a@b", "not an email address"),
    ],
)
def test_who_cannot_be_added_is_said_beside_the_field(visit, ada, chat, typed, told):
    page = visit(ada, f"/c/{chat.pk}", allows=("Failed to load resource",))
    dialog = opened(page)
    dialog.get_by_role("combobox").first.fill(typed)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert").filter(has_text=told)).to_be_visible()


def test_a_role_is_changed_a_person_removed_and_the_chat_handed_over(visit, ada, ben, cyd, chat):
    join(chat, cyd)
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    dialog.get_by_role("button", name="Ben: Can write").click()
    dialog.get_by_role("menuitemradio", name="Can read").click()
    expect(dialog.get_by_role("button", name="Ben: Can read")).to_be_visible()
    assert Member.objects.get(conversation=chat, user=ben).role == "reader"
    dialog.get_by_role("button", name="Ben: Can read").click()
    dialog.get_by_role("menuitem", name="Remove from this chat").click()
    question = page.get_by_role("dialog", name="Remove Ben?")
    question.get_by_role("button", name="Keep").click()
    expect(people_in(dialog)).to_have_count(3)
    dialog.get_by_role("button", name="Ben: Can read").click()
    dialog.get_by_role("menuitem", name="Remove from this chat").click()
    question.get_by_role("button", name="Remove").click()
    expect(people_in(dialog)).to_have_count(2)
    assert not Member.objects.filter(conversation=chat, user=ben).exists()
    dialog.get_by_role("button", name="Cyd: Can write").click()
    dialog.get_by_role("menuitem", name="Make owner").click()
    page.get_by_role("dialog", name="Make Cyd the owner?").get_by_role(
        "button", name="Make owner"
    ).click()
    expect(people_in(dialog).first).to_contain_text("Cyd")
    expect(dialog.get_by_role("combobox").first).to_be_hidden()
    assert Member.objects.get(conversation=chat, user=cyd).role == "owner"


def test_a_reader_sees_who_is_here_and_can_only_leave(visit, ada, cyd, chat):
    join(chat, cyd, "reader")
    page = visit(cyd, f"/c/{chat.pk}")
    dialog = opened(page)
    expect(people_in(dialog)).to_have_count(3)
    expect(dialog.get_by_role("tab")).to_have_count(0)
    expect(dialog.get_by_role("combobox")).to_have_count(0)
    expect(dialog.get_by_text("Gemini answers")).to_be_hidden()
    dialog.get_by_role("button", name="Leave").click()
    page.get_by_role("dialog", name="Leave this chat?").get_by_role("button", name="Leave").click()
    expect(dialog).to_be_hidden()
    page.wait_for_url(re.compile("/$"))
    assert not Member.objects.filter(conversation=chat, user=cyd).exists()


def test_a_writer_makes_links_but_manages_nobody(visit, ada, ben, chat):
    page = visit(ben, f"/c/{chat.pk}")
    dialog = opened(page)
    expect(dialog.get_by_role("button", name="Add", exact=True)).to_be_hidden()
    expect(dialog.get_by_role("button", name="Ada: Owner")).to_have_count(0)
    begin_link(dialog)
    expect(page.get_by_role("button", name="Preview")).to_be_visible()


def test_who_else_changes_something_is_seen_while_the_dialog_is_open(visit, ada, ben, cyd, chat):
    join(chat, cyd)
    mine, theirs = visit(ada, f"/c/{chat.pk}"), visit(ben, f"/c/{chat.pk}")
    here, there = opened(mine), opened(theirs)
    here.get_by_role("button", name="Cyd: Can write").click()
    here.get_by_role("menuitemradio", name="Can read").click()
    expect(people_in(there).filter(has_text="Cyd")).to_contain_text("Can read")
    here.get_by_role("button", name="Ben: Can write").click()
    here.get_by_role("menuitem", name="Remove from this chat").click()
    mine.get_by_role("dialog", name="Remove Ben?").get_by_role("button", name="Remove").click()
    expect(there).to_be_hidden()


def test_gemini_answers_only_when_it_is_addressed(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    expect(dialog.get_by_role("radio", name=re.compile("^Every message"))).to_be_checked()
    dialog.get_by_role("radio", name=re.compile("^Only when addressed")).check()
    expect(dialog.get_by_text("Gemini answers only when it is addressed.")).to_be_attached()
    chat.refresh_from_db()
    assert chat.answering == "addressed"
