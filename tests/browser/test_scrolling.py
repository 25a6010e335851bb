"""The view follows the end while the person wants it, and long conversations neither jump nor stutter."""

import pytest
from playwright.sync_api import Page, expect

from chat.models import Completion, Message
from chat.models.message import Speaker
from tests.browser.screens import ask, last_answer, turns, wait_until_begun
from tests.factories import make_branch, make_conversation

SLOW = "!script steady chunks=400 rate=40 size=20"
SCROLLER = "document.querySelector('scroll-view [data-scroller]')"
AWAY = f"(({SCROLLER}).scrollHeight - ({SCROLLER}).clientHeight - ({SCROLLER}).scrollTop)"
NOTE_WHEN_SHOWN = """
const newest = "chat-turn:last-of-type answer-prose"
const look = () => document.querySelector(newest)?.text?.includes("Part 2000")
  ? (window.shownAt = performance.now()) : requestAnimationFrame(look)
look()"""
ANSWER = """## Part {number}

Text with **weight** and a list:

- one thing
- another thing

```python
print({number})
```
"""


def _long_conversation(ada, count: int):
    """A branch of so many messages, made in three statements."""
    conversation = make_conversation(ada, title="Long", version=count)
    made: list[Message] = []
    for number in range(1, count + 1):
        asks = number % 2 == 1
        made.append(
            Message(
                conversation=conversation,
                parent=made[-1] if made else None,
                role=Speaker.USER if asks else Speaker.ASSISTANT,
                author=ada if asks else None,
                content=f"Question {number}" if asks else ANSWER.format(number=number),
                version=number,
                position=number,
            )
        )
    Message.objects.bulk_create(made)
    Completion.objects.bulk_create(
        Completion(message=message, model="gemini-3.5-flash", state="completed")
        for message in made
        if message.is_answer()
    )
    return conversation


@pytest.fixture
def page(visit, ada) -> Page:
    chat = make_conversation(ada)
    make_branch(chat, ada, 20)
    opened = visit(ada, f"/c/{chat.pk}")
    expect(last_answer(opened)).to_contain_text("Turn 19")
    return opened


def test_a_chat_opens_at_its_end_and_stays_there_while_text_comes(page):
    assert page.evaluate(AWAY) <= 1
    ask(page, SLOW)
    wait_until_begun(page)
    page.wait_for_timeout(1500)
    assert page.evaluate(AWAY) < 60
    page.keyboard.press("Escape")


def test_who_scrolls_up_is_left_in_peace_and_finds_the_way_back(page):
    ask(page, SLOW)
    wait_until_begun(page)
    page.mouse.move(700, 300)
    page.mouse.wheel(0, -500)
    page.wait_for_timeout(300)
    top = page.evaluate(f"{SCROLLER}.scrollTop")
    page.wait_for_timeout(1000)
    assert abs(page.evaluate(f"{SCROLLER}.scrollTop") - top) <= 1
    page.get_by_role("button", name="To the newest message").click()
    page.wait_for_function(f"() => {AWAY} < 60")
    expect(page.get_by_role("button", name="To the newest message")).to_be_hidden()
    page.wait_for_timeout(500)
    assert page.evaluate(AWAY) < 60
    page.keyboard.press("Escape")


def test_taking_the_message_box_does_not_move_the_text(page):
    page.mouse.move(700, 300)
    page.mouse.wheel(0, -700)
    page.wait_for_timeout(400)
    top = page.evaluate(f"{SCROLLER}.scrollTop")
    page.evaluate("document.activeElement.blur()")
    page.get_by_role("textbox", name="Message", exact=True).click()
    page.keyboard.type("Hello")
    assert page.evaluate(f"{SCROLLER}.scrollTop") == top


def test_two_thousand_messages_open_in_under_a_second(visit, ada):
    chat = _long_conversation(ada, 2000)
    before = visit(ada)
    before.wait_for_load_state("networkidle")  # the files are in the cache, as for whoever was here
    times = []
    for _ in range(3):
        page = visit(tab=before, path=f"/c/{chat.pk}", script=NOTE_WHEN_SHOWN)
        page.wait_for_function("() => window.shownAt")
        times.append(page.evaluate("shownAt"))
        assert page.evaluate(AWAY) <= 1
    print(f"2,000 messages: shown after {sorted(map(round, times))} ms")
    assert min(times) < 1000


def test_reading_upwards_never_jumps(visit, ada):
    chat = _long_conversation(ada, 400)
    page = visit(ada, f"/c/{chat.pk}")
    expect(last_answer(page)).to_contain_text("Part 400")
    page.mouse.move(700, 300)
    # In every frame the topmost visible turn may move only as far as the scroller was scrolled.
    page.evaluate(
        f"""() => {{
          const scroller = {SCROLLER}
          window.jumps = []
          let before = null
          const look = () => {{
            const pane = scroller.getBoundingClientRect()
            const inSight = (box) => box.bottom > pane.top + 40 && box.top < pane.bottom
            const turns = [...document.querySelectorAll("chat-turn")]
            const shown = turns.filter((turn) => inSight(turn.getBoundingClientRect()))
            if (before && before.turn.isConnected) {{
              const moved = before.turn.getBoundingClientRect().top - before.top
              if (Math.abs(moved) > 650) jumps.push(moved)
            }}
            before = shown[0] && {{ turn: shown[0], top: shown[0].getBoundingClientRect().top }}
            requestAnimationFrame(look)
          }}
          look()
        }}"""
    )
    for _ in range(250):
        page.mouse.wheel(0, -600)
        page.wait_for_timeout(30)
        if page.evaluate("document.querySelector('chat-turn')?.textContent.includes('Question 1')"):
            break
    page.wait_for_timeout(500)
    assert page.evaluate("jumps") == []
    assert turns(page).count() > 200


def test_the_place_is_kept_when_older_messages_come_above(visit, ada):
    chat = _long_conversation(ada, 200)
    page = visit(ada, f"/c/{chat.pk}")
    expect(last_answer(page)).to_contain_text("Part 200")
    page.evaluate(f"{SCROLLER}.scrollTo(0, 900)")
    page.wait_for_timeout(100)
    moved = page.evaluate(
        f"""async () => {{
          const pane = {SCROLLER}.getBoundingClientRect()
          const turns = [...document.querySelectorAll("chat-turn")]
          const turn = turns.find((each) => each.getBoundingClientRect().bottom > pane.top)
          {SCROLLER}.scrollTo(0, 0)
          const at = turn.getBoundingClientRect().top
          await new Promise((resolve) => {{
            const isMore = () => document.querySelectorAll("chat-turn").length > turns.length + 4
            const look = () => isMore() ? setTimeout(resolve, 500) : requestAnimationFrame(look)
            look()
          }})
          return turn.getBoundingClientRect().top - at
        }}"""
    )
    assert abs(moved) <= 2
