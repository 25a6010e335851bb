"""Who gets in by a share link, and that everybody else is answered alike."""

import statistics
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import people
from chat.models import Member, ShareLink
from chat.services import share_tokens, shares, visits
from chat.services.conversations import delete_conversation
from tests.factories import make_user
from tests.faults.tiers import COUNTS
from tests.shares import UNKNOWN, codes, counting, policy, share, visitor

# The table: audience x visitor


@pytest.mark.parametrize(
    ("audience", "wanted"),
    [  # nobody, a stranger, who was chosen, its maker, who is suspended
        ("public", [200, 200, 200, 200, 200]),
        ("signed_in", [404, 200, 200, 200, 404]),
        ("people", [404, 404, 200, 200, 404]),
    ],
)
def test_who_gets_in(conversation, ada, ben, cyd, branch, audience, wanted):
    gone = make_user("Gone")
    readers = [ben.pk, gone.pk] if audience == "people" else []
    shared = share(conversation, ada, audience=audience, people=readers)
    clients = [visitor(who) for who in (None, cyd, ben, ada, gone)]
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    assert codes(shared.path, *clients) == wanted
    assert codes(f"{shared.path}/changes", *clients) == wanted
    seen = [client.post(f"{shared.path}/seen").status_code for client in clients]
    assert seen == [204 if code == 200 else 404 for code in wanted]


def kill_by_time(shared, **_):
    ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def kill_by_hand(shared, ben, **_):
    shares.revoke_share(shared.link.pk, by=ben)


def kill_by_views(shared, **_):
    ShareLink.objects.update(max_views=1, views=1)


def kill_by_removal(ben, **_):
    Member.objects.filter(user=ben).delete()


def kill_by_demotion(ben, **_):
    Member.objects.filter(user=ben).update(role="reader")


def kill_by_suspension(ben, **_):
    people.suspend(ben, by=make_user("Sam", is_staff=True))


def kill_by_deletion(conversation, ada, **_):
    delete_conversation(conversation.pk, by=ada)


def kill_by_forbidding(monkeypatch, **_):
    policy(monkeypatch, public_links=False)


def kill_by_requiring(monkeypatch, **_):
    policy(monkeypatch, link_password_required=True)


def kill_by_shortening(monkeypatch, **_):
    policy(monkeypatch, longest_link_days=1)


ENDS = [value for name, value in globals().items() if name.startswith("kill_")]


@pytest.mark.parametrize("kill", ENDS, ids=lambda kill: kill.__name__)
@pytest.mark.parametrize("kind", ["snapshot", "live"])
def test_what_ends_a_link(conversation, ada, ben, writer, monkeypatch, kill, kind):
    shared = share(conversation, ben, kind=kind)
    ShareLink.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert codes(shared.path, visitor()) == [200]
    kill(shared=shared, conversation=conversation, ada=ada, ben=ben, monkeypatch=monkeypatch)
    assert codes(shared.path, visitor(), visitor(ada)) == [404, 404]


# One neutral answer


CHANGING = {"X-Request-ID"}


def answer_of(client, path):
    """The body without the address that was asked for, and the headers that are not of one request alone."""
    response = client.get(path)
    nonce = str(response.wsgi_request.csp_nonce)
    headers = {
        name: value.replace(nonce, "?")
        for name, value in response.headers.items()
        if name not in CHANGING
    }
    headers.pop("Content-Length", None)
    body = response.content.decode().replace(nonce, "?").replace(path, "?")
    return response.status_code, body, headers


def test_every_miss_has_the_same_body_and_headers(conversation, ada, ben, cyd, branch):
    def link(**fields):
        return share(conversation, ada, **fields)

    revoked, expired, used_up = link(), link(), link(max_views=1)
    for_ben, for_signed_in = link(audience="people", people=[ben.pk]), link(audience="signed_in")
    locked = link(password="open sesame")
    shares.revoke_share(revoked.link.pk, by=ada)
    ShareLink.objects.filter(pk=expired.link.pk).update(expires_at=timezone.now())
    ShareLink.objects.filter(pk=used_up.link.pk).update(views=1)
    paths = [each.path for each in (revoked, expired, used_up, for_ben, for_signed_in)]
    malformed = ["/s/x", "/s/" + "A" * 32, "/s/" + "a" * 5000, "/s/%00", "/s/%ED%A0%80", "/s/a/b/c"]
    wanted = answer_of(visitor(), UNKNOWN)
    assert wanted[0] == 404
    for path in [*paths, f"{locked.path}/changes", f"{UNKNOWN}/changes"]:
        assert answer_of(visitor(), path) == wanted, path
    for path in malformed:
        status, _, headers = answer_of(visitor(), path)
        assert (status, headers) == (404, wanted[2]), path
    assert answer_of(visitor(cyd), for_ben.path) == answer_of(visitor(cyd), UNKNOWN) == wanted


