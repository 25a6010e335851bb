"""What somebody writes in a conversation of several is theirs until it is sent, whatever happens around them."""

import re

from playwright.sync_api import expect

from accounts.models import User
from chat.models import Member
from chat.models.member import Role
from tests import services
from tests.browser.screens import answers, ask, questions, wait_until_begun
from tests.browser.test_team import SLOW, box, team  # noqa: F401  a fixture too
from tests.browser.together import call, join
from tests.factories import make_user

SLOW_DRAFTS = """const real = fetch
window.told = []
window.fetch = async (url, how) => {
  if (how?.method === "PATCH" && how.body.includes("draft")) told.push(how.body)
  if (how?.method === "PATCH") await new Promise((soon) => setTimeout(soon, 400))
  return real(url, how)
}"""
WATCH = """() => {
  const field = document.querySelector("#message")
  const value = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")
  window.written = []
  const set = (text) => (written.push(text), value.set.call(field, text))
  Object.defineProperty(field, "value", { get: () => value.get.call(field), set })
}"""
GO_NOWHERE = """() => {
  history.pushState(null, "", "/c/11111111-1111-4111-8111-111111111111")
  dispatchEvent(new PopStateEvent("popstate"))
}"""
DEAF = """const listen = WebSocket.prototype.addEventListener
WebSocket.prototype.addEventListener = function (type, ...rest) {
  if (type !== "message") listen.call(this, type, ...rest)
}"""


def _alone(visit, ben, team, **options):
    page = visit(ben, f"/c/{team.pk}", **options)
    expect(page.locator("presence-list .avatar")).to_have_count(2)
    return page


def _draft(user: User) -> str:
    return Member.objects.get(user=user).draft


def test_what_was_sent_while_its_draft_was_told_does_not_come_back(visit, team, ben):
    page = _alone(visit, ben, team, script=SLOW_DRAFTS)
    page.evaluate(WATCH)
    box(page).press_sequentially("hello there")
    page.wait_for_function("() => told.length")
    box(page).press("Enter")
    expect(questions(page)).to_have_count(1)
    services.wait_for(lambda: _draft(ben) == "hello there")
    services.wait_for(lambda: _draft(ben) == "")
    expect(box(page)).to_have_value("")
    assert "hello there" not in page.evaluate("written")


def test_a_tab_in_which_nobody_typed_leaves_the_draft_alone(visit, team, ben):
    idle = visit(ben, f"/c/{team.pk}", script=DEAF)
    expect(box(idle)).to_be_visible()
    page = visit(None, f"/c/{team.pk}", tab=idle)
    expect(page.locator("presence-list .avatar")).to_have_count(2)
    box(page).press_sequentially("a long thought")
    services.wait_for(lambda: _draft(ben) == "a long thought")
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    idle.reload()
    expect(box(idle)).to_have_value("a long thought")
    idle.wait_for_timeout(2000)
    expect(box(idle)).to_have_value("a long thought")
    assert _draft(ben) == "a long thought"


def test_who_is_removed_while_typing_takes_the_text_along(visit, team, ada, ben):
    first = visit(ada, f"/c/{team.pk}")
    page = _alone(visit, ben, team, allows=("403", "404"))
    box(page).fill("my long unsent text")
    assert call(first, "DELETE", f"conversations/{team.pk}/members/{ben.pk}") == 204
    expect(page.get_by_role("heading", name="You were removed from this chat.")).to_be_visible()
    expect(box(page)).to_have_value("my long unsent text")
    box(page).press("Enter")
    expect(page).to_have_url(re.compile("/c/(?!" + str(team.pk) + ")"))
    expect(questions(page)).to_contain_text(["my long unsent text"])
    expect(page.get_by_role("heading", name="You were removed from this chat.")).to_be_hidden()
    expect(answers(page)).to_have_count(1)


