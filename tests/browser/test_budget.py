"""What a person sees of their budget: the meter that moves, the refusal and its ways out, what an answer used."""

import re
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import BudgetRequest, BudgetWindow, UsageDay, User
from chat.models import Message
from tests.browser.screens import answers, ask, last_answer, source, wait_until_answered
from tests.browser.test_every_screen import _describe
from tests.factories import make_conversation, make_message, make_user
from tests.tabs import CSRF, session_for

REFUSED = ("Failed to load resource",)
WELL = "!script well"
PRO, LITE = "gemini-3.1-pro-preview", "gemini-3.1-flash-lite-preview"


@pytest.fixture
def staff(transactional_db):
    return make_user("Sam", is_staff=True)


@pytest.fixture
def does(site, staff):
    """`does("PUT", "admin/...", field=...)`: what staff do, over HTTP, as the admin's page does it."""
    cookies = {"sessionid": session_for(staff), "csrftoken": CSRF}

    def send(method: str, path: str, **body) -> None:
        url, headers = f"{site.url}/api/v1/{path}", {"X-CSRFToken": CSRF, "Origin": site.url}
        answer = httpx.request(method, url, json=body, cookies=cookies, headers=headers)
        assert answer.is_success, answer.text

    return send


def limit(does, person: User, tokens: int | None, micro_usd: int | None = None) -> None:
    figures = {"limit_tokens": tokens, "limit_micro_usd": micro_usd}
    does("PUT", f"admin/users/{person.pk}/budget", period="month", reason="Test", **figures)


def spent(person: User, tokens: int, micro_usd: int = 0, model: str = PRO, days: int = 0) -> None:
    """As if it had been used so long ago; a window that opens later finds it."""
    day = timezone.localdate() - timedelta(days=days)
    UsageDay.objects.create(
        user_id=person.pk,
        day=day,
        model=model,
        purpose="chat",
        tokens=tokens,
        micro_usd=micro_usd,
        calls=3,
    )


def gauge(page: Page):
    return page.locator("budget-meter .gauge")


def notice(page: Page):
    return page.locator("budget-notice")


def box(page: Page):
    return page.get_by_role("textbox", name="Message", exact=True)


def test_the_meter_moves_the_budget_ends_and_a_grant_sends_the_kept_message(
    visit, ada, conversation, does
):
    page = visit(ada, f"/c/{conversation.pk}", allows=REFUSED)
    expect(gauge(page)).to_be_hidden()
    limit(does, ada, 1_000_000)
    expect(gauge(page)).to_contain_text("100 % left")
    ask(page, WELL)
    wait_until_answered(page)
    expect(gauge(page)).not_to_have_attribute("title", re.compile(" 0 of 1,000,000|reserved"))
    used = BudgetWindow.objects.get(rank=0, subject=ada.pk).spent_tokens
    expect(gauge(page)).to_have_attribute(
        "title", re.compile(f": {used:,} of 1,000,000 tokens spent")
    )
    limit(does, ada, used)
    expect(gauge(page)).to_contain_text("Used up")
    ask(page, f"And then?\n{WELL}")
    expect(notice(page)).to_contain_text(f"You have used your {used:,} tokens. Resets on ")
    expect(box(page)).to_have_value(f"And then?\n{WELL}")
    expect(answers(page)).to_have_count(1)
    notice(page).get_by_role("button", name="Ask for more").click()
    page.get_by_role("textbox", name="Why").fill("The offer is due on Friday")
    page.get_by_role("button", name="Send request").click()
    expect(notice(page)).to_contain_text("sent, not decided yet")
    asked = BudgetRequest.objects.get(user=ada)
    assert asked.message == "The offer is due on Friday"
    does("POST", f"admin/requests/{asked.pk}/grant", tokens=500_000, note="Good luck")
    expect(notice(page)).to_contain_text("You were granted more. “Good luck”")
    notice(page).get_by_role("button", name="Send now").click()
    wait_until_answered(page, 2)
    expect(notice(page)).to_be_hidden()
    expect(box(page)).to_have_value("")
    assert source(last_answer(page)) == "Hello world"


def test_a_declined_request_says_why_and_another_can_be_sent(visit, ada, does):
    limit(does, ada, 1)
    page = visit(ada, allows=REFUSED)
    ask(page, WELL)
    notice(page).get_by_role("button", name="Ask for more").click()
    page.get_by_role("button", name="Send request").click()
    expect(notice(page).get_by_role("button", name="Withdraw")).to_be_visible()
    does("POST", f"admin/requests/{BudgetRequest.objects.get().pk}/decline", note="Next month")
    expect(notice(page)).to_contain_text("Your request was declined: “Next month”")
    expect(notice(page).get_by_role("button", name="Ask for more")).to_be_visible()
    expect(box(page)).to_have_value(WELL)


def test_what_was_refused_survives_a_reload(visit, ada, does):
    limit(does, ada, 1)
    page = visit(ada, allows=REFUSED)
    ask(page, WELL)
    expect(notice(page)).to_be_visible()
    expect(box(page)).to_have_value(WELL)
    page.reload()
    expect(box(page)).to_have_value(WELL)
    assert not Message.objects.exists()


