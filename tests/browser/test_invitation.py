"""From the link of an invitation into the conversation that it leads to."""

import pytest
from playwright.sync_api import expect

from chat.models import Member
from chat.services import inviting
from tests.browser.test_every_screen import kind, look  # noqa: F401  fixtures
from tests.factories import make_message

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


@pytest.fixture
def link(ada, conversation):
    make_message(conversation, ada, content="Welcome to the leases.")
    added = inviting.add(
        conversation.pk, by=ada, role="reader", user_id=None, address="new@example.org"
    )
    return f"/invitations/{added.url.rpartition('/')[2]}"


def test_a_stranger_makes_an_account_and_is_in_the_conversation(
    visit, conversation, link, kind, look
):
    page = visit(path=link, **kind)
    expect(page.get_by_role("heading", name="Ada invites you")).to_be_visible()
    look(page, "invitation")
    page.get_by_role("link", name="Make an account").click()
    expect(page.get_by_label("Email")).to_be_disabled()
    look(page, "invited-sign-up")
    page.get_by_label("Name").fill("Cyd")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url(f"**/c/{conversation.pk}")
    expect(page.get_by_text("Welcome to the leases.")).to_be_visible()
    assert Member.objects.get(user__email="new@example.org").role == "reader"


def test_who_is_signed_in_joins_with_one_click(visit, ben, conversation, link, kind, look):
    page = visit(ben, link, **kind)
    look(page, "join")
    page.get_by_role("button", name="Join as Ben").click()
    page.wait_for_url(f"**/c/{conversation.pk}")
    page.goto(link)
    page.wait_for_url(f"**/c/{conversation.pk}")
    expect(page.get_by_text("Welcome to the leases.")).to_be_visible()


def test_who_looks_whether_their_own_link_works_is_led_on(
    visit, ada, conversation, link, kind, look
):
    page = visit(ada, link, **kind)
    expect(page.get_by_text("The link stays open for whom it is meant.")).to_be_visible()
    look(page, "invitation-own")
    page.get_by_role("link", name="Go where it leads").click()
    page.wait_for_url(f"**/c/{conversation.pk}")
    assert Member.objects.filter(conversation=conversation).count() == 1


def test_a_link_that_does_not_work_says_whom_to_ask(visit, db, kind, look):
    page = visit(path="/invitations/nobody", allows=("404",), **kind)
    expect(page.get_by_text("Ask who invited you for a new one.")).to_be_visible()
    look(page, "invitation-gone")
