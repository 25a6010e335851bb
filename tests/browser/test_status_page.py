"""The staff page Status in Chromium: reached by the menu, read without a mouse, clean for axe."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from chat.models import Completion
from chat.models.states import State
from tests.browser.screens import violations
from tests.factories import make_conversation, make_message, make_user

WIDE = {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
}


@pytest.fixture
def sam(transactional_db: None) -> User:
    """Administers; the gateway has refused a question of theirs."""
    sam = make_user("Sam", is_staff=True)
    answer = make_message(make_conversation(sam), content="", status=State.FAILED)
    Completion.objects.filter(message=answer).update(
        code="upstream_auth", finished_at=timezone.now()
    )
    return sam


@pytest.mark.parametrize("kind", [WIDE, PHONE], ids=["1280-light", "390-dark"])
def test_staff_follow_the_warning_to_the_status(visit, sam: User, kind: dict[str, object]):
    page: Page = visit(sam, "/admin/people/", **kind)
    page.locator(".notice").get_by_role("link", name="Status").press("Enter")
    expect(page.get_by_role("heading", name="Status", level=1)).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text="Gateway refusals")
    expect(row.first).to_contain_text("Problem")
    expect(row.first).to_contain_text("refused the key: once in 24 hours")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_staff_look_again_with_the_keyboard(visit, sam: User):
    page: Page = visit(sam, "/admin/status/", **WIDE)
    Completion.objects.update(code="")
    page.get_by_role("link", name="Check again").press("Enter")
    expect(page.get_by_text("The gateway has refused nothing in 24 hours.")).to_be_visible()
