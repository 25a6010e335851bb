"""The looks of a budget: no axe violations, and pictures with `SCREENSHOTS=folder`."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import BudgetWindow, User
from accounts.services import budgets, requests
from accounts.services.budgets import Limit
from tests.browser.screens import last_answer
from tests.browser.test_budget import (  # noqa: F401  fixtures too
    LITE,
    PRO,
    REFUSED,
    box,
    does,
    gauge,
    limit,
    notice,
    spent,
    staff,
)
from tests.browser.test_every_screen import _describe, kind, look  # noqa: F401  fixtures
from tests.factories import make_conversation, make_message


def _busy_month(ada: User, staff: User) -> None:
    for days in range(1, 26):
        spent(ada, 9_000 + 3_100 * (days * 7 % 5), 90_000, PRO, days)
        spent(ada, 6_000 + 1_700 * (days * 3 % 7), 40_000, "gemini-3.5-flash", days)
        spent(ada, 2_000 * (days % 3), 1_000, LITE, days)
    now = timezone.now()
    for months in (1, 2):
        BudgetWindow.objects.create(
            rank=0,
            subject=ada.pk,
            period="month",
            starts=now - timedelta(days=30 * months + 30),
            ends=now - timedelta(days=30 * months),
            limit_tokens=400_000,
            spent_tokens=181_223 * months,
            spent_micro_usd=1_812_230 * months,
        )
    budgets.limit_person(ada, Limit("month", 700_000, 5_000_000), by=staff)
    requests.ask(ada, tokens=200_000, micro_usd=None, message="A long report is due")


def test_the_looks_of_usage(visit, ada, staff, kind, look):
    _busy_month(ada, staff)
    page = visit(ada, "/settings/usage", **kind)
    expect(page.locator("[data-models] strong")).to_have_count(3)
    look(page, "usage")
    page.locator("[data-models]").scroll_into_view_if_needed()
    look(page, "usage-end")
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("button", name="Ask for more").click()
    look(page, "ask-for-more")


def test_the_looks_of_a_budget_in_the_chat(visit, ada, staff, does, kind, look):
    chat = make_conversation(ada, title="What bread needs")
    question = make_message(chat, ada, content="What makes bread rise?")
    answer = make_message(chat, parent=question, content="Yeast eats sugar.")
    _describe(answer, max_output=900, finish_reason="length")
    spent(ada, 130_000)
    limit(does, ada, 200_000)
    page = visit(ada, f"/c/{chat.pk}", allows=REFUSED, **kind)
    expect(gauge(page)).to_contain_text("35 % left")
    look(page, "budget-quiet")
    last_answer(page).get_by_role("button", name="1,842 tokens").click()
    look(page, "budget-facts")
    page.keyboard.press("Escape")
    limit(does, ada, 134_000)
    expect(gauge(page)).to_contain_text("2 % left")
    look(page, "budget-near")
    limit(does, ada, 130_000)
    expect(gauge(page)).to_contain_text("Used up")
    box(page).fill("And what does salt do?")
    page.get_by_role("button", name="Send the message").click()
    expect(notice(page)).to_be_visible()
    look(page, "budget-out")
    notice(page).get_by_role("button", name="Ask for more").click()
    page.get_by_role("button", name="Send request").click()
    expect(notice(page)).to_contain_text("not decided yet")
    look(page, "budget-asked")
    limit(does, ada, 900_000)
    expect(notice(page).get_by_role("button", name="Send now")).to_be_visible()
    look(page, "budget-room")
