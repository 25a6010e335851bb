"""What the journeys around sharing do: a conversation of two, its dialog, the way to a link."""

import re

from playwright.sync_api import Locator, Page, expect

from chat.models import Member
from tests.factories import make_conversation, make_message

SECRET = "AKIA" + "ABCDEFGHIJKLMNOP"
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def make_talk(ada, ben, title="Why waiting doubles past 80 % load"):
    """Ada asks, Gemini answers, Ben says what should not get out."""
    chat = make_conversation(ada, title=title)
    join(chat, ben)
    asked = make_message(chat, ada, content="Why did our p95 double?")
    said = make_message(chat, parent=asked, content="The queue is **near saturation**.")
    make_message(chat, ben, parent=said, content=f"Ask ops@example.org, the key is {SECRET}.")
    return chat


def join(chat, person, role="writer"):
    Member.objects.create(conversation=chat, user=person, role=role)


def opened(page: Page) -> Locator:
    """The dialog, with its people in it."""
    page.locator("chat-topbar").get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share this chat")
    expect(people_in(dialog).first).to_be_visible()
    return dialog


def people_in(dialog):
    return dialog.get_by_role("list", name="People in this chat").get_by_role("listitem")


def options_in(dialog):
    return dialog.get_by_role("listbox").get_by_role("option")


def links_in(dialog):
    return dialog.get_by_role("list", name="Links of this chat").get_by_role("listitem")


def begin_link(dialog, audience="Anyone with the link"):
    dialog.get_by_role("tab", name="Links").click()
    dialog.get_by_role("radio", name=re.compile(f"^{audience}")).check()


def preview(page: Page) -> Locator:
    page.get_by_role("button", name="Preview").click()
    seen = page.get_by_role("region", name="What the link shows")
    expect(seen.get_by_role("article").first).to_be_visible()
    return seen


def strict_words(page: Page, dialog: Locator) -> None:
    """No public links, three days at most, and a password on each."""
    expect(dialog.get_by_role("radio", name=re.compile("^Anyone with"))).to_be_disabled()
    ends = dialog.get_by_label("The link ends")
    assert ends.locator("option").all_text_contents() == [
        "In 1 hour",
        "In 1 day",
        "In 3 days, the longest here",
    ]
    page.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_label("Password")).to_be_focused()
    expect(dialog.get_by_text("asks for a password on every link")).to_be_visible()
