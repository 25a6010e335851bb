"""What a person is told beside their chats, and the way from there to the message. How the sidebar looks with all of it."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from chat.models import Member
from chat.models.notification import Kind
from tests import services
from tests.browser.screens import ask
from tests.browser.test_every_screen import kind, look  # noqa: F401  fixtures
from tests.browser.together import HIDE, bell, choose, panel, row, shared, told
from tests.factories import make_branch, make_conversation, make_message, make_user

NOTICES = """window.shown = []
window.Notification = class {
  static permission = "default"
  static requestPermission = async () => (Notification.permission = "granted")
  constructor(title, options) { Object.assign(this, { title, options }); shown.push(this) }
  close() {}
}"""


def test_who_is_named_is_told_and_finds_the_message(visit, ada, ben):
    chat = shared(ada, ben)
    turns = make_branch(chat, ben, 40)
    page = visit(ada)
    expect(row(page, "Leases")).to_be_visible()
    ask(visit(ben, f"/c/{chat.pk}"), "@Ada, what do you say?")
    expect(bell(page)).to_have_accessible_name("Notifications, 1 unread")
    told(ada, Kind.MENTION, conversation=chat, message=turns[2], actor=ben, title="Leases")
    page.reload()
    bell(page).click()
    items = panel(page).get_by_role("link")
    expect(items).to_have_count(2)
    expect(items.first).to_contain_text("Ben named you in “Leases”")
    items.first.click()
    expect(panel(page)).to_be_hidden()
    sought = page.locator(f"chat-turn[data-message='{turns[2].pk}']")
    expect(sought).to_be_in_viewport()
    expect(sought).to_be_focused()
    expect(bell(page)).to_have_accessible_name("Notifications")


def test_a_message_on_another_branch_is_found_by_its_address(visit, ada, ben):
    chat = shared(ada, ben)
    first = make_message(chat, ada, content="First version")
    make_message(chat, ada, content="Second version")
    page = visit(ada, f"/c/{chat.pk}#message-{first.pk}")
    expect(page.locator("chat-turn")).to_contain_text(["First version"])
    expect(page.locator(f"chat-turn[data-message='{first.pk}']")).to_be_focused()


def test_a_message_that_is_sought_goes_before_the_place_where_one_stood(visit, ada):
    chat = make_conversation(ada, title="Leases")
    turns = make_branch(chat, ada, 80)
    Member.objects.update(place=turns[40].pk, read_position=80, current_message=turns[-1])
    page = visit(ada, f"/c/{chat.pk}")
    expect(page.locator(f"chat-turn[data-message='{turns[40].pk}']")).to_be_in_viewport()
    page = visit(ada, f"/c/{chat.pk}#message-{turns[4].pk}")
    expect(page.locator(f"chat-turn[data-message='{turns[4].pk}']")).to_be_focused()
    expect(page.locator(f"chat-turn[data-message='{turns[4].pk}']")).to_be_in_viewport()


def test_all_are_marked_as_read_in_every_tab(visit, ada, ben):
    told(ada, Kind.REMOVED, actor=ben, title="Leases")
    page = visit(ada)
    second = visit(tab=page, path="/")
    expect(bell(second)).to_have_accessible_name("Notifications, 1 unread")
    bell(page).press("Enter")
    expect(panel(page)).to_contain_text("Ben removed you from “Leases”")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("button", name="Mark all as read")).to_be_disabled()
    for tab in (page, second):
        expect(bell(tab)).to_have_accessible_name("Notifications")
    page.keyboard.press("Escape")
    expect(bell(page)).to_be_focused()


def test_older_ones_come_on_scrolling_and_the_arrows_move(visit, ada, ben, conversation):
    for _ in range(45):
        told(ada, Kind.INVITED, conversation=conversation, actor=ben, title="Leases")
    page = visit(ada)
    bell(page).click()
    items = panel(page).get_by_role("link")
    expect(items).to_have_count(20)
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    for count in (40, 45):
        panel(page).locator("[data-pages]").evaluate("(list) => list.scrollTo(0, 1e6)")
        expect(items).to_have_count(count)


def test_nothing_told_yet_says_what_would_stand_here(visit, ada):
    page = visit(ada)
    bell(page).click()
    expect(panel(page)).to_contain_text("Nothing yet.")


def test_the_computer_tells_only_who_asked_and_does_not_look(visit, ada, ben):
    chat = shared(ada, ben)
    page = visit(ada, script=NOTICES)
    expect(row(page, "Leases")).to_be_visible()
    other = visit(ben, f"/c/{chat.pk}")
    ask(other, "@Ada once")
    expect(bell(page)).to_have_accessible_name("Notifications, 1 unread")
    bell(page).click()
    page.get_by_role("button", name="Tell me on this computer").click()
    expect(page.get_by_role("button", name="Stop telling me on this computer")).to_be_visible()
    page.keyboard.press("Escape")
    ask(other, "@Ada twice")
    expect(bell(page)).to_have_accessible_name("Notifications, 2 unread")
    assert page.evaluate("shown.length") == 0
    page.evaluate(HIDE)
    ask(other, "@Ada and a secret")
    services.wait_for(lambda: page.evaluate("shown.length") == 1)
    assert page.evaluate("JSON.stringify([shown[0].title, Object.keys(shown[0].options)])") == (
        '["Ben named you in “Leases”",["tag"]]'
    )
    page.evaluate("shown[0].onclick()")
    expect(page).to_have_url(f"{page.url.split('/c/')[0].rstrip('/')}/c/{chat.pk}")


def _busy(ada: User) -> None:
    """A morning in a team: something of everything that a row can say."""
    ben, cyd = make_user("Ben"), make_user("Cyd")
    now = timezone.now()
    for title, unread, days in (
        ("Weekly numbers", 4, 0),
        ("Angebot für Stadtwerke Nürnberg prüfen", 2, 0),
        ("온보딩 문서 다듬기", 101, 0),
        ("Release notes 4.2", 0, 1),
    ):
        chat = shared(
            ada, ben, cyd, title=title, active_at=now - timedelta(days=days, minutes=unread)
        )
        for number in range(unread):
            make_message(chat, ben, content=f"Message {number}")
        Member.objects.filter(conversation=chat, user=ada).update(pinned=title == "Weekly numbers")
    for title in ("Interview guide, round two", "Sensor drift in hall 3"):
        make_conversation(ada, title=title, active_at=now - timedelta(days=3))
    chat = shared(
        ben, ada, title="Kündigungsfristen im Rahmenvertrag", active_at=now - timedelta(days=1)
    )
    named = make_message(chat, ben, content="@Ada?")
    for told_of, fields in (
        (Kind.REMOVED, {"actor": cyd, "title": "Name ideas for the depot tool"}),
        (Kind.ROLE, {"actor": ben, "conversation": chat, "title": chat.title, "read_at": now}),
        (Kind.OWNER, {"actor": cyd, "conversation": chat, "title": "Release notes 4.2"}),
        (Kind.INVITED, {"actor": ben, "conversation": chat, "title": chat.title}),
        (Kind.MENTION, {"actor": ben, "conversation": chat, "message": named, "title": chat.title}),
    ):
        told(ada, told_of, **fields)


def test_the_looks(visit, ada, kind, look):
    _busy(ada)
    page = visit(ada, **kind)
    expect(page.locator("chat-row [data-number]").first).to_have_text("4")
    look(page, "together-start")
    if "is_mobile" in kind:
        page.get_by_role("button", name="Open the chat list").click()
    look(page, "together-list")
    page.get_by_role("button", name="Menu of Kündigungsfristen").click()
    look(page, "together-menu")
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("Ben")
    expect(page.locator("[data-why]:visible").first).to_be_visible()
    look(page, "together-search")
    page.get_by_role("searchbox").fill("")
    choose(page, "Archived")
    expect(page.get_by_text("No archived chats.")).to_be_visible()
    look(page, "together-archived")
    choose(page, "All")
    bell(page).click()
    look(page, "together-told")
