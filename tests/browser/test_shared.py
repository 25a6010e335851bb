"""A shared chat in Chromium: read, followed while an answer is written, continued; nothing in it runs.

`SCREENSHOTS=folder` keeps pictures."""

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from chat.models import Conversation, Member, Message, ShareLink
from chat.services import shares
from tests.browser.payloads import CANARY, EVERYTHING
from tests.browser.screens import answers, ask, source, turns, violations, wait_until_answered
from tests.browser.test_every_screen import ANSWER, kind, look  # noqa: F401  fixtures
from tests.factories import make_conversation, make_message, make_user
from tests.shares import share

MISSING = ("404",)


@pytest.fixture
def chat(ada, ben):
    """Two people and the model."""
    chat = make_conversation(ada, title="Why waiting doubles past 80 % load")
    Member.objects.create(conversation=chat, user=ben, role="writer")
    first = make_message(
        chat, ada, content="Our p95 doubled on Tuesday, although traffic rose by only 12 %. Why?"
    )
    answer = make_message(chat, parent=first, content=ANSWER, model="gemini-3.1-pro-preview")
    make_message(chat, ben, parent=answer, content="Can you turn the steps into a ticket?")
    return chat


def shared_turns(page: Page):
    return page.locator("shared-turn")


def test_a_stranger_reads_it_formatted(visit, ada, chat, kind, look):
    shared = share(chat, ada)
    page = visit(path=shared.path, **kind)
    expect(page).to_have_title("Why waiting doubles past 80 % load · Webchat")
    expect(page.locator("shared-turn table")).to_be_visible()
    expect(page.locator("shared-turn math").first).to_be_attached()
    expect(shared_turns(page)).to_have_count(3)
    look(page, "shared")
    page.get_by_text("You can go on with a copy").scroll_into_view_if_needed()
    look(page, "shared-end")
    page.get_by_role("button", name="Light or dark").click()
    look(page, "shared-themes")
    page.keyboard.press("Escape")
    assert page.context.cookies() == []
    assert ShareLink.objects.get().views == 1
    page.get_by_role("link", name="Continue this chat").first.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_other_pages_of_a_link(visit, ada, chat, kind, look):
    shared = share(chat, ada, password="open sesame")
    page = visit(path="/s/nothing", allows=("404", "403"), **kind)
    look(page, "shared-missing")
    page.goto(shared.path)
    look(page, "shared-locked")
    page.get_by_label("Password").fill("open barley")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not the password")
    look(page, "shared-wrong-password")
    page.get_by_label("Password").fill("open sesame")
    page.keyboard.press("Enter")
    expect(shared_turns(page)).to_have_count(3)
    [cookie] = page.context.cookies()
    assert (cookie["name"], cookie["path"], cookie["httpOnly"]) == ("share", shared.path, True)


def test_who_is_signed_in_continues_it(visit, ada, cyd, chat, kind, look):
    shared = share(chat, ada, audience="signed_in")
    page = visit(cyd, shared.path, **kind)
    look(page, "shared-signed-in")
    page.get_by_role("link", name="Continue this chat").first.click()
    expect(page.get_by_role("heading", name="Continue this chat")).to_be_visible()
    look(page, "shared-continue")
    page.get_by_role("button", name="Copy it and go on").click()
    expect(turns(page)).to_have_count(3)
    mine = Conversation.objects.get(members__user=cyd)
    assert page.url.endswith(f"/c/{mine.pk}")
    page.goto(f"{shared.path}/continue")
    page.get_by_role("button", name="Copy it and go on").click()
    expect(turns(page)).to_have_count(3)
    assert page.url.endswith(f"/c/{mine.pk}")


def test_signing_in_leads_back_to_the_copy(visit, ada, chat, site):
    make_user("Dora", email="dora@example.org", password="correct horse battery")
    page = visit(path=share(chat, ada).path)
    page.get_by_role("link", name="Continue this chat").first.click()
    page.get_by_label("Email").fill("dora@example.org")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Copy it and go on").click()
    expect(turns(page)).to_have_count(3)
    ask(page, "Go on, please.")
    wait_until_answered(page, 2)
    assert chat.messages.count() == 3


