"""The staff page Spending in Chromium: seen, changed and decided by mouse, keyboard and finger."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from accounts.models import BudgetRequest, User
from accounts.prices import Tokens
from accounts.services import budgets, spending
from accounts.services.budgets import Limit
from accounts.services.spending import Call
from accounts.services.windows import applying
from tests.browser.screens import violations
from tests.factories import make_user

PRO = "gemini-3.1-pro-preview"
HERE = "/admin/spend/"
WIDE = {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
}


def spend(user: User, output: int = 1_891) -> None:
    asked = Call(uuid4(), PRO, prompt_bound=20, most_output=4_000, least_output=1)
    spending.reserve(user, asked)
    spending.fence(asked.completion_id, 0)
    spending.settle(asked.completion_id, 0, Tokens(prompt=13, output=output), "upstream")


def own(user: User):
    return next(window for window in applying(user.pk) if window.rank == 0)


@pytest.fixture
def sam(transactional_db: None) -> User:
    budgets.ensure_rules()
    return make_user("Sam", is_staff=True)


@pytest.fixture
def people(sam: User) -> list[User]:
    """Ada is near her limit, Ben has none and asks for more, Cyd is blocked."""
    ada, ben, cyd = (make_user(name) for name in ("Ada", "Ben", "Cyd"))
    budgets.limit_person(ada, Limit("month", 2_000, None), by=sam)
    budgets.limit_person(ben, Limit("month", None, 1_000_000), by=sam)
    budgets.limit_person(cyd, Limit("month", 0, 0), by=sam)
    spend(ada)
    spend(ben, 100)
    BudgetRequest.objects.create(user=ben, micro_usd=2_000_000, message="A tender on Friday")
    return [ada, ben, cyd]


def row(page: Page, name: str):
    return (
        page.locator("spend-people tbody tr")
        .filter(
            has=page.get_by_role("button", name=name, exact=True).or_(
                page.locator(f"[data-name]:text-is('{name}')")
            )
        )
        .first
    )


@pytest.mark.parametrize("kind", [WIDE, PHONE], ids=["1280-light", "390-dark"])
def test_every_part_of_the_page_is_clean(visit, sam, people, kind):
    page: Page = visit(sam, HERE, **kind)
    expect(row(page, "Ada").locator("[data-spent]")).to_have_text("$0.023")
    page.wait_for_timeout(400)
    assert violations(page) == []
    row(page, "Ada").locator("[data-open]").click()
    expect(page.get_by_role("heading", name="Ada")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="What to do about Ada").click()
    page.get_by_role("menuitem", name="Grant extra").click()
    page.wait_for_timeout(350)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_figure_is_everywhere_the_same(visit, sam, people):
    page: Page = visit(sam, HERE, **WIDE)
    expect(row(page, "Ada").locator("[data-tokens]")).to_have_text("1,904")
    expect(row(page, "Ada").locator("[data-spent]")).to_have_attribute("title", "$0.022718")
    row(page, "Ada").locator("[data-open]").click()
    expect(page.locator("spend-person [data-list=calls]")).to_contain_text("$0.022718")
    page.get_by_text("As a table").click()
    expect(page.locator("spend-chart tbody tr").last).to_contain_text("$0.023944")


def test_a_limit_is_changed_in_its_place_with_the_keyboard(visit, sam, people):
    page: Page = visit(sam, HERE, **WIDE)
    expect(row(page, "Ada").locator("[data-chip]")).to_have_text("Near limit")
    page.get_by_role("button", name="Limit of Ada").press("Enter")
    page.get_by_role("textbox", name="Tokens", exact=True).fill("20 apples")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Write an amount such as")).to_be_visible()
    page.get_by_role("textbox", name="Tokens", exact=True).fill("1.5M")
    page.keyboard.press("Enter")
    expect(row(page, "Ada").locator("[data-limit]")).to_have_text("1.5 M tokens a month")
    expect(page.get_by_role("button", name="Limit of Ada")).to_be_focused()
    expect(row(page, "Ada").locator("[data-chip]")).to_have_text("On track")
    assert own(people[0]).limit_tokens == 1_500_000


def test_someone_is_blocked_and_given_back_the_default(visit, sam, people):
    page: Page = visit(sam, HERE, **WIDE)
    page.get_by_role("button", name="What to do about Ada").click()
    page.get_by_role("menuitem", name="Block").click()
    expect(row(page, "Ada").locator("[data-chip]")).to_have_text("Blocked")
    page.get_by_role("button", name="What to do about Ada").click()
    page.get_by_role("menuitem", name="Back to the default").click()
    expect(row(page, "Ada").locator("[data-chip]")).to_have_text("Unlimited")


def test_a_change_is_undone_from_the_trail(visit, sam, people):
    budgets.limit_person(people[0], Limit("month", 9_000, None), by=sam, reason="A slip")
    page: Page = visit(sam, HERE, **WIDE)
    row(page, "Ada").locator("[data-open]").click()
    page.get_by_text("What staff changed").click()
    line = page.locator("[data-list=changes] li").filter(has_text="A slip")
    line.get_by_role("button", name="Undo").click()
    expect(row(page, "Ada").locator("[data-limit]")).to_have_text("2,000 tokens a month")


def test_a_request_is_granted_with_one_click(visit, sam, people):
    page: Page = visit(sam, HERE, **WIDE)
    expect(page.get_by_text("“A tender on Friday”")).to_be_visible()
    page.get_by_role("button", name="Grant: Ben").click()
    expect(page.get_by_role("status").filter(has_text="Ben has $2.00 more.")).to_be_visible()
    expect(page.get_by_role("heading", name="Requests for more")).to_be_hidden()
    assert own(people[1]).most_micro_usd == 3_000_000


def test_a_request_is_declined_with_a_note(visit, sam, people):
    page: Page = visit(sam, HERE, **PHONE)
    page.get_by_role("button", name="Decline: Ben").click()
    page.get_by_role("textbox", name="Note, which they will see").fill("Use Flash")
    page.get_by_role("button", name="Decline", exact=True).click()
    expect(page.get_by_role("heading", name="Requests for more")).to_be_hidden()
    assert BudgetRequest.objects.get().note == "Use Flash"


def test_many_are_changed_after_a_look_at_what_it_does(visit, sam, people):
    page: Page = visit(sam, HERE, **WIDE)
    page.get_by_role("checkbox", name="Select Ada").check()
    page.get_by_role("checkbox", name="Select Cyd").check()
    page.get_by_role("button", name="Set limit").click()
    page.get_by_role("textbox", name="Dollars").fill("")
    page.get_by_role("textbox", name="Tokens", exact=True).fill("1k")
    preview = page.locator("[data-preview]")
    expect(preview).to_contain_text("2 people: ")
    expect(preview).to_contain_text("1 already spent more than that.")
    page.get_by_role("button", name="Set for all").click()
    expect(row(page, "Cyd").locator("[data-limit]")).to_have_text("1,000 tokens a month")
    expect(row(page, "Ada").locator("[data-chip]")).to_have_text("Over by 904")


def test_the_list_is_filtered_sorted_and_kept_in_the_address(visit, sam, people):
    page: Page = visit(sam, HERE, **WIDE)
    names = page.locator("spend-people tbody [data-name]")
    page.get_by_role("button", name="Person").press("Enter")
    expect(names).to_have_text(["Ada", "Ben", "Cyd", "Sam"])
    page.get_by_role("searchbox").fill("c")
    expect(names).to_have_text(["Cyd"])
    page.reload()
    expect(names).to_have_text(["Cyd"])
    page.get_by_role("searchbox").fill("")
    page.get_by_label("Status").select_option("near")
    expect(names).to_have_text(["Ada"])
    page.get_by_label("Period").select_option("last")
    expect(page.get_by_text("Nobody fits these filters.")).to_be_visible()


def test_what_others_spend_appears_without_a_reload(visit, sam, people):
    page: Page = visit(sam, HERE, **WIDE)
    expect(row(page, "Ben").locator("[data-tokens]")).to_have_text("113")
    spend(people[1], 200)
    page.wait_for_timeout(2_100)
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(row(page, "Ben").locator("[data-tokens]")).to_have_text("326")


def test_a_slip_in_a_price_is_asked_about(visit, sam, people):
    page: Page = visit(sam, HERE, allows=("409",), **WIDE)
    page.get_by_role("button", name="Add a price").click()
    dialog = page.get_by_role("dialog", name="Add a price")
    for name, words in {"Model": PRO, "Prompt": "2", "Cached": "0.2", "Output": "120"}.items():
        dialog.get_by_label(name, exact=True).first.fill(words)
    expect(dialog.get_by_role("status")).to_contain_text("would cost $0.062 instead of $0.008.")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("changes about 10 times")
    dialog.get_by_role("button", name="Add it all the same").click()
    expect(page.locator("spend-prices tbody tr").filter(has_text=PRO)).to_have_count(2)


def test_the_ledger_is_downloaded(visit, sam, people):
    page: Page = visit(sam, HERE, **WIDE)
    page.get_by_role("button", name="Export as CSV").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Ledger").click()
    assert "22718" in download.value.path().read_text(encoding="utf-8-sig")


def test_whoever_is_not_staff_does_not_get_the_page(visit, people):
    page: Page = visit(people[0], HERE, allows=("403",), **WIDE)
    expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
