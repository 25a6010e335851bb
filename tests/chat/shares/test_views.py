"""How often a link was opened: by people, not by previews, and nobody can tell by whom."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat.models import ShareLink, ShareView
from chat.services import visits
from tests.shares import codes, counting, share, visitor


def open_page(client, shared):
    """As a browser does: the page, and if it comes, that it was shown."""
    code = client.get(shared.path).status_code
    return code if code != 200 else client.post(f"{shared.path}/seen").status_code


def test_a_visitor_counts_once_a_day(conversation, ada, branch, monkeypatch):
    shared = share(conversation, ada)
    one, same, other = visitor(), visitor(), visitor(HTTP_USER_AGENT="Other")
    for client in (one, one, same, other):
        assert open_page(client, shared) == 204
    assert ShareLink.objects.get().views == 2
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(visits.timezone, "localdate", lambda: tomorrow)
    open_page(one, shared)
    assert ShareLink.objects.get().views == 3
    assert list(ShareView.objects.values_list("day", flat=True)) == [tomorrow]


def test_link_previews_do_not_use_up_the_limit(conversation, ada, branch):
    shared = share(conversation, ada, max_views=1)
    for name in ("Slackbot", "Twitterbot", "facebookexternalhit"):
        assert codes(shared.path, visitor(HTTP_USER_AGENT=name)) == [200]
    first = visitor(HTTP_USER_AGENT="Firefox")
    assert open_page(first, shared) == 204
    assert codes(shared.path, visitor(HTTP_USER_AGENT="Chromium"), first) == [404, 200]
    assert [item["state"] for item in _listed(conversation, ada)] == ["used_up"]


def _listed(conversation, ada):
    from chat.services import share_lists

    return share_lists.of_conversation(ada, conversation.pk)


def test_without_scripts_an_image_counts(conversation, ada, branch):
    shared = share(conversation, ada)
    page = visitor().get(shared.path)
    assert f'<noscript><img src="{shared.path}/seen.gif"'.encode() in page.content
    image = visitor().get(f"{shared.path}/seen.gif")
    assert (image.status_code, image["Content-Type"], image.content[:6]) == (
        200,
        "image/gif",
        b"GIF89a",
    )
    assert ShareLink.objects.get().views == 1


def test_nobody_can_tell_from_the_rows_who_it_was(conversation, ada, branch):
    for shared in (share(conversation, ada), share(conversation, ada)):
        open_page(visitor(), shared)
    names = {bytes(view.visitor) for view in ShareView.objects.all()}
    assert len(names) == 2
    assert not any(b"127.0.0.1" in name for name in names)


@pytest.mark.django_db(transaction=True)
def test_twenty_visitors_at_once_and_three_views(conversation, ada, branch):
    shared = share(conversation, ada, max_views=3)

    def come(number):
        try:
            return open_page(visitor(HTTP_USER_AGENT=f"Browser {number}"), shared)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as crowd:
        seen = list(crowd.map(come, range(20)))
    assert seen.count(204) == 3
    assert ShareLink.objects.get().views == 3


# What shows as much as the page does


def test_following_counts_without_the_page(conversation, ada, branch):
    shared = share(conversation, ada, kind="live", max_views=1)
    for since in (0, 1):
        assert codes(f"{shared.path}/changes?since={since}", visitor()) == [200]
    assert ShareLink.objects.get().views == 1
    other = visitor(HTTP_USER_AGENT="Other")
    assert codes(f"{shared.path}/changes?since=1", other) == [404]


def test_following_on_asks_for_no_lock(conversation, ada, branch):
    shared, client = share(conversation, ada, kind="live"), visitor()
    open_page(client, shared)
    with counting() as asked:
        client.get(f"{shared.path}/changes?since=0")
    assert not any("FOR UPDATE" in each["sql"] for each in asked)


@pytest.mark.parametrize("way", ["page", "interface"])
def test_a_copy_is_a_view(conversation, ada, ben, cyd, branch, way):
    shared = share(conversation, ada, max_views=1)
    path = f"{shared.path}/continue" if way == "page" else f"/api/v1/shares/{shared.token}/copy"
    one, other = visitor(ben), visitor(cyd, HTTP_USER_AGENT="Other")
    copies = [client.post(path, {}, "application/json").status_code for client in (one, one, other)]
    assert copies == ([302, 302, 404] if way == "page" else [201, 200, 404])
    assert ShareLink.objects.get().views == 1


def test_who_comes_too_late_by_a_moment_copies_nothing(conversation, ada, ben, branch, monkeypatch):
    """Others use up the last view after the link was found."""
    shared, find = share(conversation, ada, max_views=1), visits.find

    def found(token, who):
        link = find(token, who)
        ShareLink.objects.update(views=1)
        return link

    monkeypatch.setattr(visits, "find", found)
    path = f"/api/v1/shares/{shared.token}/copy"
    assert visitor(ben).post(path, {}, "application/json").status_code == 404


# One address


def agents(count, **extra):
    return [visitor(HTTP_USER_AGENT=f"Browser {number}", **extra) for number in range(count)]


def test_one_address_does_not_use_up_the_views_of_all(conversation, ada, branch):
    shared = share(conversation, ada, max_views=20)
    crowd = agents(50)
    assert {open_page(client, shared) for client in crowd} == {204}
    assert ShareLink.objects.get().views == visits.MOST_NEWCOMERS
    assert ShareView.objects.count() == visits.MOST_NEWCOMERS + 1
    assert open_page(visitor(REMOTE_ADDR="192.0.2.7"), shared) == 204
    assert ShareLink.objects.get().views == visits.MOST_NEWCOMERS + 1
    assert {client.get(f"{shared.path}/changes").status_code for client in crowd} == {200}
    assert ShareLink.objects.get().views == visits.MOST_NEWCOMERS + 1


def test_a_network_of_ipv6_is_one_address(conversation, ada, branch):
    shared = share(conversation, ada, max_views=20)
    for number in range(20):
        open_page(visitor(REMOTE_ADDR=f"2001:db8::{number + 1:x}"), shared)
    assert ShareLink.objects.get().views == visits.MOST_NEWCOMERS


def test_another_link_and_another_day_begin_anew(conversation, ada, branch, monkeypatch):
    one, other = share(conversation, ada), share(conversation, ada)
    for shared in (one, other):
        for client in agents(visits.MOST_NEWCOMERS + 2):
            open_page(client, shared)
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(visits.timezone, "localdate", lambda: tomorrow)
    later = time.time() + visits.DAY
    monkeypatch.setattr("webchat.throttle.time.time", lambda: later)
    open_page(visitor(), one)
    counts = dict(ShareLink.objects.values_list("pk", "views"))
    assert counts == {
        one.link.pk: visits.MOST_NEWCOMERS + 1,
        other.link.pk: visits.MOST_NEWCOMERS,
    }


def test_the_last_view_takes_the_badge_away(conversation, ada, branch, published):
    shared = share(conversation, ada, max_views=1)
    published.clear()
    open_page(visitor(), shared)
    assert [(event["type"], event["item"]["has_link"]) for event, _ in published] == [
        ("conversation.updated", False)
    ]
