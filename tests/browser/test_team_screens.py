"""A conversation of several people on every kind of screen: pictures on demand, and what axe finds."""

import pytest
from playwright.sync_api import expect

from chat.models import Completion, Member
from chat.models.member import Role
from chat.models.states import State
from tests.browser.screens import answers
from tests.browser.test_every_screen import kind, look  # noqa: F401  fixtures
from tests.factories import make_conversation, make_message, make_user


@pytest.fixture
def team(ada, ben, cyd):
    chat = make_conversation(ada, title="Why waiting doubles past 80 % load")
    others = [make_user(name) for name in ("Ada Two", "Ben Two", "Cyd Two", "한준서")]
    for person in [ben, *others]:
        Member.objects.create(conversation=chat, user=person, role=Role.WRITER)
    Member.objects.create(conversation=chat, user=cyd, role=Role.READER)
    return chat


def _talk(chat, ada, ben):
    """A question, its answer, talk, and one answer that is gone: the last two are new to Ada."""
    first = make_message(
        chat, ada, content="Why did our p95 double, @Ben? @gemini, what do you say?"
    )
    answer = make_message(
        chat, parent=first, content="The load test shows a queue near saturation."
    )
    Completion.objects.filter(message=answer).update(requested_by=ada)
    reply = make_message(chat, ben, parent=answer, content="I think it is the thumbnail job, @Ada.")
    Member.objects.filter(conversation=chat, user=ada).update(read_position=reply.position)
    more = make_message(chat, ben, parent=reply, content="Can you turn the steps into a ticket?")
    stopped = make_message(chat, parent=more, content="Title: add", status=State.STOPPED)
    Completion.objects.filter(message=stopped).update(requested_by=ben)
    return stopped


def test_several_people(visit, team, ada, ben, kind, look):
    _talk(team, ada, ben)
    other = visit(ben, f"/c/{team.pk}")
    page = visit(ada, f"/c/{team.pk}", **kind)
    expect(answers(page)).to_have_count(2)
    expect(page.locator("presence-list .avatar")).to_have_count(6)
    other.get_by_role("textbox", name="Message", exact=True).press_sequentially("Well, ", delay=20)
    expect(page.locator("typing-line [data-line]")).to_be_visible()
    look(page, "team")
    page.get_by_role("textbox", name="Message", exact=True).press_sequentially("Look, @")
    expect(page.get_by_role("option").first).to_be_visible()
    look(page, "team-names")


def test_a_reader(visit, team, ada, ben, cyd, kind, look):
    _talk(team, ada, ben)
    page = visit(cyd, f"/c/{team.pk}", **kind)
    expect(page.get_by_text("Ask Ada if you want to.")).to_be_visible()
    look(page, "team-reader")


def test_an_answer_that_waits(visit, team, ada, ben, kind, look):
    page = visit(ada, f"/c/{team.pk}", **kind)
    for text in ("One\n!script steady chunks=900 rate=20 size=6", "And two?"):
        page.get_by_role("textbox", name="Message", exact=True).fill(text)
        page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_text("Waits for the answer above.")).to_be_visible()
    look(page, "team-waiting")
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("chat-turn[aria-busy=true]")).to_have_count(0)
    look(page, "team-taken-back")


def test_who_was_removed(visit, team, ada, ben, kind, look):
    page = visit(ben, f"/c/{team.pk}", **kind)
    owner = visit(ada, f"/c/{team.pk}")
    expect(owner.locator("presence-list .avatar").first).to_be_visible()
    owner.evaluate(
        """([chat, person]) => fetch(`/api/v1/conversations/${chat}/members/${person}`, {
          method: "DELETE", headers: { "X-CSRFToken": /csrftoken=([^;]+)/.exec(document.cookie)[1] } })""",
        [str(team.pk), str(ben.pk)],
    )
    expect(page.get_by_role("heading", name="You were removed from this chat.")).to_be_visible()
    look(page, "team-removed")
