"""Take the pictures of this folder anew: `python -m docs.take_screenshots`.

A server with the demo model, a person who signs up and asks, and every main screen in light and dark, wide and narrow.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import processes, services

FOLDER = Path(__file__).parent
PASSWORD = "one long passphrase"  # noqa: S105  of nobody
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


def sign_up(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts/signup/")
    for name, value in {
        "name": "Ada Byron",
        "email": "ada@example.org",
        "password1": PASSWORD,
    }.items():
        page.locator(f"[name={name}]").fill(value)
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


def limit_everyone(page: Page, url: str) -> None:
    """So that the meters have something to show."""
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    page.request.put(
        f"{url}/api/v1/admin/budgets/default",
        data={"period": "month", "limit_tokens": 20_000, "limit_micro_usd": None, "reason": ""},
        headers={"X-CSRFToken": token, "Origin": url},
        fail_on_status_code=True,
    )


def pictures(browser: Browser, url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_up(page, url)
    chats = [ask(page, url, question) for question in QUESTIONS]
    limit_everyone(page, url)
    cookies = context.cookies()
    screens: dict[str, Callable[[Page], object]] = {
        "chat": lambda page: page.goto(chats[0]),
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
            {"signin": lambda page: page.goto(f"{url}/accounts/login/")},
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
