"""Take the pictures of this folder anew: `python -m docs.take_screenshots`.

A server with the demo model, two people who sign up and ask, and every main screen in light and dark, wide and narrow.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import Browser, Page, sync_playwright

from tests import processes, services

FOLDER = Path(__file__).parent
PASSWORD = "one long passphrase"  # noqa: S105  of nobody
ADA, BEN = ("Ada Byron", "ada@example.org"), ("Ben", "ben@example.org")
COMPOSER = "#message"
QUESTIONS = ("How do I count the words of a question?", "Which words are the longest here?")


@contextmanager
def served() -> Iterator[str]:
    services.begin()
    processes.manage("assets")
    with services.database() as url:
        server = processes.start_server(DATABASE_URL=url)
        try:
            yield server.wait_until_ready().url
        finally:
            server.stop()


def sign_up(page: Page, url: str, name: str, email: str) -> None:
    page.goto(f"{url}/accounts/signup/")
    for field, value in {"name": name, "email": email, "password1": PASSWORD}.items():
        page.locator(f"[name={field}]").fill(value)
    if page.locator("[name=password2]").count():
        page.locator("[name=password2]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(COMPOSER).wait_for()


def ask(page: Page, url: str, question: str) -> str:
    """The address of the conversation, once the answer is whole."""
    page.goto(url)
    page.locator(COMPOSER).fill(question)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Again").first.wait_for(timeout=30_000)
    page.wait_for_timeout(500)  # for the title, which comes after the answer
    return page.url


def call(page: Page, method: str, path: str, **data: Any) -> Any:
    """Over the HTTP interface, as who is signed in on that page."""
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    response = page.request.fetch(
        f"{origin}/api/v1/{path}",
        method=method,
        data=data,
        headers={"X-CSRFToken": token, "Origin": origin},
        fail_on_status_code=True,
    )
    return response.json() if response.status != HTTPStatus.NO_CONTENT else None


def limit_everyone(page: Page) -> None:
    """So that the meters have something to show."""
    rule = {"period": "month", "limit_tokens": 20_000, "limit_micro_usd": None, "reason": ""}
    call(page, "PUT", "admin/budgets/default", **rule)


def work_together(ada: Page, ben: Page, chat: str) -> str:
    """Ben joins and says something; a link shows it all. The address of the link."""
    here = f"conversations/{chat.rpartition('/')[2]}"
    call(ada, "POST", f"{here}/members", email=BEN[1], role="writer")
    last = call(ada, "GET", f"{here}/messages?branch=current")["items"][0]["id"]
    words = {"content": "Good. @Ada Byron, shall this go into the handbook?", "reply": False}
    call(ben, "POST", f"{here}/messages", id=str(uuid4()), parent=last, at_end=True, **words)
    ben.goto(chat)
    sharing = {"audience": "public", "kind": "snapshot", "show_names": True}
    return str(call(ada, "POST", f"{here}/shares", **sharing)["url"])


def show_dialog(page: Page, chat: str) -> None:
    page.goto(chat)
    page.get_by_role("button", name="Share", exact=True).click()


def pictures(browser: Browser, url: str) -> None:
    page, other = browser.new_context().new_page(), browser.new_context().new_page()
    sign_up(page, url, *ADA)
    sign_up(other, url, *BEN)
    chats = [ask(page, url, question) for question in QUESTIONS]
    limit_everyone(page)
    link = work_together(page, other, chats[1])
    cookies = page.context.cookies()
    screens: dict[str, Callable[[Page], object]] = {
        "chat": lambda page: page.goto(chats[0]),
        "team": lambda page: page.goto(chats[1]),
        "share": lambda page: show_dialog(page, chats[1]),
        "links": lambda page: page.goto(f"{url}/settings/links"),
        "start": lambda page: page.goto(url),
        "profile": lambda page: page.goto(f"{url}/settings/profile"),
        "people": lambda page: page.goto(f"{url}/admin/people/"),
        "usage": lambda page: page.goto(f"{url}/settings/usage"),
        "spend": lambda page: page.goto(f"{url}/admin/spend/"),
        "status": lambda page: page.goto(f"{url}/admin/status/"),
    }
    for width, scheme in product((1280, 390), ("light", "dark")):
        shoot(browser, (width, scheme), cookies, screens)
        shoot(
            browser,
            (width, scheme),
            [],
            {
                "signin": lambda page: page.goto(f"{url}/accounts/login/"),
                "shared": lambda page: page.goto(f"{url}{urlsplit(link).path}"),
            },
        )


def shoot(browser: Browser, look: tuple[int, str], cookies: list, screens: dict) -> None:  # type: ignore[type-arg]
    width, scheme = look
    context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_cookies(cookies)
    page = context.new_page()
    for name, show in screens.items():
        show(page)
        page.wait_for_timeout(1200)
        page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png")
    context.close()


def main() -> None:
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=services.chromium(), args=["--no-sandbox"]
        )
        pictures(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