def test_every_miss_takes_the_same_work(conversation, ada, cyd, branch, monkeypatch):
    monkeypatch.setattr(visits, "MOST_MISSES", 10_000)
    shared = share(conversation, ada)
    shares.revoke_share(shared.link.pk, by=ada)
    client = visitor(cyd)
    took = {path: [] for path in (UNKNOWN, shared.path)}
    queries = {}
    for _ in range(40):
        for path, times in took.items():
            began = time.perf_counter()
            with counting() as asked:
                client.get(path)
            times.append(time.perf_counter() - began)
            queries[path] = len(asked)
    unknown, revoked = (statistics.median(times) * 1000 for times in took.values())
    print(
        f"404 of an unknown token {unknown:.2f} ms, of a revoked one {revoked:.2f} ms: {revoked / unknown:.2f}"
    )
    assert len(set(queries.values())) == 1


def test_an_unknown_token_is_looked_up_like_a_known_one(conversation, ada, branch):
    revoked = share(conversation, ada)
    shares.revoke_share(revoked.link.pk, by=ada)
    for path in (revoked.path, UNKNOWN, "/s/malformed"):
        with counting() as asked:
            visitor().get(path)
        assert len(asked) == 1, path


@pytest.mark.slow
@pytest.mark.django_db(
    transaction=True
)  # what is refused asks the database nothing for a long while
def test_many_guesses_find_nothing_and_are_limited(conversation, ada, branch):
    """All from one address, and then as if it had a whole network: it finds nothing either way."""
    living = share(conversation, ada)
    found = dict.fromkeys((200, 404, 429), 0)
    client = visitor()
    began = time.perf_counter()
    for _ in range(COUNTS.guesses):
        found[client.get(f"/s/{share_tokens.new_token()}").status_code] += 1
    minutes = int((time.perf_counter() - began) // 60) + 2
    print(f"{COUNTS.guesses:,} guesses: {found} in {time.perf_counter() - began:.0f} s")
    assert found[200] == 0
    assert found[404] <= visits.MOST_MISSES * minutes
    limited = client.get(living.path)
    assert limited.status_code == 429
    assert int(limited["Retry-After"]) >= 1
    assert codes(living.path, visitor(REMOTE_ADDR="192.0.2.7")) == [200]


def test_a_network_of_ipv6_is_one_visitor(conversation, ada, branch):
    living = share(conversation, ada)
    for number in range(visits.MOST_MISSES):
        visitor(REMOTE_ADDR=f"2001:db8::{number + 1:x}").get(UNKNOWN)
    assert codes(living.path, visitor(REMOTE_ADDR="2001:db8::ffff")) == [429]
    assert codes(living.path, visitor(REMOTE_ADDR="2001:db8:0:1::1")) == [200]


def test_nobody_is_limited_by_what_they_write_about_themselves(conversation, ada, branch, settings):
    for number in range(visits.MOST_MISSES + 1):
        last = visitor(HTTP_X_FORWARDED_FOR=f"192.0.2.{number}").get(UNKNOWN)
    assert last.status_code == 429
    settings.TRUSTED_PROXIES = 1
    assert visitor(HTTP_X_FORWARDED_FOR="192.0.2.200").get(UNKNOWN).status_code == 404


def test_nobody_waits_for_what_a_link_holds(conversation, ada, branch):
    """A revoked one is as quick to refuse as an unknown one, however much is in it."""
    shared = share(conversation, ada)
    shares.revoke_share(shared.link.pk, by=ada)
    with counting() as asked:
        visitor().get(shared.path)
    assert not any('"content"' in query["sql"] for query in asked)


@pytest.mark.parametrize("kind", ["snapshot", "live"])
@pytest.mark.parametrize("ask", ["page", "changes", "seen", "image", "copy"])
def test_a_chat_that_is_deleted_on_the_way_is_a_miss(
    conversation, ada, ben, branch, monkeypatch, kind, ask
):
    shared, find = share(conversation, ada, kind=kind), visits.find

    def found(token, who):
        link = find(token, who)
        delete_conversation(conversation.pk, by=ada)
        return link

    monkeypatch.setattr(visits, "find", found)
    client = visitor(ben)
    answers = {
        "page": lambda: client.get(shared.path),
        "changes": lambda: client.get(f"{shared.path}/changes?since=0"),
        "seen": lambda: client.post(f"{shared.path}/seen"),
        "copy": lambda: client.post(f"/api/v1/shares/{shared.token}/copy", {}, "application/json"),
        "image": lambda: client.get(f"{shared.path}/seen.gif"),
    }
    assert answers[ask]().status_code == 404


@pytest.mark.parametrize("kind", ["snapshot", "live"])
def test_a_chat_that_is_deleted_after_the_view_was_counted(
    conversation, ada, ben, branch, monkeypatch, kind
):
    shared, count_once = share(conversation, ada, kind=kind), visits.count_once

    def counted(*given):
        count_once(*given)
        delete_conversation(conversation.pk, by=ada)

    monkeypatch.setattr(visits, "count_once", counted)
    path = f"/api/v1/shares/{shared.token}/copy"
    assert visitor(ben).get(f"{shared.path}/changes").status_code == 404
    assert visitor(ben).post(path, {}, "application/json").status_code == 404