def test_a_live_link_follows_an_answer_while_it_is_written(visit, ada, conversation):
    question = make_message(conversation, ada, content="Hello")
    make_message(conversation, parent=question, content="Hello, Ada.")
    shared = share(conversation, ada, kind="live", until_message=question.pk)
    reader = visit(path=shared.path, allows=MISSING)
    expect(shared_turns(reader)).to_have_count(2)
    writer = visit(ada, f"/c/{conversation.pk}")
    ask(writer, "Say a lot.\n!script steady chunks=60 rate=8 size=6")
    expect(shared_turns(reader)).to_have_count(4, timeout=8000)
    growing = reader.locator("shared-turn[aria-busy=true] answer-prose")
    expect(growing).to_have_count(1, timeout=8000)
    lengths = []
    for _ in range(3):
        lengths.append(growing.evaluate("(prose) => prose.text.length"))
        reader.wait_for_timeout(2200)
        if not growing.count():
            break
    wait_until_answered(writer, 2, seconds=60)
    expect(growing).to_have_count(0, timeout=8000)
    end = source(answers(writer).last)
    assert reader.locator("shared-turn answer-prose").last.evaluate("(prose) => prose.text") == end
    print(f"a live link showed {lengths} of {len(end)} characters while they were written")
    expect(reader.locator("[data-count]")).to_have_text("4 messages")
    shares.revoke_all(by=ada)
    expect(reader.get_by_text("This link does not open any more.")).to_be_visible(timeout=8000)


def test_without_scripts_it_is_complete_and_counted(visit, ada, chat):
    page = visit(path=share(chat, ada).path, java_script_enabled=False)
    expect(shared_turns(page)).to_have_count(3)
    expect(page.get_by_text("| 70 % | 389 | 42 ms |")).to_be_visible()
    expect(page.get_by_role("link", name="Continue this chat").first).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    assert ShareLink.objects.get().views == 1


def test_copying_an_answer_and_a_block(visit, ada, chat):
    page = visit(path=share(chat, ada).path, permissions=["clipboard-read", "clipboard-write"])
    page.locator("shared-turn footer").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied").first).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == ANSWER
    page.get_by_role("button", name="Copy Python").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("def load(")


def test_the_theme_that_was_chosen_is_there_before_anything_is_drawn(visit, ada, chat):
    page = visit(path=share(chat, ada).path, color_scheme="light")
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.reload(wait_until="commit")
    page.wait_for_function("document.body")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


LEFT_BEHIND = """() => [...document.querySelectorAll("script, iframe, object, embed, base, form, style, [onclick], [onerror], [onload], [style]")]
  .filter((each) => each.closest("shared-turn, .title")).map((each) => each.outerHTML)"""


@pytest.mark.parametrize("part", range(4))
def test_no_payload_runs_or_leads_away(visit, ada, part):
    """In a question, an answer, the title and a name, as the page really serves them."""
    cache.clear()
    ada.name = "<img src=x onerror=alert(1)>"
    ada.save()
    chat = make_conversation(ada, title="<script>alert(1)</script>"[:200])
    above: Message | None = None
    for payload in EVERYTHING[part::4]:
        text = payload.replace("\0", "").encode("utf-8", "ignore").decode() or "-"
        above = make_message(chat, ada, parent=above, content=text)
        above = make_message(chat, parent=above, content=text)
    assert above
    shared = share(chat, ada, show_names=True, until_message=above.pk)
    page = visit()
    strange: list[str] = []
    page.on("dialog", lambda dialog: (strange.append(dialog.message), dialog.dismiss()))
    page.on("popup", lambda other: strange.append(f"opened {other.url}"))
    page.context.on(
        "request", lambda asked: strange.append(asked.url) if CANARY in asked.url else None
    )
    page.goto(shared.path)
    page.wait_for_function(
        "() => [...document.querySelectorAll('answer-prose')].every((prose) => !prose.isBusy)",
        timeout=60_000,
    )
    assert page.evaluate(LEFT_BEHIND) == []
    assert strange == []
    assert page.url.endswith(shared.path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_by_keyboard_alone(visit, ada, chat):
    page = visit(path=share(chat, ada).path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "shared"
    assert violations(page) == []
