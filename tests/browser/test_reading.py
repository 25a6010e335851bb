"""What a person has seen and what is new to them, in long conversations, in tabs that nobody looks at, and aloud."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from chat.models import Conversation, Member
from tests import services
from tests.browser.screens import answers, ask, questions, wait_until_answered
from tests.browser.sharing import opened, people_in
from tests.browser.test_notifications import NOTICES
from tests.browser.test_team import SHORT, box, team  # noqa: F401  a fixture too
from tests.browser.together import HIDE, SHOW, bell, row, shared
from tests.factories import make_branch, make_message

LINE = "() => document.querySelectorAll('.new-line').length"
SLOW_PAGES = """const real = fetch
window.fetch = async (where, options) => {
  if (String(where).includes("before=")) await new Promise((go) => setTimeout(go, 100))
  return real(where, options)
}"""
NO_PAGES = """const real = fetch
window.fetch = (where, options) =>
  String(where).includes("before=") ? Promise.reject(new TypeError("cut")) : real(where, options)
"""
SAYINGS = """() => { window.said = []
  const look = () => document.querySelectorAll("status-line p").forEach((p) => said.push(p.textContent))
  new MutationObserver(look).observe(document.querySelector("status-line"),
    { subtree: true, childList: true, characterData: true }) }"""


def all_read(chat: Conversation, position: int) -> None:
    Member.objects.filter(conversation=chat).update(read_position=position)


def unread(who: User) -> int:
    return int(Conversation.objects.for_list(who).values_list("unread", flat=True).get())


def ready(page: Page, count: int) -> None:
    """The answers that were asked for are complete and people had a moment to look."""
    expect(answers(page)).to_have_count(count)
    wait_until_answered(page, count)


@pytest.mark.parametrize("at", [20, 90])
def test_a_place_far_up_is_found_again_and_kept(visit, team, ada, ben, at):
    rows = make_branch(team, ada, 170)
    all_read(team, rows[-1].position)
    Member.objects.filter(user=ben).update(place=rows[at].pk)
    page = visit(ben, f"/c/{team.pk}", script=SLOW_PAGES)
    expect(page.locator(f'chat-turn[data-message="{rows[at].pk}"]')).to_be_in_viewport()
    page.goto("/settings/profile")
    place = Member.objects.get(user=ben).place
    assert place in [row.pk for row in rows[at - 2 : at + 3]]


def test_a_place_that_could_not_be_reached_is_kept(visit, team, ada, ben):
    rows = make_branch(team, ada, 170)
    all_read(team, rows[-1].position)
    Member.objects.filter(user=ben).update(place=rows[20].pk)
    page = visit(ben, f"/c/{team.pk}", script=NO_PAGES)
    expect(page.locator("chat-turn").last).to_contain_text("Turn 169")
    expect(page.locator("presence-list .avatar")).to_have_count(2)
    page.locator("[data-scroller]").last.hover()
    page.mouse.wheel(0, -300)
    box(page).fill("A thought")
    services.wait_for(lambda: Member.objects.get(user=ben).draft == "A thought")
    page.goto("/settings/profile")
    assert Member.objects.get(user=ben).place == rows[20].pk


def test_who_watches_the_end_gets_no_line_and_who_looked_away_gets_one(visit, team, ada, ben):
    rows = make_branch(team, ada, 40)
    all_read(team, rows[-1].position)
    page = visit(ben, f"/c/{team.pk}")
    expect(page.locator("presence-list .avatar")).to_have_count(2)
    expect(page.locator("chat-turn").last).to_be_in_viewport()
    other = visit(ada, f"/c/{team.pk}")
    for number in range(2):
        ask(other, f"Seen {number}\n{SHORT}")
        expect(questions(page).last).to_contain_text(f"Seen {number}")
        wait_until_answered(other, answers(other).count())
        assert page.evaluate(LINE) == 0
    page.evaluate(HIDE)
    for number in range(2):
        ask(other, f"Away {number}\n{SHORT}")
        expect(questions(page).last).to_contain_text(f"Away {number}")
    page.evaluate(SHOW)
    expect(page.locator(".new-line")).to_have_count(1)
    following = page.locator(".new-line").evaluate("(line) => line.nextElementSibling.textContent")
    assert "Away 0" in following


def test_what_is_said_on_another_branch_is_not_unread_for_ever(visit, team, ada, ben):
    rows = make_branch(team, ada, 4)
    all_read(team, rows[-1].position)
    page = visit(ben, f"/c/{team.pk}")
    expect(page.locator("chat-turn").last).to_contain_text("Turn 3")
    other = visit(ada, f"/c/{team.pk}")
    other.evaluate(
        """(id) => fetch(`/api/v1/conversations/${id}/messages`, { method: "POST", headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": /csrftoken=([^;]+)/.exec(document.cookie)[1] },
          body: JSON.stringify({ id: crypto.randomUUID(), parent: null, content: "Elsewhere",
            reply: false }) })""",
        str(team.pk),
    )
    services.wait_for(lambda: team.messages.count() == 5)
    services.wait_for(lambda: unread(ben) == 0)
    team.refresh_from_db()
    make_message(team, ada, content="While nobody looks")
    assert unread(ben) == 1
    page.reload()
    services.wait_for(lambda: unread(ben) == 0)


def test_only_who_asked_is_told_that_the_answer_is_ready(visit, ada, ben):
    chat = shared(ada, ben)
    page, other = visit(ben), visit(ada, f"/c/{chat.pk}")
    expect(row(page, "Leases")).to_be_visible()
    ask(other, f"@gemini please\n{SHORT}")
    wait_until_answered(other)
    expect(row(page, "Leases").locator("[data-count]")).to_have_text("Unread: 2")
    expect(page.locator(".toast")).to_have_count(0)
    ask(other, "@gemini more\n!script steady chunks=40 rate=20 size=6")
    other.get_by_role("link", name="New chat").first.click()
    expect(other.locator(".toast")).to_contain_text("Answer ready in “Leases”.")
    expect(page.locator(".toast")).to_have_count(0)


def test_aloud_comes_ones_own_answer_whole_and_of_others_a_few_words(visit, team, ada, ben):
    page, other = visit(ben, f"/c/{team.pk}"), visit(ada, f"/c/{team.pk}")
    for each in (page, other):
        expect(each.locator("presence-list .presence")).to_have_count(2)
        each.evaluate(SAYINGS)
    ask(other, f"What does the lease say?\n{SHORT}")
    page.wait_for_function("() => said.some((words) => words.includes('Gemini answered Ada.'))")
    assert page.evaluate("said.some((words) => words.includes('Ada: What does the lease say?'))")
    whole = other.locator("status-line [data-whole]")
    expect(whole).not_to_be_empty()
    expect(page.locator("status-line [data-whole]")).to_be_empty()
    heard = other.evaluate("said")
    assert {"Gemini is answering.", "The answer is complete."} <= set(heard)
    assert not [words for words in page.evaluate("said") if "is answering" in words]


def test_the_computer_is_silent_while_another_tab_is_looked_at(visit, ada, ben):
    chat = shared(ada, ben)
    page = visit(ada, script=NOTICES)
    second = visit(path="/", tab=page, script=NOTICES)
    bell(second).click()
    second.get_by_role("button", name="Tell me on this computer").click()
    second.keyboard.press("Escape")
    second.evaluate(HIDE)
    other = visit(ben, f"/c/{chat.pk}")
    ask(other, "@Ada once")
    expect(bell(second)).to_have_accessible_name(re.compile("1 unread"))
    second.wait_for_timeout(500)
    assert second.evaluate("shown.length") == 0
    page.evaluate(HIDE)
    ask(other, "@Ada twice")
    services.wait_for(lambda: second.evaluate("shown.length") == 1)


def test_without_a_connection_nobody_is_said_to_be_here(visit, team, ada, ben):
    page = visit(ada, f"/c/{team.pk}")
    visit(ben, f"/c/{team.pk}")
    expect(page.locator("presence-list .presence")).to_have_count(2)
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('connection.lost', {detail: {code: 1006, wait: 1}}))"
    )
    expect(page.locator("presence-list .presence")).to_have_count(1)


def test_who_is_in_already_is_found_and_said_to_be(visit, team, ada):
    page = visit(ada, f"/c/{team.pk}")
    expect(page.locator("presence-list .avatar")).to_have_count(2)
    field = opened(page).get_by_role("combobox").first
    field.press_sequentially("Ben")
    said = page.locator("share-people p[data-nobody]")
    expect(said).to_have_text("Already here.")
    field.fill("Nobody like it")
    expect(said).to_contain_text("Nobody here is called that.")


def test_who_removes_somebody_by_keyboard_stays_in_the_list(visit, team, ada, cyd):
    Member.objects.create(conversation=team, user=cyd, role="writer")
    page = visit(ada, f"/c/{team.pk}")
    expect(page.locator("presence-list .avatar")).to_have_count(3)
    dialog = opened(page)
    dialog.get_by_role("combobox").first.fill("dan@example.com")
    dialog.get_by_role("button", name="Add", exact=True).click()
    copy = dialog.get_by_role("button", name="Copy link")
    copy.focus()
    page.evaluate(
        "(id) => document.dispatchEvent(new CustomEvent('members.changed',"
        " {detail: {conversation: id}}))",
        str(team.pk),
    )
    page.wait_for_load_state("networkidle")
    expect(copy).to_be_focused()
    dialog.get_by_role("button", name="Cyd: Can write").press("Enter")
    dialog.get_by_role("menuitem", name="Remove from this chat").press("Enter")
    question = page.get_by_role("dialog", name="Remove Cyd?")
    question.get_by_role("button", name="Remove").press("Enter")
    expect(people_in(dialog)).to_have_count(2)
    expect(dialog.get_by_role("list", name="People in this chat")).to_be_focused()
