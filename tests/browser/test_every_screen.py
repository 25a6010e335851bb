"""Every screen: no axe violations, no console errors, nothing against the content security policy.

`SCREENSHOTS=folder` also keeps pictures of them, in light and dark, 1280 and 390 wide."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from chat.models import Completion, Message
from chat.models.states import State
from tests.browser.screens import answers, violations
from tests.factories import make_conversation, make_message

WIDE = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FOLDER = os.environ.get("SCREENSHOTS")
# Both themes and both widths are in two kinds; pictures are wanted of all four.
KINDS = [(WIDE, "light"), (PHONE, "dark")] + ([(WIDE, "dark"), (PHONE, "light")] if FOLDER else [])
ANSWER = """The load test shows a queue near saturation, not a slow service.

## What happens past 80 %

So waiting grows with $1/(1-\\rho)$:

| Load | Requests/s | Mean wait |
| --- | ---: | ---: |
| 70 % | 389 | 42 ms |
| 89 % | 491 | 146 ms |

```python
def load(rate: float, workers: int = 10) -> float:
    return rate * 0.018 / workers  # seconds of work in a second
```

1. **First** add three workers.
2. Then answer `429` when the queue is full.
"""


def _chat_with_everything(ada):
    chat = make_conversation(ada, title="Why waiting doubles past 80 % load")
    question = make_message(
        chat, ada, content="Why did our p95 double although traffic rose by only 12 %?"
    )
    first = make_message(chat, parent=question, content=ANSWER)
    _describe(
        first, reasoning="They ask about queues.\nTraffic rose a little, waiting a lot.", left_out=2
    )
    again = make_message(chat, ada, parent=first, content="And in one line?")
    other = make_message(chat, ada, parent=first, content="And in one short line, please?")
    make_message(chat, parent=again, content="Half an ans", status=State.INTERRUPTED)
    broken = make_message(chat, parent=other, content="A full queue makes", status=State.TRUNCATED)
    _describe(broken, detail="The connection to the model broke.", code="upstream_error")
    last = make_message(chat, ada, parent=broken, content="Once more, please.")
    failed = make_message(chat, parent=last, content="", status=State.FAILED)
    _describe(failed, detail="The model is overloaded. Nothing was charged.", code="rate_limited")
    make_conversation(ada, title="Angebot für Stadtwerke Nürnberg prüfen")
    make_conversation(ada, title="온보딩 문서 다듬기")
    return chat


def _chat_with_broken_answers(ada):
    """One answer for each way to end early, in a row."""
    chat = make_conversation(ada, title="What makes bread rise")
    end = None
    for state, finish in [
        (State.STOPPED, ""),
        (State.COMPLETED, "length"),
        (State.TRUNCATED, ""),
        (State.FAILED, ""),
        (State.INTERRUPTED, ""),
    ]:
        question = make_message(chat, ada, parent=end, content=f"What makes bread rise? ({state})")
        text = "" if state == State.FAILED else "Yeast eats sugar and breathes out carbon dioxide,"
        end = make_message(chat, parent=question, content=text, status=state)
        detail = ENDS.get(state, "")
        _describe(end, finish_reason=finish, detail=detail)
    return chat


def _describe(answer: Message, **fields) -> None:
    usage = {
        "prompt_tokens": 312,
        "cached_tokens": 0,
        "completion_tokens": 1530,
        "reasoning_tokens": 420,
        "total_tokens": 1842,
        "estimated": False,
    }
    at = answer.created_at
    Completion.objects.filter(message=answer).update(
        usage=usage,
        cost_micro_usd=21_000,
        started_at=at,
        finished_at=at + timedelta(seconds=8.4),
        **fields,
    )


ENDS = {
    State.TRUNCATED: "The connection to the model broke.",
    State.FAILED: "The model is overloaded. Nothing was charged.",
    State.INTERRUPTED: "Our server restarted while this answer was being written. What had come is kept.",
}


@pytest.fixture(params=KINDS, ids=lambda kind: f"{kind[0]['viewport']['width']}-{kind[1]}")
def kind(request):
    size, scheme = request.param
    return {**size, "color_scheme": scheme}


@pytest.fixture
def look(request):
    """`look(page, "name")` checks what is on screen; pictures only on demand."""
    found: dict[str, list[str]] = {}

    def at(page: Page, name: str) -> None:
        page.wait_for_timeout(350)  # what moves comes to rest
        if FOLDER:
            page.screenshot(
                path=Path(FOLDER) / f"{name}-{request.node.callspec.id}.png", caret="initial"
            )
        found[name] = violations(page)

    yield at
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_chat(visit, ada, kind, look):
    chat = _chat_with_everything(ada)
    page = visit(ada, f"/c/{chat.pk}", **kind)
    expect(answers(page)).to_have_count(3)
    look(page, "chat-end")
    page.locator("[data-scroller]").last.evaluate("(pane) => pane.scrollTo(0, 0)")
    page.locator("[data-thoughts] summary").first.click()
    look(page, "chat")
    page.locator("[data-thoughts] summary").first.click()
    page.locator("chat-turn").first.get_by_role("button", name="Edit").click()
    look(page, "edit")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Again with another model").first.click()
    look(page, "again")
    page.keyboard.press("Escape")


def test_answers_that_broke_off(visit, ada, kind, look):
    chat = _chat_with_broken_answers(ada)
    page = visit(ada, f"/c/{chat.pk}", allows=("Failed to load",), **kind)
    expect(page.get_by_role("button", name="Continue")).to_have_count(4)
    page.locator("[data-scroller]").last.evaluate("(pane) => pane.scrollTo(0, 0)")
    look(page, "broken-answers")
    page.get_by_role("button", name="Continue").last.scroll_into_view_if_needed()
    look(page, "broken-last")
    words = {"code": "too_many_answers", "detail": "A hundred of your answers are running."}
    page.route(
        "**/completions", lambda route: route.fulfill(status=429, json={**words, "retry_after": 12})
    )
    page.get_by_role("button", name="Continue").last.click()
    expect(answers(page).last).to_contain_text("Try again in 12 s.")
    look(page, "broken-refused")


def test_the_start_and_what_opens_over_it(visit, ada, kind, look):
    _chat_with_everything(ada)
    page = visit(ada, **kind)
    look(page, "start")
    for name in ("Chat settings", "Model: Gemini 3.5 Flash"):
        page.get_by_role("button", name=name).click()
        look(page, name.split(":")[0].lower().replace(" ", "-"))
        page.keyboard.press("Escape")
    page.keyboard.press("Control+/")
    look(page, "help")
    page.keyboard.press("Escape")
    if "is_mobile" in kind:
        page.get_by_role("button", name="Open the chat list").click()
    look(page, "list")
    page.get_by_role("button", name="Menu of 온보딩 문서 다듬기").click()
    look(page, "chat-menu")
    page.get_by_role("menuitem", name="Delete chat").click()
    look(page, "confirm")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Your menu").click()
    look(page, "person-menu")


def test_the_pages_outside_of_the_chat(visit, ada, kind, look):
    page = visit(path="/accounts/login/", allows=("404",), **kind)
    look(page, "sign-in")
    page.goto("/accounts/signup/")
    look(page, "sign-up")
    page.goto("/accounts/password/reset/")
    look(page, "password-reset")
    page.goto("/no/such/page")
    look(page, "not-found")


def test_the_settings(visit, ada, kind, look):
    ada.is_staff = True
    ada.save()
    page = visit(ada, "/settings/profile", **kind)
    look(page, "profile")
    page.goto("/admin/people/")
    look(page, "people")


def test_a_chat_that_cannot_be_opened(visit, ada, kind, look, conversation):
    page = visit(ada, allows=("Failed to load",), **kind)
    page.route(
        f"**/api/v1/conversations/{conversation.pk}*",
        lambda route: route.fulfill(
            status=500, json={"code": "broken", "detail": "That is our fault."}
        ),
    )
    page.goto(f"/c/{conversation.pk}")
    expect(page.get_by_text("This chat could not be opened.")).to_be_visible()
    look(page, "problem")
