"""Share links over HTTP."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chat.models import Member
from tests.factories import make_branch, make_user
from tests.shares import policy, share, visitor

JSON = "application/json"


@pytest.fixture
def base(conversation, ada):
    make_branch(conversation, ada, 3)
    return f"/api/v1/conversations/{conversation.pk}/shares"


def body(**fields):
    return {"audience": "public", "kind": "snapshot", **fields}


def test_a_new_link_with_its_address(as_ada, base, client, conversation, settings):
    made = as_ada.post(base, body(), JSON)
    link = made.json()
    assert made.status_code == 201
    assert link["url"].startswith(f"{settings.PUBLIC_URL}/s/")
    assert client.get(link["url"].removeprefix(settings.PUBLIC_URL)).status_code == 200
    assert (link["state"], link["views"], link["has_password"]) == ("open", 0, False)
    assert link["conversation"] == {"id": str(conversation.pk), "title": "Leases"}


def test_without_an_end_it_is_a_week_and_null_is_never(as_ada, base):
    week = as_ada.post(base, body(), JSON).json()["expires_at"]
    never = as_ada.post(base, body(expires_at=None), JSON).json()["expires_at"]
    left = datetime.fromisoformat(week) - timezone.now()
    assert timedelta(days=6.99) < left <= timedelta(days=7)
    assert never is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"audience": "world"},
        {"kind": "video"},
        {"password": "abc"},
        {"password": "with \0 in it"},
        {"max_views": 0},
        {"max_views": 2**31},
        {"expires_at": "tomorrow"},
        {"expires_at": "2027-01-01T00:00:00"},
        {"expires_at": "0001-01-01T00:00:00+23:59"},
        {"expires_at": "9999-12-31T23:59:59-23:59"},
        {"until_message": "5"},
        {"messages": []},
        {"people": ["x"]},
        {"audience": "people"},
        {"token": "mine"},
        {"title": "x" * 201},
        {"title": "with \0 in it"},
        {"kind": "live", "title": "Of its own"},
        {"digest": "x" * 65},
    ],
)
def test_a_wrong_body_is_refused(as_ada, base, wrong):
    assert as_ada.post(base, body(**wrong), JSON).status_code == 422


def test_an_end_that_is_too_late_says_how_late_it_may_be(as_ada, base, monkeypatch):
    policy(monkeypatch, longest_link_days=30)
    refused = as_ada.post(base, body(expires_at=None), JSON)
    told = refused.json()
    assert (refused.status_code, told["code"], told["longest_link_days"]) == (
        422,
        "ends_too_late",
        30,
    )
    assert "expires_at" in told["fields"]
    assert as_ada.get(base).json()["policy"]["longest_link_days"] == 30


def test_a_public_link_that_is_not_allowed(as_ada, base, monkeypatch):
    policy(monkeypatch, public_links=False)
    refused = as_ada.post(base, body(), JSON)
    assert (refused.status_code, refused.json()["code"]) == (403, "public_links_forbidden")


def test_everyone_sees_their_own_and_the_owner_all(as_ada, base, conversation, ada, ben):
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    as_ben = visitor(ben)
    for client in (as_ada, as_ben):
        client.post(base, body(), JSON)
    seen = [
        [link["maker"]["name"] for link in who.get(base).json()["items"]]
        for who in (as_ada, as_ben)
    ]
    assert seen == [["Ben", "Ada"], ["Ben"]]
    assert [link["url"] is None for link in as_ada.get(base).json()["items"]] == [True, False]


def test_own_links_in_pages(as_ada, base, conversation, ada, ben):
    made = [share(conversation, ada).link for _ in range(5)]
    first = as_ada.get("/api/v1/shares?limit=3").json()
    rest = as_ada.get(f"/api/v1/shares?limit=3&before={first['next']}").json()
    ids = [link["id"] for link in first["items"] + rest["items"]]
    assert ids == [str(link.pk) for link in reversed(made)]
    assert rest["next"] is None
    assert visitor(ben).get("/api/v1/shares").json()["items"] == []


def test_turning_off_one_and_all(as_ada, base, conversation, ada):
    links = [share(conversation, ada) for _ in range(3)]
    assert as_ada.delete(f"/api/v1/shares/{links[0].link.pk}").status_code == 204
    assert [visitor().get(each.path).status_code for each in links] == [404, 200, 200]
    assert as_ada.delete("/api/v1/shares").status_code == 204
    assert {link["state"] for link in as_ada.get(base).json()["items"]} == {"revoked"}


def test_staff_see_all_and_turn_off_any(base, conversation, ada):
    shared, as_staff = share(conversation, ada), visitor(make_user("Sam", is_staff=True))
    [seen] = as_staff.get("/api/v1/admin/shares").json()["items"]
    assert (seen["id"], seen["url"]) == (str(shared.link.pk), None)
    assert as_staff.get(f"/api/v1/conversations/{conversation.pk}/shares").status_code == 404
    assert as_staff.delete(f"/api/v1/admin/shares/{shared.link.pk}").status_code == 204
    assert visitor().get(shared.path).status_code == 404


def test_a_preview_names_its_messages_for_choosing(as_ada, base):
    seen = as_ada.post(f"{base}/preview", body(), JSON).json()
    chosen = [seen["messages"][0]["message"], seen["messages"][2]["message"]]
    less = as_ada.post(f"{base}/preview", body(messages=chosen), JSON).json()
    assert [message["content"] for message in less["messages"]] == ["Turn 0", "Turn 2"]
    assert as_ada.post(base, body(messages=chosen), JSON).status_code == 201


def test_what_was_not_looked_at_is_refused(as_ada, base, conversation):
    seen = as_ada.post(f"{base}/preview", body(title=" For you "), JSON).json()
    assert (seen["title"], seen["more"]) == ("For you", False)
    agreed = body(title="For you", digest=seen["digest"])
    assert as_ada.post(base, agreed, JSON).status_code == 201
    refused = as_ada.post(base, {**agreed, "title": "For all"}, JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "preview_outdated")


def test_a_finding_in_the_title_belongs_to_no_message(as_ada, base):
    seen = as_ada.post(f"{base}/preview", body(title="Of ops@example.org"), JSON).json()
    [finding] = seen["findings"]
    assert (finding["kind"], finding["message"]) == ("email", None)


def test_what_was_agreed_comes_back(as_ada, base, ben):
    terms = {
        "audience": "people",
        "people": [str(ben.pk)],
        "kind": "live",
        "show_names": True,
        "max_views": 3,
    }
    made = as_ada.post(base, {**terms, "password": "open sesame"}, JSON).json()
    assert made["people"] == [{"id": str(ben.pk), "name": "Ben"}]
    assert {name: made[name] for name in ("audience", "kind", "show_names", "max_views")} == {
        name: terms[name] for name in ("audience", "kind", "show_names", "max_views")
    }
    assert made["has_password"]
    assert "sesame" not in str(made)


@pytest.mark.parametrize("many", [1, 20])
def test_a_list_costs_the_same_queries_whatever_its_length(
    as_ada, base, conversation, ada, many, django_assert_num_queries
):
    for _ in range(many):
        share(conversation, ada)
    with django_assert_num_queries(4):
        as_ada.get("/api/v1/shares")
