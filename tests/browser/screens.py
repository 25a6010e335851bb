"""What the journeys do and look at, in the words of a person."""

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
BREACHES = """addEventListener("securitypolicyviolation", (breach) => {
  console.error(`${breach.effectiveDirective} is broken by ${breach.blockedURI}`)
})"""
# Preloading would put style sheets into a frame of axe's own, which the policy refuses.
LOOK = "async () => (await axe.run({ preload: false })).violations"


def watched(page: Page, problems: list[str], allows: tuple[str, ...] = ()) -> Page:
    """Note every error of the console, every exception, and every breach of the content security policy."""

    def note(text: str) -> None:
        if not any(allowed in text for allowed in allows):
            problems.append(text)

    def listen(said: ConsoleMessage) -> None:
        if said.type == "error" and "Content Security Policy directive" not in said.text:
            note(f"{said.text} at {said.location.get('url')}")

    page.add_init_script(BREACHES)
    page.on("console", listen)
    page.on("pageerror", lambda error: note(f"{error}"))
    return page


def ask(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def turns(page: Page) -> Locator:
    return page.locator("chat-turn")


def questions(page: Page) -> Locator:
    return page.locator("chat-turn:not(:has(answer-prose))")


def answers(page: Page) -> Locator:
    return page.locator("chat-turn:has(answer-prose)")


def last_answer(page: Page) -> Locator:
    return answers(page).last


def source(turn: Locator) -> str:
    """The Markdown that an answer was drawn from."""
    return str(turn.locator("answer-prose").evaluate("(prose) => prose.text"))


def wait_until_answered(page: Page, count: int = 1, seconds: float = 20) -> None:
    expect(answers(page)).to_have_count(count, timeout=seconds * 1000)
    expect(page.locator("chat-turn[aria-busy=true]")).to_have_count(0, timeout=seconds * 1000)


def wait_until_begun(page: Page) -> None:
    page.wait_for_function(
        "() => [...document.querySelectorAll('answer-prose')].at(-1)?.text.length > 3"
    )


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is, each with its first place."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(LOOK)
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
