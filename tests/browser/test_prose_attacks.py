"""What an attacker writes into an answer is text: it never runs, loads or escapes."""

import random

import pytest

from tests.browser.payloads import EVERYTHING, HTML, MARKDOWN, SLOW, TEX
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


@pytest.mark.parametrize("part", range(4))
def test_no_payload_runs_loads_or_escapes(page, part):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    random.seed(seed)
    load_everything(page)
    wrong = {}
    for payload in EVERYTHING[part::4]:
        found = page.evaluate(ATTACK, {"text": payload, "cuts": cuts(payload, 60)})
        if found:
            wrong[payload[:80]] = found
    assert wrong == {}


def test_payloads_in_one_answer_streamed_in_random_chunks(page):
    load_everything(page)
    text = "\n\n".join([*HTML, *MARKDOWN])
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    steps = sorted(random.Random(seed).sample(range(units(text)), 150))
    assert page.evaluate(ATTACK, {"text": text, "cuts": steps}) == []


def test_html_is_shown_as_it_was_written(page):
    for payload in HTML[:-3]:
        show(page, payload)
        shown = page.evaluate("prose.textContent")
        assert payload.split()[0].split(">")[0].split("&")[0] in shown, payload


def test_formulas_of_an_attacker_are_quick_and_literal(page):
    load_everything(page)
    took = page.evaluate(
        """async (all) => {
          const { renderMath } = await import("lib/math.js")
          const once = (tex, display) => { const begun = performance.now(); renderMath(tex, display); return performance.now() - begun }
          return all.map((tex) => Math.min(...[1, 2, 3, 4].map((count) => once(tex + " ".repeat(count), count % 2 === 0))))
        }""",
        TEX,
    )
    print(f"slowest formula {max(took):.1f} ms")
    assert max(took) <= 50
    for tex in TEX[:9]:
        show(page, f"$${tex}$$")
        assert tex.split("{")[0] in page.evaluate("prose.textContent"), tex


def test_what_makes_parsers_slow_is_drawn_within_a_second(page):
    load_everything(page)
    took = {}
    for name, text in {"(ordinary)": (SAMPLE * 40)[:100_000], **SLOW}.items():
        took[name] = page.evaluate(
            """async (text) => {
              const prose = document.createElement("answer-prose")
              prose.className = "prose"
              window.prose.replaceWith(prose)
              window.prose = prose
              const draw = (final, upTo) => { const begun = performance.now(); prose.show(text.slice(0, upTo), { final }); return performance.now() - begun }
              let longest = Math.max(draw(false, 19_000), draw(false, text.length), draw(true, text.length))
              const { scheduler } = window
              for (let last = performance.now(); prose.isBusy;) {
                await scheduler.yield()
                longest = Math.max(longest, performance.now() - last)
                last = performance.now()
              }
              return longest
            }""",
            text,
        )
    print({name: round(ms) for name, ms in sorted(took.items(), key=lambda item: -item[1])[:8]})
    # A second, or as long as this machine takes for twenty ordinary answers of that length.
    limit = max(1000, 20 * took.pop("(ordinary)"))
    assert {name: ms for name, ms in took.items() if ms > limit} == {}
