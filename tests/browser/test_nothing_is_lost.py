"""What is typed survives: drafts, sends that fail, a page that is closed too early, a connection that drops frames."""

import re
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from playwright.sync_api import Page, expect

from chat.completions import lease
from chat.models import Completion, Conversation, Message
from tests.browser.screens import (
    ask,
    last_answer,
    questions,
    source,
    wait_until_answered,
    wait_until_begun,
)
from tests.factories import make_branch, make_conversation, make_message, make_running_answer
from tests.processes import wait_for

STEADY = "!script steady chunks=12 rate=40 size=6"
POSTS = "**/api/v1/conversations/*/messages"
FAILED_ON_PURPOSE = ("Failed to load resource", "net::ERR")

# Drops a third of what the socket brings, by a generator with a seed, so that a failure can be repeated.
LOSSY = """
let state = %d
const random = () => (state = (state * 1664525 + 1013904223) %% 4294967296) / 4294967296
window.dropped = window.heard = 0
const Real = WebSocket
window.WebSocket = class extends Real {
  addEventListener(type, listener, options) {
    if (type !== "message") return super.addEventListener(type, listener, options)
    super.addEventListener(type, (event) => {
      window.heard++
      if (random() < 1 / 3) window.dropped++
      else listener(event)
    }, options)
  }
}
"""
SOCKETS = """
window.sockets = []
const Real = WebSocket
window.WebSocket = class extends Real { constructor(...all) {
  super(...all)
  this.madeAt = performance.now()
  sockets.push(this)
} }
"""


FAR_AWAY = datetime(2200, 1, 1, tzinfo=UTC)
# As a server that is about to leave does. The page comes back after a part of eight seconds; after three the banner
# would show.
LEAVE = """() => {
  window.wasShown = false
  const banner = document.querySelector("connection-banner")
  new MutationObserver(() => (wasShown ||= !banner.hidden)).observe(banner, { attributes: true })
  window.leftAt = performance.now()
  sockets[0].dispatchEvent(new CloseEvent("close", { code: 4412 }))
  sockets[0].close()
}"""
SAY_TO_THE_PAGE = """(frame) => {
  const data = JSON.stringify(frame)
  sockets.at(-1).dispatchEvent(new MessageEvent("message", { data }))
}"""


def _box(page: Page):
    return page.get_by_role("textbox", name="Message", exact=True)


def test_drafts_are_kept_for_each_chat_over_a_reload(visit, ada):
    chat = make_conversation(ada, title="With a draft")
    page = visit(ada, f"/c/{chat.pk}")
    _box(page).fill("Half a thought")
    page.get_by_role("link", name="New chat").first.click()
    expect(_box(page)).to_have_value("")
    _box(page).fill("Another one")
    page.reload()
    expect(_box(page)).to_have_value("Another one")
    page.get_by_role("link", name="With a draft").click()
    expect(_box(page)).to_have_value("Half a thought")