def test_money_that_is_short_for_one_model_may_do_for_a_cheaper_one(visit, ada, does):
    limit(does, ada, None, 30_000)
    page = visit(ada, allows=REFUSED, script=f'localStorage.setItem("model", "{PRO}")')
    page.route("**/messages", lambda route: route.fulfill(status=402, json=SHORT_OF_MONEY))
    ask(page, WELL)
    notice(page).get_by_role("button", name="Use 3.1 Flash Lite").click()
    expect(page.get_by_role("button", name="Model: Gemini 3.1 Flash Lite")).to_be_visible()
    page.unroute("**/messages")
    notice(page).get_by_role("button", name="Send now").click()
    wait_until_answered(page)
    assert Message.objects.get(role="assistant").model == LITE


SHORT_OF_MONEY = {
    "code": "budget_exceeded",
    "detail": "Short of money.",
    "reason": "limit_reached",
    "scope": "you",
    "unit": "micro_usd",
    "limit": 30_000,
    "used": 10_000,
    "reserved": 0,
    "needed": 25_000,
    "resets_at": "2126-12-01T00:00:00+00:00",
    "actions": ["wait", "shorter", "cheaper_model", "request_more"],
}


def test_a_chat_that_is_too_long_is_left_with_what_was_typed(visit, ada, conversation, does):
    limit(does, ada, None, 100_000)
    page = visit(ada, f"/c/{conversation.pk}", allows=REFUSED)
    body = SHORT_OF_MONEY | {"reason": "request_too_large", "needed": 900_000}
    page.route("**/messages", lambda route: route.fulfill(status=402, json=body))
    ask(page, WELL)
    expect(notice(page)).to_contain_text("This chat is too long")
    notice(page).get_by_role("button", name="New chat").click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(notice(page)).to_be_hidden()
    expect(box(page)).to_have_value(WELL)
    page.unroute("**/messages")
    page.keyboard.press("Enter")
    wait_until_answered(page)
    page.goto(f"/c/{conversation.pk}")
    expect(box(page)).to_have_value("")


def test_another_answer_that_is_refused_says_so_in_its_turn_and_offers_the_ways_out(
    visit, ada, conversation, does
):
    question = make_message(conversation, ada, content=WELL)
    make_message(conversation, parent=question, content="Hello")
    limit(does, ada, 1)
    page = visit(ada, f"/c/{conversation.pk}", allows=REFUSED)
    answers(page).get_by_role("button", name="Again", exact=True).click()
    expect(last_answer(page).locator("[data-notice]")).to_contain_text("No answer.")
    expect(notice(page).get_by_role("button", name="Ask for more")).to_be_visible()
    limit(does, ada, 1_000_000)
    expect(notice(page)).to_be_hidden()
    last_answer(page).get_by_role("button", name="Retry").click()
    wait_until_answered(page, 1)
    assert source(last_answer(page)) == "Hello world"


def test_a_budget_that_a_running_answer_holds_is_waited_for(visit, ada):
    page = visit(ada, allows=REFUSED)
    tries = []

    def busy(route):
        tries.append(route.request.post_data_json["id"])
        body = SHORT_OF_MONEY | {"reason": "in_flight", "retry_after": 1}
        route.fulfill(status=402, json=body) if len(tries) < 3 else route.continue_()

    page.route("**/messages", busy)
    ask(page, WELL)
    wait_until_answered(page)
    assert len(tries) == 3
    assert len(set(tries)) == 1
    expect(notice(page)).to_be_hidden()


def test_what_an_answer_used_is_behind_its_button(visit, ada):
    chat = make_conversation(ada, title="What bread needs")
    question = make_message(chat, ada, content="What makes bread rise?")
    _describe(make_message(chat, parent=question, content="Yeast."))
    page = visit(ada, f"/c/{chat.pk}")
    last_answer(page).get_by_role("button", name="1,842 tokens").click()
    facts = page.get_by_role("dialog", name="What this answer used")
    for words in ("Prompt312 tokens", "Answer1,110 tokens", "Thoughts420 tokens", "Cost$0.021"):
        expect(facts).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(facts).to_be_hidden()


def test_the_usage_page_shows_what_was_used_and_moves(visit, ada, does):
    spent(ada, 300, model=LITE)
    spent(ada, 100, model=PRO)
    limit(does, ada, 1_000)
    page = visit(ada, "/settings/usage")
    expect(page.locator("[data-limits]")).to_contain_text("600 tokens")
    expect(page.locator("[data-models]")).to_contain_text("3.1 Flash Lite")
    expect(page.locator("[data-sum]")).to_have_text("400 tokens in the last 30 days")
    page.get_by_text("As a table").click()
    expect(page.locator("[data-days] tr")).to_have_count(2)
    page.get_by_role("button", name="Ask for more").click()
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("[data-requests]")).to_contain_text("Sent")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("[data-requests]")).to_contain_text("Withdrawn")
