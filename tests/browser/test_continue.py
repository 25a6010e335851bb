"""An answer that broke off goes on where it stopped, in its own place; one without a text is asked for again."""

import re
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from chat.models import Message
from chat.models.states import State
from tests.browser.screens import answers, ask, last_answer, source, wait_until_answered
from tests.factories import make_branch, make_message

WHOLE = "".join(f"{number:05d} " for number in range(40))
PART = WHOLE[: 12 * 6 + 2]  # in the middle of a piece
STEADY = "!script steady chunks=40 rate=80 size=6"
PARTLY = "!script partly chunks=40 after=12 rate=80 size=6"
COMPLETIONS = "**/api/v1/messages/*/completions"
# Looks at the last answer in every frame: its shortest text, how many rows it was, and how far it sank in one frame.
WATCH = """() => {
  const seen = { frames: 0, shortest: Infinity, nodes: 0, stepDown: 0 }
  const rows = new Set()
  let on = true
  let before = null
  const look = () => {
    const row = [...document.querySelectorAll("chat-turn:has(answer-prose)")].at(-1)
    const { top } = row.querySelector("answer-prose").getBoundingClientRect()
    rows.add(row)
    seen.frames++
    seen.nodes = rows.size
    seen.shortest = Math.min(seen.shortest, row.querySelector("answer-prose").text.length)
    seen.stepDown = Math.max(seen.stepDown, before === null ? 0 : top - before)
    before = top
    if (on) requestAnimationFrame(look)
  }
  window.stopWatching = () => ((on = false), seen)
  look()
}"""
FAILED_ON_PURPOSE = ("Failed to load resource", "net::ERR")


def _broken(conversation, ada, state=State.INTERRUPTED, *, content=PART, line=STEADY, parent=None):
    """A question and its answer, which ended like that."""
    words = f"Count, please.\n{line}"
    question = make_message(conversation, ada, parent=parent, content=words)
    return make_message(conversation, parent=question, content=content, status=state)


def _notice(page: Page):
    return last_answer(page).locator("[data-notice]")


def _wait_until_longer_than(page: Page, length: int) -> None:
    page.wait_for_function(
        f"() => [...document.querySelectorAll('answer-prose')].at(-1)?.text.length > {length + 6}"
    )


def _go_on_by_keyboard(page: Page) -> None:
    button = _notice(page).get_by_role("button", name="Continue")
    button.focus()
    page.keyboard.press("Enter")


def _expect_the_whole_alone_now(page: Page) -> None:
    """The whole text in one answer, with no other version beside it."""
    expect(_notice(page)).to_be_hidden()
    wait_until_answered(page, answers(page).count())
    assert source(last_answer(page)) == WHOLE
    expect(_notice(page)).to_be_hidden()
    expect(last_answer(page).locator("[data-branch]")).to_be_hidden()


def _expect_the_whole_alone(page: Page) -> None:
    """The same after a reload."""
    _expect_the_whole_alone_now(page)
    drawn = last_answer(page).locator("answer-prose").inner_html()
    page.reload()
    _expect_the_whole_alone_now(page)
    assert last_answer(page).locator("answer-prose").inner_html() == drawn


def test_an_interrupted_answer_goes_on_where_it_stopped(visit, ada, conversation):
    broken = _broken(conversation, ada)
    page = visit(ada, f"/c/{conversation.pk}")
    expect(_notice(page)).to_contain_text("Interrupted.")
    _go_on_by_keyboard(page)
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
    _expect_the_whole_alone(page)
    broken.refresh_from_db()
    assert (broken.content, broken.status) == (PART, State.INTERRUPTED)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{PARTLY} how=reset", "Cut off."),
        (f"{PARTLY} how=length", "Ended at the maximum length."),
    ],
    ids=["truncated", "length"],
)
def test_an_answer_that_breaks_off_goes_on(visit, ada, line, words):
    page = visit(ada)
    ask(page, line)
    expect(_notice(page)).to_contain_text(words)
    assert source(last_answer(page)) == WHOLE[: 12 * 6]
    _go_on_by_keyboard(page)
    _expect_the_whole_alone(page)


