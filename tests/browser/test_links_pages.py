"""Settings > Shared links, the page of staff with everybody's, and inviting by mail on the page of people."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from accounts.models import Invitation, Workspace
from chat.models import ShareLink
from tests.browser.sharing import CLIPBOARD, begin_link, make_talk, opened, strict_words
from tests.browser.test_every_screen import kind, look  # noqa: F401  fixtures
from tests.factories import make_user
from tests.shares import share as made_link
from tests.tabs import CSRF, session_for


@pytest.fixture
def sam(transactional_db):
    return make_user("Sam", is_staff=True)


@pytest.fixture
def links(visit, site, ada, ben):
    """Three links of Ada's, to a chat with Ben in it: the newest first in lists."""
    chat = make_talk(ada, ben)
    for fields in (
        {"audience": "people", "people": [str(ben.pk)], "expires_at": None},
        {"audience": "signed_in", "kind": "live", "password": "open sesame"},
        {"audience": "public", "max_views": 3, "show_names": True},
    ):
        share(site, ada, chat, **fields)
    return chat


def share(site, person, chat, **fields):
    cookies = {"sessionid": session_for(person), "csrftoken": CSRF}
    headers = {"X-CSRFToken": CSRF, "Origin": site.url}
    url = f"{site.url}/api/v1/conversations/{chat.pk}/shares"
    body = {"kind": "snapshot"} | fields
    answer = httpx.post(url, json=body, cookies=cookies, headers=headers)
    assert answer.status_code == 201, answer.text


def rows(page):
    return page.get_by_role("table").get_by_role("row").filter(has=page.get_by_role("rowheader"))


def agree(page, title, action):
    page.get_by_role("dialog", name=title).get_by_role("button", name=action).click()


def test_without_links_the_page_says_how_to_make_one(visit, ada, kind, look):
    page = visit(ada, "/settings/profile", **kind)
    if "is_mobile" in kind:
        page.get_by_role("button", name="Open the menu").click()
    page.get_by_role("link", name="Shared links").click()
    expect(page.get_by_text("You have shared nothing by a link.")).to_be_visible()
    expect(page.get_by_role("button", name="Turn all off")).to_be_hidden()
    look(page, "links-none")


@pytest.mark.usefixtures("links")
def test_own_links_are_listed_copied_and_turned_off(visit, ada, kind, look):
    page = visit(ada, "/settings/links", **kind, **CLIPBOARD)
    expect(rows(page)).to_have_count(3)
    expect(rows(page).first).to_contain_text("Why waiting doubles past 80 % load")
    expect(rows(page).first).to_contain_text("Anyone with the link")
    expect(rows(page).nth(1)).to_contain_text("Live · names hidden · with password")
    expect(rows(page).last).to_contain_text("Ben")
    look(page, "links")
    rows(page).first.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status").filter(has_text="The link is copied.")).to_be_visible()
    assert "/s/" in page.evaluate("navigator.clipboard.readText()")
    rows(page).first.get_by_role("button", name="Turn off").click()
    agree(page, "Turn this link off?", "Turn link off")
    expect(rows(page).first).to_contain_text("Turned off")
    expect(rows(page).first.get_by_role("button")).to_have_count(0)
    assert ShareLink.objects.exclude(revoked_at=None).get().audience == "public"
    page.get_by_role("button", name="Turn all off").click()
    look(page, "links-all-off")
    agree(page, "Turn all your links off?", "Turn all off")
    expect(rows(page).filter(has_text="Turned off")).to_have_count(3)
    expect(page.get_by_role("button", name="Turn all off")).to_be_hidden()
    assert not ShareLink.objects.filter(revoked_at=None).exists()


