"""Two people in one conversation, each in a window of their own."""

import json
import time

import pytest
from playwright.sync_api import Page, expect

from chat.models import Member, Message
from chat.models.member import Role
from tests.browser.screens import (
    answers,
    ask,
    last_answer,
    questions,
    source,
    wait_until_answered,
    wait_until_begun,
)

STEADY = "!script steady chunks=60 rate=30 size=6"
SLOW = "!script steady chunks=600 rate=20 size=6"
SHORT = "!script steady chunks=4 rate=40 size=6"


@pytest.fixture
def team(conversation, ada, ben):
    Member.objects.create(conversation=conversation, user=ben, role=Role.WRITER)
    return conversation


@pytest.fixture
def both(visit, team, ada, ben):
    """Ada's page and Ben's, with the conversation on screen."""
    pages = [visit(who, f"/c/{team.pk}") for who in (ada, ben)]
    for page in pages:
        expect(page.locator("presence-list .presence")).to_have_count(2)
    return pages


def box(page: Page):
    return page.get_by_role("textbox", name="Message", exact=True)


def _text(page: Page) -> str:
    return str(page.evaluate("() => [...document.querySelectorAll('answer-prose')].at(-1)?.text"))


def _said(page: Page) -> list[str]:
    """What stands on the page, in its order."""
    return page.evaluate(
        "() => [...document.querySelectorAll('chat-turn')].map((turn) =>"
        " turn.querySelector('answer-prose')?.text ?? turn.querySelector('[data-text]').textContent)"
    )


def _frames(page: Page) -> list[dict]:
    """What the socket of a page hears from its next load on, each with the time."""
    heard: list[dict] = []

    def listen(socket):
        socket.on(
            "framereceived", lambda data: heard.append({**json.loads(data), "at": time.monotonic()})
        )

    page.on("websocket", listen)
    page.reload()
    return heard


def test_the_other_sees_the_question_and_the_answer_grow_equal_to_the_byte(both):
    first, second = both
    ask(first, f"Count, please.\n{STEADY}")
    expect(questions(second)).to_contain_text(["Count, please."])
    samples = []
    while len(samples) < 5 or second.locator("chat-turn[aria-busy=true]").count():
        one, other = _text(first), _text(second)
        samples.append((one, other))
        assert len(samples) < 500
    wait_until_answered(first)
    assert all(a.startswith(b) or b.startswith(a) for a, b in samples)
    lengths = {len(other) for _, other in samples}
    print(f"{len(samples)} looks at both pages, {len(lengths)} different lengths on the second")
    assert len(lengths) >= 8
    assert source(last_answer(first)) == source(last_answer(second))
    assert source(last_answer(first)) == Message.objects.get(role="assistant").content


def test_names_colours_and_who_asked(both, ada, ben):
    first, second = both
    ask(second, f"Hello from Ben\n{SHORT}")
    wait_until_answered(first)
    turn = questions(first).last
    expect(turn.locator("[data-name]")).to_have_text("Ben")
    expect(turn.locator("[data-you]")).to_be_hidden()
    expect(turn.locator(".avatar")).to_have_attribute("data-hue", str(ben.pk.int % 5 + 1))
    expect(last_answer(first).get_by_text("asked by Ben")).to_be_visible()
    expect(last_answer(second).get_by_text("asked by you")).to_be_visible()
    expect(turn.get_by_role("button", name="Edit")).to_be_hidden()
    expect(turn.get_by_role("button", name="Delete this message")).to_be_visible()
    expect(questions(second).last.get_by_role("button", name="Edit")).to_be_visible()
    expect(last_answer(second).get_by_role("button", name="Delete this answer")).to_be_hidden()
    expect(first.locator("[data-facts]")).to_contain_text("2 people")


def test_who_is_here_and_who_types(both):
    first, second = both
    expect(second.get_by_role("img", name="Ada, here")).to_be_visible()
    box(second).press_sequentially("Well", delay=20)
    expect(first.locator("typing-line [data-line]")).to_contain_text("Ben is typing")
    expect(second.locator("typing-line [data-line]")).to_be_hidden()
    expect(first.locator("typing-line [data-line]")).to_be_hidden(timeout=7000)
    box(second).press_sequentially(", no", delay=20)
    expect(first.locator("typing-line [data-line]")).to_be_visible()
    second.get_by_role("button", name="Ask Gemini").click()
    second.keyboard.press("Escape")
    box(second).press("Enter")
    expect(questions(first)).to_contain_text(["Well, no"])
    expect(first.locator("typing-line [data-line]")).to_be_hidden(timeout=1000)
    expect(answers(first)).to_have_count(0)
    second.close()
    expect(first.get_by_role("img", name="Ben, away")).to_be_visible(timeout=20_000)


def test_who_is_removed_hears_nothing_more(both, team, ben):
    first, second = both
    heard = _frames(second)
    expect(second.locator("presence-list .presence")).to_have_count(2)
    ask(first, f"Between us\n{SLOW}")
    wait_until_begun(second)
    removed = first.evaluate(
        """([chat, person]) => fetch(`/api/v1/conversations/${chat}/members/${person}`, {
          method: "DELETE", headers: { "X-CSRFToken": /csrftoken=([^;]+)/.exec(document.cookie)[1] }
        }).then(({ status }) => status)""",
        [str(team.pk), str(ben.pk)],
    )
    at = time.monotonic()
    assert removed == 204
    expect(second.get_by_role("heading", name="You were removed from this chat.")).to_be_visible()
    second.wait_for_timeout(2500)
    late = [frame for frame in heard if frame["at"] > at and _is_about(frame, team)]
    last = max((frame["at"] - at for frame in late), default=0.0)
    print(f"The last frame about the conversation came {last * 1000:.0f} ms after the removal")
    assert last < 1
    expect(second.locator("chat-turn")).to_have_count(0)
    expect(first.locator("chat-turn[aria-busy=true]")).to_have_count(1)
    first.get_by_role("button", name="Stop the answer").click()
    wait_until_answered(first)


