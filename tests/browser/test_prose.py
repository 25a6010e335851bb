"""How answers are drawn while they stream, and how quickly."""

import json

import pytest
from playwright.sync_api import Page

from tests.browser.payloads import CANARY
from tests.browser.prose_page import (  # noqa: F401  some are fixtures
    ATTACK,
    SAMPLE,
    STREAM,
    cuts,
    load_everything,
    page,
    show,
    site,
    units,
)
from tests.browser.screens import violations


def test_blocks_that_are_finished_keep_their_nodes(page):
    load_everything(page)
    show(page, SAMPLE[:900], final=False)
    page.evaluate(
        """() => {
          window.first = [...prose.children].slice(0, 4)
          window.touched = new Set()
          getSelection().selectAllChildren(first[0])
          const waits = ".code, :has(.code)"  // for its colours
          let before = prose.children.length
          new MutationObserver((records) => {
            const rows = [...prose.children]
            for (const { target } of records) {
              const at = rows.findIndex((row) => row.contains(target))
              if (at >= 0 && at < before - 2 && !rows[at].matches(waits)) touched.add(rows[at].textContent.slice(0, 40))
            }
            before = rows.length
          }).observe(prose, { subtree: true, childList: true, characterData: true, attributes: true })
        }"""
    )
    page.evaluate(STREAM, {"text": SAMPLE, "size": 60, "hz": 200, "from": 900})
    assert page.evaluate("first.every((element, at) => element === prose.children[at])")
    assert page.evaluate("getSelection().toString().length") > 100
    # On a slow machine blocks are drawn in slices, and a few are finished a moment later.
    assert page.evaluate("touched.size") <= 5


def test_text_drawn_in_pieces_is_the_text_drawn_at_once(page):
    load_everything(page)
    page.evaluate(STREAM, {"text": SAMPLE, "size": 37, "hz": 250})
    page.wait_for_timeout(500)
    page.evaluate("window.streamed = prose.cloneNode(true)")
    show(page, "")
    show(page, SAMPLE)
    assert page.evaluate("prose.isEqualNode(streamed)")


def test_what_is_not_closed_yet_looks_as_it_will(page):
    """No flash of stars, bars, fences or dollars, and no paragraph that turns into a heading for a moment."""
    load_everything(page)
    text = (
        "Now:\n\n| Load | p95 |\n|---|---|\n| 70 % | 18 ms |\n\nA **bold *word*** and `code`, [a link](https://example.org/x).\n"
        "- one\n- **two**\n\n```python\nprint(1)\n```\n\n$$\nx = \\frac{1}{2}\n$$\n\n1. first\n2. second\n\nEnd.\n"
    )
    seen = page.evaluate(
        """async (text) => {
          const seen = new Set()
          for (let at = 1; at <= text.length; at++) {
            prose.show(text.slice(0, at), { final: false })
            for (const child of prose.children) if (child.localName === "p") seen.add(child.textContent)
            for (const heading of prose.querySelectorAll("h3, h4, h5, h6")) seen.add(heading.outerHTML)
            if (at % 25 === 0) await frame()
          }
          return [...seen]
        }""",
        text,
    )
    odd = [
        words
        for words in seen
        if any(mark in words for mark in ("*", "`", "|", "$", "](", "<h", "\\"))
    ]
    assert odd == []


def test_a_definition_that_comes_late_still_makes_its_links(page):
    show(page, "See [the plan][p] and [P].\n\nMore text.\n\n", final=False)
    assert page.evaluate("prose.querySelectorAll('a').length") == 0
    text = "See [the plan][p] and [P].\n\nMore text.\n\n[p]: https://example.org/plan\n\nEnd.\n"
    show(page, text, final=False)
    assert (
        page.evaluate("[...prose.querySelectorAll('a')].map((a) => a.href)")
        == ["https://example.org/plan"] * 2
    )
    assert "example.org" not in page.evaluate("prose.textContent")


def test_another_text_takes_the_place_of_the_first(page):
    show(page, SAMPLE)
    show(page, "Only *this*.")
    assert page.evaluate("prose.textContent") == "Only this."
    assert page.evaluate("prose.text") == "Only *this*."


def test_headings_skip_no_level_and_stand_under_the_turn(page):
    show(page, "### A\n\n##### B\n\n# C\n\n## D\n\n> # quoted")
    assert page.evaluate(
        "[...prose.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((h) => h.localName)"
    ) == ["h3", "h4", "h3", "h4"]


def test_figures_stand_right_and_names_left(page):
    show(
        page,
        "| A | B | C | D |\n|---|---|:-:|---|\n| 1 | 2,000 ms | x | n/a |\n| 2 | $3.50 | y | 4 |",
    )
    assert page.evaluate(
        "[...prose.querySelectorAll('td')].slice(0, 4).map((cell) => cell.className)"
    ) == ["", "number", "center", ""]


