"""What the tests of people who work together do and look at in the sidebar."""

from typing import Any

from playwright.sync_api import Locator, Page

from accounts.models import User
from chat.models import Conversation, Member, Notification
from chat.models.member import Role
from tests.factories import make_conversation

CALL = """async ([method, path, body]) => {
  const token = /csrftoken=([^;]+)/.exec(document.cookie)[1]
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token }
  return (await fetch(`/api/v1/${path}`, { method, headers, body: JSON.stringify(body) })).status
}"""
# A tab that nobody looks at draws no frames either.
HIDE = """() => {
  window.held = []
  window.draw = window.requestAnimationFrame
  window.requestAnimationFrame = (work) => window.held.push(work)
  Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true })
  document.dispatchEvent(new Event("visibilitychange"))
}"""
SHOW = """() => {
  delete document.visibilityState
  window.requestAnimationFrame = window.draw
  for (const work of window.held) requestAnimationFrame(work)
  document.dispatchEvent(new Event("visibilitychange"))
}"""


def join(chat: Conversation, user: User, role: str = Role.WRITER) -> None:
    Member.objects.create(conversation=chat, user=user, role=role)


def shared(owner: User, *others: User, title: str = "Leases", **fields: Any) -> Conversation:
    """Where the model answers only when it is asked."""
    chat = make_conversation(owner, title=title, answering="addressed", **fields)
    for other in others:
        join(chat, other)
    return chat


def told(user: User, kind: str, **fields: Any) -> Notification:
    return Notification.objects.create(user=user, kind=kind, **fields)


def call(page: Page, method: str, path: str, **body: Any) -> int:
    """What another page of that person would ask the server for; its status."""
    return int(page.evaluate(CALL, [method, path, body]))


def row(page: Page, title: str) -> Locator:
    return page.locator("chat-row", has_text=title)


def bell(page: Page) -> Locator:
    return page.get_by_role("button", name="Notifications")


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Notifications")


def choose(page: Page, which: str) -> None:
    page.get_by_role("radio", name=which).check(force=True)


def opened_menu(page: Page, title: str) -> list[str]:
    page.get_by_role("button", name=f"Menu of {title}").click()
    return [
        words.strip()
        for words in page.locator("#chat-menu [role=menuitem]:visible").all_text_contents()
    ]
