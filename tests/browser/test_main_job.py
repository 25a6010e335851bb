"""The product's main job: sign in, ask, watch the answer appear, come back to it."""

import re

from playwright.sync_api import expect

from chat.models import Message
from tests.browser.screens import (
    answers,
    ask,
    last_answer,
    questions,
    source,
    wait_until_answered,
    wait_until_begun,
)
from tests.factories import make_user

PASSWORD = "correct horse battery"
STEADY = "!script steady chunks=60 rate=40 size=6"
NOTE_WHEN_SHOWN = """
const look = () => document.querySelector("answer-prose")?.text?.length >= %d
  ? (window.shownAt = performance.now()) : requestAnimationFrame(look)
look()"""
SLOW = "!script steady chunks=600 rate=20 size=6"


def test_a_person_signs_in_asks_watches_and_finds_it_again(visit):
    make_user("Ada Byron", email="ada@example.org", password=PASSWORD)
    page = visit(path="/accounts/login/")
    page.fill("[name=login]", "ada@example.org")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button.primary").click()
    expect(page.get_by_role("heading", name=re.compile("Ada"))).to_be_visible()
    ask(page, f"Count, please.\n{STEADY}")
    expect(page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}$"))
    wait_until_begun(page)
    expect(page.locator("chat-turn[aria-busy=true]")).to_have_count(1)
    wait_until_answered(page)
    streamed = source(last_answer(page))
    assert streamed == Message.objects.get(role="assistant").content
    page.reload()
    wait_until_answered(page)
    assert source(last_answer(page)) == streamed
    expect(page.locator("chat-row [aria-current=page]")).to_have_count(1)


def test_the_text_appears_in_many_steps(visit, ada):
    page = visit(ada)
    page.evaluate(
        """() => { window.lengths = new Set()
        document.addEventListener("answer.grew", ({detail}) => lengths.add(detail.text.length)) }"""
    )
    ask(page, STEADY)
    wait_until_answered(page)
    assert page.evaluate("lengths.size") >= 10


def test_a_closed_tab_finds_the_whole_text_and_goes_on_live(visit, ada):
    page = visit(ada)
    ask(page, SLOW)
    wait_until_begun(page)
    page.wait_for_timeout(1500)
    had = len(source(last_answer(page)))
    url = page.url
    page.close()
    again, late = _opened_again(visit, page, url, had)
    print(f"All {had} characters were shown {late:.0f} ms after the load event")
    assert late < 300
    shown = len(source(last_answer(again)))
    again.wait_for_function(
        f"() => document.querySelector('answer-prose').text.length > {shown} + 60"
    )
    again.get_by_role("button", name="Stop the answer").click()
    wait_until_answered(again)
    text = source(last_answer(again))
    assert text == Message.objects.get(role="assistant").content
    assert len(text) >= had


def _opened_again(visit, page, url, had):
    """The last of three visits, and the median time from its load event until so much text was there."""
    times = []
    for _ in range(3):
        again = visit(tab=page, path=url, script=NOTE_WHEN_SHOWN % had)
        again.wait_for_function("() => window.shownAt")
        loaded = "performance.getEntriesByType('navigation')[0].loadEventEnd"
        times.append(again.evaluate(f"shownAt - {loaded}"))
    return again, sorted(times)[1]


def test_two_tabs_see_the_same_and_stop_in_one_stops_both(visit, ada, conversation):
    first = visit(ada, f"/c/{conversation.pk}")
    ask(first, SLOW)
    wait_until_begun(first)
    second = visit(tab=first, path=first.url)
    wait_until_begun(second)
    second.get_by_role("button", name="Stop the answer").click()
    for page in (first, second):
        wait_until_answered(page, seconds=2)
        expect(last_answer(page).get_by_text("Stopped.")).to_be_visible()
    assert source(last_answer(first)) == source(last_answer(second))
    ask(first, f"And again\n{STEADY}")
    wait_until_answered(second, 2)
    wait_until_answered(first, 2)
    assert source(last_answer(first)) == source(last_answer(second))


def test_escape_stops_the_answer_and_keeps_what_came(visit, ada):
    page = visit(ada)
    ask(page, SLOW)
    wait_until_begun(page)
    page.keyboard.press("Escape")
    wait_until_answered(page)
    expect(last_answer(page).get_by_text("Stopped.")).to_be_visible()
    assert len(source(last_answer(page))) > 3


def test_an_answer_that_fails_says_so_in_its_place_and_can_be_tried_again(visit, ada):
    page = visit(ada)
    ask(page, "!script status code=400 times=1")
    notice = last_answer(page).locator("[data-notice]")
    expect(notice.get_by_text("No answer.")).to_be_visible()
    notice.get_by_role("button", name="Retry").click()
    wait_until_answered(page)
    expect(last_answer(page)).to_contain_text("Hello world")
    expect(last_answer(page)).to_contain_text("2 / 2")


def test_an_answer_that_breaks_off_keeps_its_text(visit, ada):
    page = visit(ada)
    ask(page, "!script breaks how=reset after=text")
    expect(last_answer(page).get_by_text("Cut off.")).to_be_visible(timeout=20_000)
    expect(last_answer(page)).to_contain_text("Hello world")


def test_the_title_arrives_by_itself(visit, ada):
    page = visit(ada)
    ask(page, "Tell me about lighthouses")
    wait_until_answered(page, seconds=40)
    expect(page.locator(".topbar h1")).not_to_have_text("New chat")
    title = page.locator(".topbar h1").inner_text()
    expect(page.locator("chat-row [data-title]")).to_have_text(title)
    expect(page).to_have_title(f"{title} · Webchat")


def test_back_and_forward_lead_through_the_chats_without_a_reload(visit, ada):
    page = visit(ada)
    page.evaluate("window.same = true")
    ask(page, f"One\n{STEADY}")
    wait_until_answered(page)
    page.get_by_role("link", name="New chat").first.click()
    expect(answers(page)).to_have_count(0)
    ask(page, f"Two\n{STEADY}")
    wait_until_answered(page)
    page.go_back()
    page.go_back()
    expect(questions(page)).to_contain_text(["One"])
    page.go_forward()
    page.go_forward()
    expect(questions(page)).to_contain_text(["Two"])
    assert page.evaluate("window.same")


def test_a_chat_of_somebody_else_does_not_exist(visit, ada, cyd, conversation):
    page = visit(cyd, path="/", allows=("404",))
    response = page.goto(f"/c/{conversation.pk}")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
