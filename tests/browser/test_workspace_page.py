"""Staff decide for everyone: the name, the models, the first words to the model; groups and their limits."""

import pytest
from playwright.sync_api import expect

from accounts.models import Group, Workspace
from accounts.services import groups
from chat.models import Conversation
from tests.browser.screens import ask, wait_until_answered
from tests.browser.test_every_screen import kind, look  # noqa: F401  fixtures
from tests.factories import make_user

PROMPT = "Answer in German."


@pytest.fixture
def sam(transactional_db):
    return make_user("Sam", is_staff=True)


@pytest.fixture
def as_it_was(visit, sam):
    """Put back through the page: its process remembers what was saved for a while."""
    yield
    Workspace.objects.all().delete()
    visit(sam, "/admin/workspace/").get_by_role("button", name="Save", exact=True).click()


def prompt_in_settings(page):
    page.get_by_role("button", name="Chat settings").click()
    return page.get_by_label("System prompt")


@pytest.mark.usefixtures("as_it_was")
def test_what_staff_save_holds_for_the_next_chat(visit, sam, ada):
    page = visit(sam, "/admin/people/")
    page.get_by_role("link", name="Workspace").click()
    page.get_by_label("Name").first.fill("Stadtwerke")
    page.get_by_label("Gemini 3.1 Pro").uncheck()
    page.get_by_label("New chats begin with").select_option("Gemini 3.1 Flash Lite")
    page.get_by_label("System prompt of new chats").fill(PROMPT)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    chat = visit(ada)
    expect(chat.get_by_role("link", name="Stadtwerke")).to_be_visible()
    chat.get_by_role("button", name="Model: Gemini 3.1 Flash Lite").click()
    expect(chat.locator("[data-model]:visible")).to_have_count(2)
    chat.keyboard.press("Escape")
    expect(prompt_in_settings(chat)).to_have_value(PROMPT)
    chat.keyboard.press("Escape")
    ask(chat, "Hello")
    wait_until_answered(chat)
    expect(prompt_in_settings(chat)).to_have_value(PROMPT)
    assert Conversation.objects.get().system_prompt == PROMPT


@pytest.mark.usefixtures("as_it_was")
def test_a_long_name_leaves_room_beside_it(visit, sam, ada):
    page = visit(sam, "/admin/workspace/")
    page.get_by_label("Name").first.fill("Die Stadtwerke Nürnberg und Umgebung AG")
    page.get_by_role("button", name="Save", exact=True).click()
    for path in ("/settings/profile", "/"):
        shown = visit(ada, path)
        edge = shown.locator("#sidebar").bounding_box()["width"]
        closer = shown.get_by_role("button", name="Close the sidebar").bounding_box()
        assert closer["x"] + closer["width"] <= edge


def test_a_group_is_made_filled_and_limited_by_keyboard(visit, sam, ada):
    page = visit(sam, "/admin/workspace/")
    page.get_by_label("Name").last.fill("Research")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Research", level=1)).to_be_visible()
    page.get_by_role("searchbox").fill("ada")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Put in Ada").click()
    expect(page.get_by_role("button", name="Put out Ada")).to_be_visible()
    each = page.get_by_role("form", name="Each member")
    each.get_by_label("Counted").select_option("A month")
    each.get_by_label("Dollars").fill("five")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    each.get_by_label("Dollars").fill("5")
    each.get_by_role("button", name="Save for each member").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.get_by_role("link", name="All groups").click()
    expect(page.get_by_text("1 person · each $5.00 a month")).to_be_visible()
    page.get_by_role("link", name="Open the group Research").click()
    page.get_by_role("button", name="Delete group").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("The group Research is deleted.")
    ada.refresh_from_db()
    assert ada.group is None


def test_the_pages_are_for_everyone(visit, sam, ada, ben, kind, look):
    research = groups.create(name="Research and development", by=sam)
    Group.objects.create(name="Vertrieb")
    for person in (ada, ben):
        groups.put_in(research, person, by=sam)
    page = visit(sam, "/admin/workspace/", **kind)
    look(page, "workspace")
    page.get_by_label("Name").first.fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    look(page, "workspace-refused")
    page.goto(f"/admin/groups/{research.pk}/?q=a")
    look(page, "group")
    page.get_by_role("button", name="Delete group").click()
    look(page, "group-delete")