def test_who_types_in_a_chat_that_is_deleted_takes_the_text_along(visit, team, ada, ben):
    first = visit(ada, f"/c/{team.pk}")
    page = _alone(visit, ben, team, allows=("403", "404"))
    box(page).fill("half a thought")
    assert call(first, "DELETE", f"conversations/{team.pk}") == 204
    expect(page).to_have_url(re.compile("/$"))
    expect(box(page)).to_have_value("half a thought")


def test_who_only_reads_from_now_on_can_copy_what_they_had_typed(visit, team, ada, ben):
    first = visit(ada, f"/c/{team.pk}")
    page = _alone(visit, ben, team)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    box(page).fill("what I was about to say")
    services.wait_for(lambda: _draft(ben) == "what I was about to say")
    path = f"conversations/{team.pk}/members/{ben.pk}"
    assert call(first, "PATCH", path, role="reader") == 200
    expect(page.get_by_text("You can read this chat, but not write in it.")).to_be_visible()
    expect(box(page)).to_have_value("what I was about to say")
    expect(box(page)).not_to_be_editable()
    expect(page.get_by_role("button", name="Send the message")).to_be_hidden()
    box(page).press("Enter")
    page.get_by_role("button", name="Copy your draft").click()
    expect(page.get_by_text("Your draft is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "what I was about to say"
    page.get_by_role("button", name="Discard it").click()
    expect(box(page)).to_be_hidden()
    expect(questions(page)).to_have_count(0)
    services.wait_for(lambda: _draft(ben) == "")


def test_nothing_is_sent_to_a_chat_that_could_not_be_opened(visit, team, ada):
    page = visit(ada, f"/c/{team.pk}", allows=("404",))
    expect(page.locator("presence-list .avatar")).to_have_count(2)
    page.evaluate(GO_NOWHERE)
    expect(page.get_by_role("heading", name="There is no such chat.")).to_be_visible()
    box(page).fill("hello?")
    expect(page.get_by_text("This chat is not open: nothing can be sent")).to_be_visible()
    expect(page.get_by_role("button", name="Send the message")).to_be_disabled()
    box(page).press("Enter")
    expect(box(page)).to_have_value("hello?")


def test_escape_stops_only_what_one_asked_for(visit, team, ada, ben):
    first, second = visit(ada, f"/c/{team.pk}"), _alone(visit, ben, team)
    ask(second, f"mine\n{SLOW}")
    wait_until_begun(first)
    expect(first.get_by_role("button", name="Send the message")).to_be_visible()
    box(first).press("Escape")
    first.wait_for_timeout(500)
    expect(first.locator("chat-turn[aria-busy=true]")).to_have_count(1)
    expect(answers(first).get_by_role("button", name="Stop", exact=True)).to_be_visible()
    box(second).press("Escape")
    expect(first.locator("chat-turn[aria-busy=true]")).to_have_count(0)


def test_what_is_taken_back_is_in_the_box_again(visit, team, ada, ben):
    first, second = visit(ada, f"/c/{team.pk}"), _alone(visit, ben, team)
    ask(first, f"First\n{SLOW}")
    wait_until_begun(second)
    ask(second, "Second thoughts")
    box(second).fill("and more")
    answers(second).last.get_by_role("button", name="Take back").click()
    expect(box(second)).to_have_value("Second thoughts\n\nand more")
    box(first).press("Escape")


def test_enter_behind_a_chosen_name_sends(visit, team, ada, ben):
    join(team, make_user("Ben Smith"), Role.READER)
    page = visit(ada, f"/c/{team.pk}")
    expect(page.locator("presence-list .avatar")).to_have_count(3)
    box(page).press_sequentially("@ben")
    expect(page.get_by_role("option")).to_have_count(2)
    box(page).press("Enter")
    expect(box(page)).to_have_value("@Ben ")
    expect(page.get_by_role("option")).to_have_count(0)
    page.get_by_role("button", name="Ask Gemini").click()
    box(page).press("Enter")
    expect(questions(page)).to_contain_text(["@Ben"])
    box(page).press_sequentially("@ben s")
    expect(page.get_by_role("option")).to_have_text([re.compile("Ben Smith")])
