"""How often a link was opened: by people, not by previews, and nobody can tell by whom."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat.models import ShareLink, ShareView
from chat.services import visits
from tests.shares import codes, share, visitor


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