@pytest.mark.usefixtures("links")
def test_a_list_that_does_not_come_can_be_asked_for_again(visit, ada):
    page = visit(ada, "/", allows=("Failed to load resource",))
    page.route(
        "**/api/v1/shares*",
        lambda route: route.fulfill(
            status=500, json={"code": "broken", "detail": "That is our fault."}
        ),
    )
    page.goto("/settings/links")
    expect(page.get_by_role("alert")).to_contain_text("That is our fault.")
    page.unroute("**/api/v1/shares*")
    page.get_by_role("button", name="Try again").click()
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_more_asked_for_twice_at_once_comes_once(visit, ada, ben):
    chat = make_talk(ada, ben)
    last = chat.messages.latest("position")
    for _ in range(53):
        made_link(chat, ada, until_message=last.pk)
    page = visit(ada, "/settings/links")
    expect(rows(page)).to_have_count(50)
    page.evaluate(
        "(() => { const more = document.querySelector('[data-more]'); more.click(); more.click() })()"
    )
    expect(rows(page)).to_have_count(53)
    page.wait_for_load_state("networkidle")
    expect(rows(page)).to_have_count(53)


def test_staff_see_and_turn_off_everybodys_but_read_nothing(visit, sam, links, kind, look):
    page = visit(sam, "/admin/links/", **kind)
    expect(rows(page)).to_have_count(3)
    expect(rows(page).first).to_contain_text("Ada")
    expect(page.get_by_text("Ada made a link")).to_have_count(3)
    expect(page.get_by_text(links.title)).to_have_count(0)
    expect(page.get_by_role("button", name="Copy link")).to_have_count(0)
    expect(page.get_by_role("button", name="Turn all off")).to_have_count(0)
    assert "/s/" not in page.content()
    look(page, "admin-links")
    rows(page).last.get_by_role("button", name="Turn off").click()
    agree(page, "Turn this link off?", "Turn link off")
    expect(rows(page).last).to_contain_text("Turned off")
    assert ShareLink.objects.exclude(revoked_at=None).get().revoked_by == sam
    page.reload()
    expect(page.get_by_text("Sam turned a link of Ada off")).to_be_visible()


def test_staff_invite_by_mail_and_withdraw(visit, sam, kind, look):
    page = visit(sam, "/admin/people/", **kind)
    page.get_by_label("Email", exact=True).fill("dan@example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This is not an email address.")
    look(page, "invite-refused")
    page.get_by_label("Email", exact=True).fill("dan@example.com")
    page.keyboard.press("Enter")
    link = page.get_by_role("textbox", name="Link of the invitation")
    expect(link).to_have_value(re.compile("/invitations/"))
    look(page, "invited")
    page.get_by_role("button", name="Withdraw the invitation of dan@example.com").click()
    expect(page.get_by_role("status")).to_contain_text("The invitation is withdrawn")
    assert Invitation.objects.get().withdrawn_at


@pytest.fixture
def as_it_was(visit, sam):
    """Put back through the page: its process remembers what was saved for a while."""
    yield
    page = visit(sam, "/admin/workspace/")
    page.get_by_label("Links that open for anyone").check()
    page.get_by_label("Every link needs a password").uncheck()
    page.get_by_label("Longest life of a link, in days").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    Workspace.objects.all().delete()


@pytest.mark.usefixtures("as_it_was")
def test_what_staff_decide_about_links_holds_in_the_dialog(visit, sam, ada, ben, kind, look):
    chat = make_talk(ada, ben)
    page = visit(sam, "/admin/workspace/", **kind)
    page.get_by_label("Links that open for anyone").uncheck()
    page.get_by_label("Every link needs a password").check()
    page.get_by_label("Longest life of a link, in days").fill("3")
    look(page, "workspace-links")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    shown = visit(ada, f"/c/{chat.pk}")
    dialog = opened(shown)
    begin_link(dialog, "Everyone signed in")
    strict_words(shown, dialog)
    dialog.get_by_label("Password").fill("open sesame")
    shown.get_by_role("button", name="Preview").click()
    shown.get_by_role("button", name="Create link").click()
    expect(
        dialog.get_by_role("list", name="Links of this chat").get_by_role("listitem")
    ).to_have_count(1)
    link = ShareLink.objects.get()
    assert link.expires_at is not None
    assert (link.expires_at - link.created_at).days == 2