def test_a_send_that_fails_stays_with_its_reason_and_goes_out_on_retry(visit, ada, conversation):
    page = visit(ada, f"/c/{conversation.pk}", allows=FAILED_ON_PURPOSE)
    page.route(
        POSTS, lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    ask(page, f"Do not lose me\n{STEADY}")
    notice = questions(page).locator("[data-notice]")
    expect(notice).to_contain_text("Not sent. The server cannot be reached.")
    page.unroute(POSTS)
    page.reload()
    expect(questions(page)).to_contain_text("Do not lose me")
    assert not Message.objects.exists()
    questions(page).get_by_role("button", name="Retry").click()
    wait_until_answered(page)
    expect(page.locator("[data-notice]:visible")).to_have_count(0)
    assert Message.objects.filter(role="user").count() == 1


def test_a_refused_send_says_what_the_server_said_and_when_to_try_again(visit, ada, conversation):
    page = visit(ada, f"/c/{conversation.pk}", allows=FAILED_ON_PURPOSE)
    refusals = [
        (402, {"detail": "The budget of this month is used up."}, "is used up."),
        (429, {"detail": "Many answers run.", "retry_after": 12}, "Try again in 12 s."),
        (503, {"detail": "Restarting.", "retry_after": 90}, "Try again in 90 s."),
    ]
    for status, body, words in refusals:
        page.route(POSTS, partial(_refuse, status, body))
        ask(page, "Anything left?")
        expect(questions(page)).to_contain_text(["Anything left?"])
        expect(questions(page).locator("[data-notice]")).to_contain_text(words)
        page.unroute(POSTS)
        questions(page).get_by_role("button", name="Delete this message").click()
        page.get_by_role("button", name="Delete message").click()
        expect(questions(page)).to_have_count(0)


def _refuse(status, body, route) -> None:
    if route.request.method == "POST":
        route.fulfill(status=status, json={"code": "refused", **body})
    else:
        route.continue_()


def test_the_first_message_of_a_chat_that_cannot_begin_waits_at_the_start(visit, ada):
    page = visit(ada, allows=FAILED_ON_PURPOSE)
    page.route(
        "**/api/v1/conversations",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    ask(page, f"Hello?\n{STEADY}")
    expect(questions(page)).to_contain_text("Not sent.")
    expect(page).to_have_url(re.compile(r"/$"))
    page.unroute("**/api/v1/conversations")
    page.reload()
    expect(questions(page)).to_contain_text("Hello?")
    questions(page).get_by_role("button", name="Retry").click()
    wait_until_answered(page)
    expect(page).to_have_url(re.compile("/c/"))
    assert Conversation.objects.count() == 1


def test_an_answer_over_http_that_is_lost_makes_no_second_message(visit, ada, conversation):
    page = visit(ada, f"/c/{conversation.pk}", allows=FAILED_ON_PURPOSE)
    lost = []

    def lose_the_first_answer(route):
        if route.request.method != "POST" or lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    page.route(POSTS, lose_the_first_answer)
    ask(page, STEADY)
    wait_until_answered(page)
    expect(page.locator("[data-notice]:visible")).to_have_count(0)
    while not lost:  # the socket may be faster than the answer that gets lost
        page.wait_for_timeout(50)
    assert [lost[0].status, Message.objects.count()] == [201, 2]


def _whole_text(number):
    """Of the number-th answer, once it is complete."""
    completed = Message.objects.filter(role="assistant", status="completed").order_by("position")
    return completed[number - 1].content if len(completed) >= number else ""


def test_a_page_that_loses_a_third_of_its_events_ends_with_the_same_text(visit, ada, conversation):
    for seed in (1, 2, 3):
        page = visit(ada, f"/c/{conversation.pk}", script=LOSSY % seed)
        other = visit(tab=page, path=page.url, script=LOSSY % (seed + 100))
        ask(page, f"Seed {seed}\n!script steady chunks=120 rate=40 size=7")
        wait_for(lambda seed=seed: _whole_text(seed), 40)
        for each in (page, other):
            # The page's own watch finds what was lost; how soon depends on what that was.
            wait_for(
                lambda each=each, seed=seed: source(last_answer(each)) == _whole_text(seed), 40
            )
            assert each.evaluate("window.dropped") > 0, f"seed {seed}"
        page.close()
        other.close()


def test_a_connection_that_breaks_in_mid_answer_comes_back_without_a_gap(visit, ada, conversation):
    page = visit(ada, f"/c/{conversation.pk}", allows=FAILED_ON_PURPOSE, script=SOCKETS)
    ask(page, "!script steady chunks=240 rate=40 size=7")
    for times in (1, 2, 3):
        wait_until_begun(page)
        page.wait_for_timeout(300)
        page.evaluate("sockets.at(-1).close()")
        page.wait_for_function(f"() => sockets.length > {times} && sockets.at(-1).readyState === 1")
    wait_until_answered(page, seconds=30)
    assert source(last_answer(page)) == Message.objects.get(role="assistant").content


def test_a_server_that_leaves_is_no_lost_connection_and_the_answer_goes_on(
    visit, ada, conversation
):
    page = visit(ada, f"/c/{conversation.pk}", script=SOCKETS + "Math.random = () => 0.45")
    ask(page, "!script steady chunks=200 rate=40 size=7")
    wait_until_begun(page)
    page.evaluate(LEAVE)
    page.wait_for_function("() => sockets.length === 2 && sockets[1].readyState === 1")
    assert page.evaluate("sockets[1].madeAt - leftAt") > 3200
    assert not page.evaluate("wasShown")
    wait_until_answered(page)
    assert source(last_answer(page)) == Message.objects.get(role="assistant").content


def test_an_answer_that_is_begun_again_replaces_what_nobody_had_saved(visit, ada, conversation):
    question = make_message(conversation, ada, content=STEADY)
    answer = make_running_answer(
        conversation, question, uuid4(), lease_until=FAR_AWAY, requested_by=ada
    )
    page = visit(ada, f"/c/{conversation.pk}", script=SOCKETS)
    expect(page.locator("chat-turn[aria-busy=true]")).to_have_count(1)
    lost = {"message": str(answer.pk), "offset": 0, "text": "What the server lost when it died"}
    page.evaluate(SAY_TO_THE_PAGE, {"type": "completion.delta", **lost})
    wait_until_begun(page)
    Completion.objects.filter(message=answer).update(lease_until=lease.LONG_AGO)
    wait_until_answered(page)
    assert source(last_answer(page)) == "".join(f"{number:05d} " for number in range(12))


def test_a_page_that_is_greeted_anew_asks_for_what_it_missed(visit, ada, conversation):
    newest = make_branch(conversation, ada, 2)[-1]
    page = visit(ada, f"/c/{conversation.pk}", script=SOCKETS)
    expect(questions(page)).to_have_count(1)
    page.wait_for_function("() => sockets[0].readyState === 1")
    make_message(conversation, ada, parent=newest, content="Said while nobody told")
    page.evaluate(SAY_TO_THE_PAGE, {"type": "hello", "user": str(ada.pk)})
    expect(questions(page).last).to_contain_text("Said while nobody told")


def test_the_banner_shows_only_when_the_connection_stays_away(visit, ada):
    page = visit(ada, allows=FAILED_ON_PURPOSE)
    banner = page.locator("connection-banner")
    page.context.set_offline(True)
    page.wait_for_timeout(1500)
    expect(banner).to_be_hidden()
    expect(banner).to_be_visible(timeout=4000)
    expect(banner).to_contain_text("You are offline. Your text is kept.")
    page.context.set_offline(False)
    expect(banner).to_be_hidden()


def test_a_session_that_ended_leads_to_signing_in_and_back(visit, ada, conversation):
    make_branch(conversation, ada, 2)
    page = visit(ada, f"/c/{conversation.pk}", allows=FAILED_ON_PURPOSE)
    _box(page).fill("Kept")
    page.context.clear_cookies(name="sessionid")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_url(re.compile(rf"/accounts/login/\?next=%2Fc%2F{conversation.pk}"))
    assert "Kept" in page.evaluate("JSON.stringify(localStorage)")
