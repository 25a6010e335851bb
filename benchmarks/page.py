"""What a person sees in Chromium: `python -m benchmarks.page`.

Medians: from the upstream's first chunk to the first delta in the browser and to its text on the screen; from the load
event of a page that is reopened in mid-answer to the text so far; opening a conversation of 2,000 messages.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks import stage
from tests import processes, services

TIMES = 20
# Notes when the first delta arrives and when its text is on the screen; times in ms since the epoch.
WATCH = """
window.seen = {}
const Native = WebSocket
window.WebSocket = class extends Native {
  constructor(...given) {
    super(...given)
    this.addEventListener("message", ({ data }) => {
      const event = JSON.parse(data)
      if (event.type !== "completion.delta" || window.seen.arrived) return
      const now = performance.timeOrigin + performance.now()
      const stamp = event.text.split(" ")[0]
      window.seen = { arrived: now, written: Number(stamp) / 1e6 }
      const look = () => {
        if (!document.body.innerText.includes(stamp)) return requestAnimationFrame(look)
        window.seen.shown = performance.timeOrigin + performance.now()
      }
      look()
    })
  }
}
"""
TEXT = "(document.querySelector('answer-prose')?.textContent.length ?? 0)"


@contextmanager
def browser(url: str, session: str) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=services.chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        context = chromium.new_context()
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        yield context
        chromium.close()


def until(page: Page, expression: str) -> Any:
    """Look at every frame until it holds; its value. (Playwright's own waiting needs eval, which the page forbids.)"""
    look = f"() => {{ const found = {expression}; found ? resolve(found) : requestAnimationFrame(look) }}"
    return page.evaluate(f"() => new Promise((resolve) => {{ const look = {look}; look() }})")


def ask(page: Page, question: str) -> None:
    page.locator("textarea").first.fill(question)
    page.keyboard.press("Enter")


def first_delta(context: BrowserContext, url: str) -> tuple[float, float]:
    """(to the browser, to the screen) in ms, from when the upstream wrote its first chunk."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    until(page, "document.querySelector('textarea')?.matches(':focus')")
    ask(page, "!script stamp chunks=12 rate=40")
    until(page, "window.seen.shown")
    seen = page.evaluate("window.seen")
    page.close()
    return seen["arrived"] - seen["written"], seen["shown"] - seen["written"]


def reopened(context: BrowserContext, url: str) -> float:
    """ms from the load event of a page that is opened in mid-answer to the text so far (that of the closed one)."""
    page = context.new_page()
    page.goto(url)
    ask(page, "!script steady chunks=400 rate=100 size=10")
    until(page, f"{TEXT} > 1000")
    address, had = page.url, page.evaluate(TEXT)
    page.close()
    again = context.new_page()
    again.add_init_script("addEventListener('load', () => { window.loaded = performance.now() })")
    again.goto(address)
    shown = until(again, f"{TEXT} >= {had} && performance.now()")
    loaded = again.evaluate("window.loaded")
    again.close()
    return float(shown - loaded)


def long_conversation(context: BrowserContext, served: processes.Served, owner: str) -> float:
    """ms from the navigation to the newest of 2,000 messages on the screen."""
    code = (
        "from tests.factories import make_branch, make_conversation; from accounts.models import User;"
        "from django.contrib.sessions.backends.db import SessionStore;"
        f"owner = User.objects.get(pk=SessionStore('{owner}')['_auth_user_id']);"
        "made = make_conversation(owner, title='Long'); make_branch(made, owner, 2000); print(made.pk)"
    )
    printed = processes.manage("shell", "-v0", "-c", code, DATABASE_URL=served.database_url)
    page = context.new_page()
    page.goto(f"{served.url}/c/{printed.split()[-1]}")
    shown = until(page, "document.body.innerText.includes('Turn 1999') && performance.now()")
    milliseconds = float(shown)
    page.close()
    return milliseconds


def main() -> None:
    times = int(sys.argv[1]) if sys.argv[1:] else TIMES
    services.begin()
    with stage.upstream() as upstream, stage.product(upstream) as served:
        [session] = stage.sessions(served, 1)
        with browser(served.url, session) as context:
            first_delta(context, served.url)  # what is fetched once
            arrived, shown = zip(
                *(first_delta(context, served.url) for _ in range(times)), strict=True
            )
            say("first delta in the browser, after the upstream's first chunk", arrived)
            say("its text on the screen", shown)
            say(
                "reopened in mid-answer: text so far, after the load event",
                [reopened(context, served.url) for _ in range(5)],
            )
            time.sleep(1)
            say(
                "2,000 messages: newest on the screen, after the navigation",
                [long_conversation(context, served, session) for _ in range(3)],
            )


def say(what: str, milliseconds: list[float] | tuple[float, ...]) -> None:
    print(
        f"{statistics.median(milliseconds):7.0f} ms  (worst {max(milliseconds):.0f}, n={len(milliseconds)})  {what}",
        flush=True,
    )


if __name__ == "__main__":
    main()
