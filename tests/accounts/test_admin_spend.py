"""What staff see of spending; everybody else finds nothing."""

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Group
from accounts.prices import Tokens
from accounts.services import budgets, spending
from accounts.services.budgets import Limit
from accounts.services.spending import Call
from tests.accounts.money import FLASH, HERE, JSON, LITE, PRO, limit, listed, names, spend
from tests.factories import make_user
from webchat.api import api


@pytest.fixture
def ben(db):
    return make_user("Ben")


def admin_routes():
    paths = api.get_openapi_schema()["paths"]
    return [
        (method, path) for path, methods in paths.items() if "/admin/" in path for method in methods
    ]


@pytest.mark.parametrize(("method", "path"), admin_routes())
def test_whoever_is_not_staff_finds_nothing_whatever_they_send(ada, method, path):
    client = Client()
    client.force_login(ada)
    address = path
    for name in ("user_id", "request_id", "hold_id", "change_id"):
        address = address.replace(f"{{{name}}}", str(ada.pk))
    response = client.generic(method.upper(), address, "{}", content_type=JSON)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_the_list_shows_what_was_spent_is_held_and_is_left(as_sam, sam, ada):
    limit(ada, sam, tokens=10_000, micro_usd=1_000_000)
    spend(ada, 4_000)
    spending.reserve(ada, Call(uuid4(), LITE, 100, 900, 900))
    row = next(row for row in listed(as_sam)["items"] if row["name"] == "Ada")
    assert (row["spent_tokens"], row["held_tokens"], row["limit_tokens"]) == (4_000, 1_000, 10_000)
    assert (row["spent_micro_usd"], row["permille"], row["state"]) == (6_000, 500, "ok")
    assert (row["calls"], row["top_model"], row["days"][-1]) == (1, LITE, 6_000)
    assert row["last_active"] == timezone.now().date().isoformat()


@pytest.mark.parametrize(
    ("most", "used", "state"),
    [
        (None, 10, "unlimited"),
        (0, 0, "blocked"),
        (1_000, 799, "ok"),
        (1_000, 800, "near"),
        (1_000, 1_000, "out"),
    ],
)
def test_each_standing_has_its_word(as_sam, sam, ada, most, used, state):
    limit(ada, sam, tokens=most)
    if used:
        spend(ada, used)
    assert [row["state"] for row in listed(as_sam, q="ada")["items"]] == [state]
    assert names(as_sam, status=state, q="ada") == ["Ada"]


def test_who_has_spent_more_than_a_lowered_limit_is_over(as_sam, sam, ada):
    limit(ada, sam, tokens=1_000)
    spend(ada, 900)
    limit(ada, sam, tokens=500)
    assert listed(as_sam, q="ada")["items"][0]["state"] == "over"
    assert listed(as_sam)["summary"]["people"]["over"] == 1


def test_every_column_sorts_both_ways_and_pages_meet(as_sam, sam, ada, ben):
    for number, person in enumerate([ada, ben, make_user("Cyd"), make_user("Dee")]):
        limit(person, sam, tokens=10_000 * (number + 1))
        spend(person, 100 * (number + 1))
    for sort in ("name", "status", "spent", "tokens", "held", "limit", "left", "percent", "active"):
        up = [row["id"] for row in listed(as_sam, sort=sort)["items"]]
        assert listed(as_sam, sort=f"-{sort}")["items"][0]["id"] == up[-1]
        assert _paged(as_sam, sort) == up


def _paged(client, sort):
    found, before = [], ""
    while True:
        page = listed(client, sort=sort, limit=2, before=before)
        found += [row["id"] for row in page["items"]]
        if page["next"] is None:
            return found
        before = page["next"]


def test_a_search_takes_percent_signs_as_they_are(as_sam, ada):
    make_user("50%_off", email="off@example.org")
    assert names(as_sam, q="%_") == ["50%_off"]
    assert names(as_sam, q="ADA@") == ["Ada"]


def test_people_are_found_by_group_and_by_model(as_sam, ada, ben):
    ada.group = Group.objects.create(name="Lab")
    ada.save()
    spend(ben, 10, model=PRO)
    assert names(as_sam, group=str(ada.group_id)) == ["Ada"]
    assert names(as_sam, model=PRO) == ["Ben"]
    assert names(as_sam, model=FLASH) == []


def test_the_last_period_and_a_range_of_days_look_back(as_sam, ada):
    spend(ada, 100)
    today = timezone.now().date().isoformat()
    assert listed(as_sam, q="ada", period="last")["items"][0]["spent_tokens"] == 0
    ranged = listed(as_sam, q="ada", period=f"{today}..{today}")["items"][0]
    assert (ranged["spent_tokens"], ranged["limit_tokens"]) == (100, None)


@pytest.mark.parametrize(
    "query",
    [
        {"period": "yesterday"},
        {"period": "2026-11-02..2026-11-01"},
        {"sort": "password"},
        {"status": "gone"},
        {"before": "nonsense"},
        {"before": f"{uuid4()}:x"},
        {"limit": 1000},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(as_sam, query):
    assert as_sam.get(f"{HERE}/spend", query).status_code == 422


def test_the_list_asks_the_same_number_of_questions_for_any_number_of_people(
    as_sam, ada, ben, django_assert_max_num_queries
):
    for _ in range(20):
        spend(make_user())
    with django_assert_max_num_queries(16):
        assert len(listed(as_sam)["items"]) == 23


def test_the_cards_add_up(as_sam, sam, ada, ben):
    budgets.limit_workspace(Limit("month", None, 1_000_000), by=sam)
    spend(ada, 1_000)
    spend(ben, 500, source="estimate")
    spending.reserve(ada, Call(uuid4(), LITE, 100, 900, 900))
    summary = listed(as_sam)["summary"]
    assert (summary["window"]["spent_tokens"], summary["window"]["held_tokens"]) == (1_500, 1_000)
    assert (summary["sums"]["estimated_tokens"], summary["held"]["calls"]) == (500, 1)
    assert summary["window"]["forecast_micro_usd"] >= summary["window"]["spent_micro_usd"] == 2_250


def test_a_day_is_shown_by_model_with_the_days_before(as_sam, ada):
    spend(ada, 100, model=PRO)
    spend(ada, 200, model=LITE)
    found = as_sam.get(f"{HERE}/spend/days").json()
    assert [(row["model"], row["tokens"]) for row in found["days"]] == [(LITE, 200), (PRO, 100)]
    assert found["previous"] == []


def test_the_contracts_example_is_the_same_figure_everywhere(as_sam, ada):
    asked = Call(uuid4(), PRO, prompt_bound=20, most_output=4_000, least_output=512)
    spending.reserve(ada, asked)
    spending.fence(asked.completion_id, 0)
    used = Tokens(prompt=13, output=1_891, reasoning=1_480)
    spending.settle(asked.completion_id, 0, used, "upstream")
    row = listed(as_sam, q="ada")["items"][0]
    day = as_sam.get(f"{HERE}/spend/days").json()["days"][0]
    entry = as_sam.get(f"{HERE}/users/{ada.pk}/ledger").json()["items"][0]
    assert [row["spent_micro_usd"], day["micro_usd"], entry["micro_usd"]] == [22_718] * 3
    assert [row["spent_tokens"], day["tokens"], entry["tokens"]] == [1_904] * 3
