"""<answer-prose> in Chromium: nothing that a model writes runs, loads, leads away or leaves its box."""

import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browser.harness import Harness
from tests.browser.screens import ROOT

pytestmark = pytest.mark.browser

# Shows every prefix in `cuts`, then the whole, and returns what should not be there.
ATTACK = """async ({ text, cuts }) => {
  const found = new Set()
  const prose = document.createElement("answer-prose")
  prose.className = "prose"
  window.prose.replaceWith(prose)
  window.prose = prose
  const wrong = () => {
    for (const element of prose.querySelectorAll("*")) {
      if (!ALLOWED.has(element.localName)) found.add(`<${element.localName}>`)
      if (element.closest("svg") && !element.closest("button")) found.add("svg")
      for (const { name, value } of element.attributes) {
        if (/^(on|style$|id$|name$|src|action|formaction|xlink|srcdoc|popover|command|is$)/.test(name)) found.add(`${name}=${value}`)
        if (name === "href" && !element.closest("button") && !/^(https?:\\/\\/|mailto:)/.test(value)) found.add(`href ${value}`)
        if (name === "class" && /dialog|menu|toast/.test(value)) found.add(`class ${value}`)
      }
      if (element.localName === "a" && (element.rel !== "noopener noreferrer nofollow ugc" || element.target !== "_blank")) found.add("rel")
    }
  }
  for (const [at, cut] of cuts.entries()) {
    prose.show(text.slice(0, cut), { final: false })
    wrong()
    if (at % 20 === 19) await frame()
  }
  prose.show(text, { final: true })
  wrong()
  await frame()
  wrong()
  for (const element of prose.querySelectorAll("*:not(a)")) {
    for (const type of ["mouseover", "pointerdown", "focusin", "toggle", "load", "error"]) element.dispatchEvent(new Event(type))
    if (!element.closest("a")) element.click?.()
    if (document.activeElement !== element) element.focus?.()
  }
  const box = prose.getBoundingClientRect()
  for (const element of prose.querySelectorAll("*")) {
    const { left, top, width, height } = element.getBoundingClientRect()
    const [x, y] = [left + width / 2, top + height / 2]
    const isOutside = x < box.left - 8 || x > box.right + 8 || y < box.top - 8 || y > box.bottom + 8
    if (isOutside && prose.contains(document.elementFromPoint(x, y))) found.add(`<${element.localName}> at ${x},${y}`)
  }
  if (document.documentElement.scrollWidth > innerWidth) found.add("wider than the window")
  if (window.config || {}.polluted || typeof document.getElementById !== "function" || document.body.localName !== "body") found.add("clobbered")
  return [...found, ...alerts.splice(0), ...blocked.splice(0)]
}"""
ALLOWED = """window.ALLOWED = new Set(("a blockquote br code del div em h3 h4 h5 h6 header button svg use input hr li ol p pre span strong sup "
  + "table tbody td th thead tr ul math menclose mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup "
  + "mtable mtd mtext mtr munder munderover").split(" "))"""


@pytest.fixture(scope="module")
def site() -> Iterator[Harness]:
    with Harness() as harness:
        yield harness


@pytest.fixture
def page(browser: Browser, site: Harness) -> Iterator[Page]:
    """The harness. Whatever leaves it, or asks for what no page asks for, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    opened = context.new_page()
    strange: list[str] = []

    def look(request: Request) -> None:
        path = request.url.removeprefix(site.url)
        if path == request.url or not (
            path in {"", "harness.js"} or path.startswith(("static/", "npm/"))
        ):
            strange.append(request.url)

    context.on("request", look)
    context.on("page", lambda other: strange.append(f"opened {other.url}"))
    opened.on(
        "dialog", lambda dialog: (strange.append(f"dialog {dialog.message}"), dialog.dismiss())
    )
    opened.on("pageerror", lambda error: strange.append(f"error {error}"))
    opened.goto(site.url)
    opened.wait_for_function("() => window.prose?.show")
    opened.evaluate(ALLOWED)
    yield opened
    assert opened.url == site.url
    context.close()
    assert strange == []


def show(page: Page, text: str, *, final: bool = True) -> None:
    page.evaluate(
        """async ([text, final]) => {
          prose.show(text, { final })
          do await frame()
          while (prose.isBusy)
        }""",
        [text, final],
    )


def cuts(text: str, most: int) -> list[int]:
    """Every prefix of a short text, a fair choice of a long one's (its beginning above all)."""
    if len(text) <= most:
        return list(range(1, len(text) + 1))
    return sorted({*range(1, most // 2), *random.sample(range(1, len(text)), most // 2)})


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def load_everything(page: Page) -> None:
    """KaTeX and a grammar, so that what is drawn is drawn in full."""
    show(page, "$x$\n\n```js\n1\n```\n\n```html\n1\n```")
    page.wait_for_function(
        "() => prose.querySelector('math') && prose.querySelector('.hljs-number')"
    )


# How it draws --------------------------------------------------------------------------------------

SAMPLE = (ROOT / "tests/browser/sample.md").read_text(encoding="utf-8")

STREAM = """async ({ text, size, hz, from = 0 }) => {
  let at = from
  let isDue = false
  while (at < text.length) {
    at = Math.min(text.length, at + size)
    if (!isDue) {
      isDue = true
      requestAnimationFrame(() => { isDue = false; prose.show(text.slice(0, at), { final: false }) })
    }
    await new Promise((resolve) => setTimeout(resolve, 1000 / hz))
  }
  await frame()
  prose.show(text, { final: true })
  while (prose.isBusy) await frame()
}"""