def test_a_stopped_answer_goes_on_and_can_be_stopped_again(visit, ada):
    page = visit(ada)
    ask(page, STEADY)
    kept = ""
    for _ in range(2):
        _wait_until_longer_than(page, len(kept))
        page.keyboard.press("Escape")
        expect(_notice(page).get_by_text("Stopped.")).to_be_visible()
        assert source(last_answer(page)).startswith(kept)
        kept = source(last_answer(page))
        _go_on_by_keyboard(page)
    _expect_the_whole_alone(page)


def test_the_text_so_far_stays_in_its_place_from_the_click_to_the_end(visit, ada, conversation):
    _broken(conversation, ada, parent=make_branch(conversation, ada, 12)[-1])
    page = visit(ada, f"/c/{conversation.pk}")
    expect(_notice(page)).to_be_visible()
    page.evaluate(WATCH)
    _notice(page).get_by_role("button", name="Continue").dblclick()
    _expect_the_whole_alone_now(page)
    seen = page.evaluate("stopWatching()")
    print(f"Over {seen['frames']} frames: {seen}")
    assert seen["frames"] > 20
    assert seen["shortest"] >= len(PART)
    assert (seen["nodes"], seen["stepDown"]) == (1, pytest.approx(0, abs=1))
    assert Message.objects.filter(role="assistant").count() == 7 + 1


def test_another_tab_shows_the_answer_that_goes_on_and_follows_it(visit, ada, conversation):
    _broken(conversation, ada)
    page = visit(ada, f"/c/{conversation.pk}")
    other = visit(tab=page, path=page.url)
    for each in (page, other):
        expect(_notice(each).get_by_role("button", name="Continue")).to_be_visible()
    _go_on_by_keyboard(page)
    for each in (other, page):
        _expect_the_whole_alone_now(each)


def test_what_somebody_replied_to_stays_as_a_version_beside(visit, ada, conversation):
    broken = _broken(conversation, ada)
    make_message(conversation, ada, parent=broken, content="And then?")
    page = visit(ada, f"/c/{conversation.pk}")
    button = answers(page).get_by_role("button", name="Continue")
    expect(button).not_to_have_class(re.compile("primary"))
    button.click()
    wait_until_answered(page)
    expect(last_answer(page)).to_contain_text("2 / 2")
    last_answer(page).get_by_role("button", name="Previous version").click()
    expect(page.get_by_text("And then?")).to_be_visible()
    assert source(last_answer(page)) == PART


REFUSALS = [
    (
        402,
        {"code": "budget_exceeded", "detail": "The budget of this month is used up."},
        "used up.",
    ),
    (429, {"code": "too_many", "detail": "Many answers run.", "retry_after": 7}, "again in 7 s."),
    (503, {"code": "shutting_down", "detail": "Restarting.", "retry_after": 20}, "again in 20 s."),
]


def _refuse(status, body, route) -> None:
    route.fulfill(status=status, json=body)


def test_what_keeps_an_answer_from_going_on_is_said_beside_the_button(visit, ada, conversation):
    _broken(conversation, ada)
    page = visit(
        ada, f"/c/{conversation.pk}", allows=FAILED_ON_PURPOSE, script="Math.random = () => 0"
    )  # without chance the page tries again at once
    for status, body, words in REFUSALS:
        page.route(COMPLETIONS, partial(_refuse, status, body))
        _go_on_by_keyboard(page)
        expect(_notice(page)).to_contain_text(words)
        assert source(last_answer(page)) == PART
        page.unroute(COMPLETIONS)
    page.route(COMPLETIONS, lambda route: route.abort())
    _go_on_by_keyboard(page)
    expect(_notice(page)).to_contain_text("The server cannot be reached.")
    page.unroute(COMPLETIONS)
    _go_on_by_keyboard(page)
    _expect_the_whole_alone(page)


@pytest.mark.parametrize("state", [State.FAILED, State.INTERRUPTED])
def test_an_answer_without_a_text_is_asked_for_again(visit, ada, conversation, state):
    _broken(conversation, ada, state, content="", line="!script well")
    page = visit(ada, f"/c/{conversation.pk}")
    button = _notice(page).get_by_role("button", name="Retry")
    expect(button).to_have_class(re.compile("primary"))
    button.focus()
    page.keyboard.press("Enter")
    wait_until_answered(page)
    assert source(last_answer(page)) == "Hello world"
    expect(last_answer(page)).to_contain_text("2 / 2")