def _is_about(frame: dict, conversation) -> bool:
    return frame["type"] == "completion.delta" or frame.get("conversation") == str(conversation.pk)


def test_a_reader_is_told_so_and_sees_the_change_of_the_role_at_once(both, team, ben):
    first, second = both
    ask(first, f"Look\n{SHORT}")
    wait_until_answered(second)
    _set_role(first, team, ben, "reader")
    expect(second.get_by_text("You can read this chat, but not write in it.")).to_be_visible()
    expect(second.get_by_text("Ask Ada if you want to.")).to_be_visible()
    expect(box(second)).to_be_hidden()
    for name in ("Again", "Delete this answer"):
        button = last_answer(second).get_by_role("button", name=name, exact=True)
        expect(button).to_be_hidden()
    _set_role(first, team, ben, "writer")
    expect(box(second)).to_be_visible()
    ask(second, f"I can\n{SHORT}")
    wait_until_answered(first, 2)


def _set_role(page: Page, conversation, person, role: str) -> None:
    page.evaluate(
        """([chat, person, role]) => fetch(`/api/v1/conversations/${chat}/members/${person}`, {
          method: "PATCH", body: JSON.stringify({ role }), headers: { "Content-Type": "application/json",
          "X-CSRFToken": /csrftoken=([^;]+)/.exec(document.cookie)[1] } })""",
        [str(conversation.pk), str(person.pk), role],
    )


def test_the_next_question_waits_its_turn_and_can_be_taken_back(both):
    first, second = both
    ask(first, f"First\n{SLOW}")
    wait_until_begun(second)
    ask(second, f"Second\n{SHORT}")
    for page in both:
        expect(answers(page)).to_have_count(2)
        expect(last_answer(page).get_by_text("Waits for the answer above.")).to_be_visible()
    expect(last_answer(first).get_by_role("button", name="Take back")).to_be_hidden()
    expect(answers(second).first.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    last_answer(second).get_by_role("button", name="Take back").click()
    expect(questions(first).last).to_contain_text("This message was deleted.")
    expect(answers(first)).to_have_count(1)
    ask(second, f"Third\n{SHORT}")
    expect(last_answer(first).get_by_text("Waits for the answer above.")).to_be_visible()
    answers(first).first.get_by_role("button", name="Stop", exact=True).click()
    for page in both:
        wait_until_answered(page, 2)
    assert source(last_answer(first)) != ""
    assert _said(first) == _said(second)


def test_two_who_send_at_once_see_the_same_order(both):
    first, second = both
    for page, name in ((first, "Ada"), (second, "Ben")):
        box(page).fill(f"{name} says\n{SHORT}")
    both_press = "() => document.querySelector('[data-send]').click()"
    first.evaluate(both_press)
    second.evaluate(both_press)
    for page in both:
        wait_until_answered(page, 2)
    assert _said(first) == _said(second)
    assert len(_said(first)) == 4
    for page in both:
        page.reload()
        wait_until_answered(page, 2)
    assert _said(first) == _said(second)


def test_talk_among_people_asks_no_model_unless_it_is_named(both, team):
    first, second = both
    team.answering = "addressed"
    team.save(update_fields=["answering"])
    for page in both:
        page.reload()
        expect(page.get_by_text("To people only, free")).to_be_visible()
    ask(first, "Lunch?")
    expect(questions(second)).to_contain_text(["Lunch?"])
    expect(answers(first)).to_have_count(0)
    box(first).fill(f"@gemini count\n{SHORT}")
    expect(first.get_by_text("Gemini answers, you pay")).to_be_visible()
    box(first).press("Enter")
    wait_until_answered(second, 1)
    box(first).fill(f"Without a name\n{SHORT}")
    first.get_by_role("button", name="Ask Gemini").click()
    box(first).press("Enter")
    wait_until_answered(second, 2)
    expect(first.get_by_role("button", name="Ask Gemini")).to_have_attribute(
        "aria-pressed", "false"
    )


def test_names_are_chosen_by_keyboard_and_marked(both):
    first, second = both
    field = box(first)
    field.press_sequentially("Hello @")
    names = first.get_by_role("option")
    expect(names).to_have_count(2)
    field.press_sequentially("b")
    expect(names).to_have_count(1)
    field.press("Escape")
    expect(names).to_have_count(0)
    field.press("Backspace")
    field.press("Backspace")
    field.press_sequentially("@")
    field.press("ArrowDown")
    expect(first.get_by_role("option", selected=True)).to_contain_text("Ben")
    field.press("Enter")
    expect(field).to_have_value("Hello @Ben ")
    field.press_sequentially("and @ge")
    field.press("Tab")
    expect(field).to_have_value("Hello @Ben and @Gemini ")
    expect(field).to_be_focused()
    field.press_sequentially("<b>@Ben</b>")
    first.get_by_role("button", name="Ask Gemini").click()
    field.press("Enter")
    expect(questions(second).last.locator(".mention")).to_have_text(["@Ben", "@Gemini", "@Ben"])
    expect(questions(second).last.locator("[data-me]")).to_have_count(2)
    assert _said(second) == ["Hello @Ben and @Gemini <b>@Ben</b>"]
