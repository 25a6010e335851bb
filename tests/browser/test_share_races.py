"""The share dialog while the chat goes on, other links come and go, and answers come late."""

import re

import pytest
from playwright.sync_api import expect

from chat.models import Message, ShareLink
from tests.browser.sharing import begin_link, links_in, make_talk, opened, preview
from tests.browser.test_links_pages import share as share_over_http
from tests.factories import make_message, make_running_answer
from tests.shares import share


@pytest.fixture
def chat(transactional_db, ada, ben):
    return make_talk(ada, ben)


class Held:
    """Keeps the answers to what is posted to such addresses until `go` lets them in."""

    def __init__(self, page, pattern):
        self.kept = []
        page.route(pattern, self._keep)

    def _keep(self, route):
        if route.request.method == "POST":
            self.kept.append((route, route.fetch()))
        else:
            route.continue_()

    def go(self):
        for route, answer in self.kept:
            route.fulfill(response=answer)


def last_of(chat):
    return Message.objects.filter(conversation=chat).latest("position")


def test_what_was_written_after_the_preview_is_looked_at_first(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}", allows=("Failed to load resource",))
    dialog = opened(page)
    begin_link(dialog)
    preview(page)
    Message.objects.filter(pk=last_of(chat).pk).update(content="What nobody has looked at")
    page.get_by_role("button", name="Create link").click()
    expect(
        page.get_by_role("alert").filter(has_text="has changed since you looked")
    ).to_be_visible()
    expect(page.get_by_role("region", name="What the link shows")).to_contain_text(
        "nobody has looked"
    )
    assert not ShareLink.objects.exists()
    page.get_by_role("button", name="Create link").click()
    expect(links_in(dialog)).to_have_count(1)
    assert ShareLink.objects.get().content[-1]["content"] == "What nobody has looked at"


def test_a_late_preview_leads_to_no_link_on_another_chat(visit, ada, ben, chat):
    make_talk(ada, ben, title="Another chat")
    page = visit(ada, f"/c/{chat.pk}")
    held = Held(page, "**/shares/preview")
    dialog = opened(page)
    begin_link(dialog)
    with page.expect_request("**/shares/preview"):
        page.get_by_role("button", name="Preview").click()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Another chat").click()
    expect(page.get_by_role("heading", name="Another chat")).to_be_visible()
    begin_link(opened(page))
    with page.expect_response("**/shares/preview"):
        held.go()
    expect(dialog.get_by_role("radio", name=re.compile("^Anyone with"))).to_be_checked()
    expect(page.get_by_role("button", name="Create link")).to_be_hidden()
    assert not ShareLink.objects.exists()


def test_a_late_preview_of_other_choices_is_not_shown(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}")
    held = Held(page, "**/shares/preview")
    dialog = opened(page)
    begin_link(dialog)
    with page.expect_request("**/shares/preview"):
        page.get_by_role("button", name="Preview").click()
    dialog.get_by_label("Show who wrote what").check()
    with page.expect_response("**/shares/preview"):
        held.go()
    expect(dialog.get_by_label("Show who wrote what")).to_be_visible()
    expect(page.get_by_role("button", name="Create link")).to_be_hidden()


def test_a_link_that_is_late_belongs_to_the_chat_that_was_looked_at(visit, ada, ben, chat):
    make_talk(ada, ben, title="Another chat")
    page = visit(ada, f"/c/{chat.pk}")
    held = Held(page, "**/shares")
    dialog = opened(page)
    begin_link(dialog)
    preview(page)
    with page.expect_request("**/shares"):
        page.get_by_role("button", name="Create link").click()
    expect(page.get_by_role("button", name="Back to the link")).to_be_disabled()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Another chat").click()
    expect(page.get_by_role("heading", name="Another chat")).to_be_visible()
    begin_link(opened(page), "Everyone signed in")
    preview(page)
    with page.expect_response("**/shares"):
        held.go()
    expect(page.get_by_role("button", name="Create link")).to_be_enabled()
    expect(links_in(dialog)).to_have_count(0)
    assert ShareLink.objects.get().conversation == chat


