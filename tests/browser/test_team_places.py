"""What is one person's own in a conversation of several: what is new to them, their draft, their place."""

import re

from playwright.sync_api import expect

from chat.models import Member
from tests import services
from tests.browser.screens import ask, questions
from tests.browser.test_team import SHORT, box, team  # noqa: F401  a fixture too
from tests.factories import make_branch, make_message


def test_what_is_new_has_a_line_and_a_way_to_it(visit, team, ada, ben):
    last = make_branch(team, ada, 12)[-1]
    Member.objects.filter(user=ben).update(read_position=last.position)
    for number in range(30):
        last = make_message(team, ada, parent=last, content=f"New {number}\n" + "more\n" * 5)
    page = visit(ben, f"/c/{team.pk}")
    expect(page.locator("chat-turn").last).to_contain_text("New 29")
    jump = page.get_by_role("button", name=re.compile("^30 new"))
    expect(jump).to_be_visible()
    jump.click()
    line = page.get_by_role("separator").get_by_text("New", exact=True)
    expect(line).to_be_in_viewport()
    expect(jump).to_be_hidden()
    following = line.evaluate("(line) => line.nextElementSibling.textContent")
    assert "New 0" in following
    services.wait_for(lambda: Member.objects.get(user=ben).read_position == last.position)


def test_what_comes_while_one_reads_further_up_is_followed_by_a_way_down(visit, team, ada, ben):
    last = make_branch(team, ada, 40)[-1]
    Member.objects.filter(conversation=team).update(read_position=last.position)
    page, other = visit(ben, f"/c/{team.pk}"), visit(ada, f"/c/{team.pk}")
    page.locator("[data-scroller]").last.hover()
    page.mouse.wheel(0, -2000)
    page.wait_for_timeout(300)
    ask(other, f"Down here\n{SHORT}")
    jump = page.get_by_role("button", name=re.compile(r"^\d new"))
    expect(jump).to_be_visible()
    jump.click()
    expect(questions(page).last).to_be_in_viewport()
    expect(page.get_by_role("separator").get_by_text("New", exact=True)).to_be_in_viewport()


def test_a_draft_and_the_place_are_there_on_another_device(visit, team, ada, ben):
    last = make_branch(team, ada, 40)[-1]
    Member.objects.filter(user=ben).update(read_position=last.position)
    page = visit(ben, f"/c/{team.pk}")
    expect(page.locator("chat-turn").last).to_contain_text("Turn 39")
    page.locator("[data-scroller]").last.hover()
    page.mouse.wheel(0, -1500)
    box(page).fill("Half a thought")
    services.wait_for(lambda: Member.objects.get(user=ben).place is not None)
    services.wait_for(lambda: Member.objects.get(user=ben).draft == "Half a thought")
    page.wait_for_timeout(2200)
    place = str(Member.objects.get(user=ben).place)
    other = visit(ben, f"/c/{team.pk}")
    expect(box(other)).to_have_value("Half a thought")
    expect(other.locator(f'chat-turn[data-message="{place}"]')).to_be_in_viewport()
    other.wait_for_timeout(500)
    distance = other.locator(f'chat-turn[data-message="{place}"]').evaluate(
        "(row) => row.getBoundingClientRect().top - document.querySelector('.pane').getBoundingClientRect().top"
    )
    assert abs(distance) < 120
    other.get_by_role("button", name="Ask Gemini").click()
    box(other).press("Enter")
    services.wait_for(lambda: Member.objects.get(user=ben).draft == "")
    expect(box(page)).to_have_value("")


def test_leaving_at_once_keeps_the_draft(visit, team, ben):
    page = visit(ben, f"/c/{team.pk}")
    expect(page.locator("presence-list .avatar")).to_have_count(2)
    box(page).press_sequentially("Just begun")
    page.goto("/settings/profile")
    services.wait_for(lambda: Member.objects.get(user=ben).draft == "Just begun")