def test_links_say_where_they_lead_when_their_words_lie(page):
    show(
        page,
        "[bank.example](https://canary.test/) [the plan](https://example.org/) [example.org](https://www.example.org/a) "
        "[https://\u0430\u0440\u0440\u04cf\u0435.com](https://\u0430\u0440\u0440\u04cf\u0435.com/) [settings.py](https://example.org/settings.py)",
    )
    assert page.evaluate(
        "[...prose.querySelectorAll('.host')].map((host) => host.textContent)"
    ) == [f"({CANARY})", "(xn--80ak6aa92e.com)"]


def test_the_code_of_a_block_is_copied_and_announced(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("document.addEventListener('copied', ({ detail }) => (window.told = detail))")
    show(page, "```python\nx = '<b>'\n\n\tprint(x)\n```")
    page.wait_for_function("() => prose.querySelector('.hljs-string')")
    page.get_by_role("button", name="Copy Python code").click()
    page.wait_for_function("() => window.told")
    assert page.evaluate("navigator.clipboard.readText()") == "x = '<b>'\n\n\tprint(x)"
    assert page.evaluate("told") == {"what": "Python code", "isDone": True}


def test_controls_that_hide_what_code_does_are_shown_but_not_copied(page):
    show(page, "```c\nif (user\u202e ⁦// admin⁩ ⁦) {}\n```")
    assert page.evaluate("prose.querySelector('.control').dataset.sign") == "U+202E"
    assert (
        page.evaluate("prose.querySelector('code').textContent") == "if (user\u202e ⁦// admin⁩ ⁦) {}"
    )


def test_katex_and_grammars_come_only_when_they_are_needed(page):
    loaded = "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /npm.(katex|@highlight)/.test(name)).length"
    show(page, "Plain **words** and ```fences```, $5 and $6.")
    assert page.evaluate(loaded) == 0
    load_everything(page)
    assert page.evaluate(loaded) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_rich_answer_is_accessible_and_fits(page, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 860})
    show(page, SAMPLE)
    page.wait_for_function("() => !prose.isBusy && prose.querySelector('math')")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    assert page.evaluate("blocked") == []


# How long it takes ---------------------------------------------------------------------------------

LONG = (SAMPLE * 40)[:100_000]


class Tasks:
    """Traces the page's main thread. CPU time and not the clock's: others on the machine are not the page's fault."""

    def __init__(self, page: Page) -> None:
        self.page = page
        assert page.context.browser
        self.browser = page.context.browser
        self.longest = self.longest_by_clock = 0.0

    def __enter__(self) -> "Tasks":
        self.browser.start_tracing(page=self.page, categories=["toplevel"])
        return self

    def __exit__(self, *_: object) -> None:
        events = json.loads(self.browser.stop_tracing())["traceEvents"]
        mains = {
            (e["pid"], e["tid"])
            for e in events
            if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
        }
        tasks = [
            e
            for e in events
            if e["ph"] == "X" and "RunTask" in e["name"] and (e["pid"], e["tid"]) in mains
        ]
        assert len(tasks) > 100
        self.longest = max(task.get("tdur", 0) for task in tasks) / 1000
        self.longest_by_clock = max(task["dur"] for task in tasks) / 1000

    def __str__(self) -> str:
        return f"longest task {self.longest:.0f} ms of CPU, {self.longest_by_clock:.0f} ms by the clock"


def test_a_hundred_thousand_characters_stream_without_a_long_task(page):
    load_everything(page)
    show(page, "")
    page.wait_for_timeout(500)
    with Tasks(page) as tasks:
        page.evaluate(STREAM, {"text": LONG, "size": 200, "hz": 50})
    print(f"streaming 100,000 characters: {tasks}")
    assert tasks.longest <= 50
    assert page.evaluate("prose.text.length") == 100_000
    assert page.evaluate("prose.querySelectorAll('.plain').length") == 0


def test_a_long_answer_that_is_opened_shows_at_once_and_is_drawn_in_slices(page):
    load_everything(page)
    show(page, "")
    page.wait_for_timeout(500)
    with Tasks(page) as tasks:
        assert (
            page.evaluate("(text) => { prose.show(text); return prose.textContent.length }", LONG)
            > 90_000
        )
        page.wait_for_function("() => !prose.isBusy")
        page.wait_for_timeout(300)
    print(f"opening 100,000 characters: {tasks}")
    assert tasks.longest <= 50
    assert page.evaluate("prose.querySelectorAll('.plain').length") == 0


def test_one_block_of_a_hundred_thousand_characters_stays_plain_until_it_ends(page):
    text = "word " * 20_000
    show(page, text, final=False)
    page.wait_for_function("() => !prose.isBusy")
    assert page.evaluate("prose.querySelector('.plain') !== null")
    show(page, text)
    page.wait_for_function("() => !prose.isBusy")
    assert page.evaluate("prose.querySelector('.plain') === null && prose.children.length === 1")