def test_ticks_taken_back_after_the_preview_change_nothing(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    begin_link(dialog)
    dialog.get_by_role("radio", name=re.compile("^Some of it")).check()
    ticks = dialog.get_by_role("group", name="Messages to show").get_by_role("checkbox")
    ticks.first.check()
    seen = preview(page)
    expect(seen).to_contain_text("Shared messages")
    page.evaluate(
        "document.querySelectorAll('share-form [data-messages] input').forEach((tick) => (tick.checked = true))"
    )
    page.get_by_role("button", name="Create link").click()
    expect(links_in(dialog)).to_have_count(1)
    [kept] = ShareLink.objects.get().content
    assert kept["content"] == "Why did our p95 double?"


def test_links_of_others_come_and_go_while_the_dialog_is_open(visit, ada, ben, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    begin_link(dialog)
    expect(links_in(dialog)).to_have_count(0)
    made = share(chat, ben, until_message=last_of(chat).pk).link
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(links_in(dialog)).to_contain_text("Made by Ben.")
    expect(dialog.get_by_role("radio", name=re.compile("^Anyone with"))).to_be_checked()
    button = links_in(dialog).get_by_role("button", name="Turn link off")
    button.focus()
    ShareLink.objects.filter(pk=made.pk).update(views=3)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(links_in(dialog)).to_contain_text("Opened 3 times.")
    expect(button).to_be_focused()


def test_the_first_link_is_heard_of_while_the_dialog_is_open(visit, site, ada, ben, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    begin_link(dialog)
    share_over_http(site, ben, chat, audience="signed_in", until_message=str(last_of(chat).pk))
    expect(links_in(dialog)).to_contain_text("Made by Ben.")


def test_a_title_of_ones_own_is_previewed_and_kept(visit, ada, chat):
    page = visit(ada, f"/c/{chat.pk}")
    dialog = opened(page)
    begin_link(dialog)
    dialog.get_by_role("radio", name=re.compile("^Live")).check()
    expect(dialog.get_by_label("Title on the link")).to_be_hidden()
    dialog.get_by_role("radio", name=re.compile("^Up to here")).check()
    dialog.get_by_label("Title on the link").fill("Ask @ada")
    expect(preview(page)).to_contain_text("Ask @ada")
    page.get_by_role("button", name="Name: Ada (in the title)").click()
    expect(page.locator(".preview-title")).to_be_focused()
    page.get_by_role("button", name="Create link").click()
    expect(links_in(dialog)).to_have_count(1)
    assert ShareLink.objects.get().title == "Ask @ada"


def test_that_not_all_findings_are_listed_is_said(visit, ada, chat):
    many = " ".join(f"a{number}@example.org" for number in range(60))
    make_message(chat, ada, parent=last_of(chat), content=many)
    page = visit(ada, f"/c/{chat.pk}")
    begin_link(opened(page))
    preview(page)
    expect(page.get_by_text("There may be more: not everything is listed here.")).to_be_visible()


def test_a_running_answer_is_shared_only_as_far_as_it_was_looked_at(visit, ada, chat):
    running = make_running_answer(chat, last_of(chat))
    page = visit(ada, f"/c/{chat.pk}", allows=("Failed to load resource",))
    dialog = opened(page)
    begin_link(dialog)
    expect(preview(page).get_by_role("article")).to_have_count(3)
    Message.objects.filter(pk=running.pk).update(status="completed", content="The end of it")
    page.get_by_role("button", name="Create link").click()
    expect(
        page.get_by_role("alert").filter(has_text="has changed since you looked")
    ).to_be_visible()
    expect(
        page.get_by_role("region", name="What the link shows").get_by_role("article")
    ).to_have_count(4)
    assert not ShareLink.objects.exists()
