"""What a person sees of their budget, and asking for more."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import BudgetChange, BudgetRequest, BudgetWindow, Group, UsageDay
from accounts.prices import Tokens
from accounts.services import budgets, changes, spending
from accounts.services.budgets import Limit
from tests.accounts.test_spending import LITE, PRO, call
from tests.factories import make_user

REQUESTS = "/api/v1/me/budget/requests"


@pytest.fixture
def staff(db):
    return make_user("Staff", is_staff=True)


def budget_of(client):
    return client.get("/api/v1/me/budget").json()


def own(client):
    return next(limit for limit in budget_of(client)["limits"] if limit["scope"] == "you")


def use_up(user, tokens, model=LITE):
    asked = call(model=model, prompt=0, most=tokens)
    spending.reserve(user, asked)
    spending.settle(asked.completion_id, 0, Tokens(0, tokens), "upstream")


def limit(user, by, tokens=None, micro_usd=None, period="month"):
    budgets.limit_person(user, Limit(period, tokens, micro_usd), by=by)


def ask(client, **fields):
    return client.post(REQUESTS, json.dumps(fields), content_type="application/json")


def test_nobody_is_limited_until_somebody_says_so(as_ada):
    seen = own(as_ada)
    assert (seen["limit_tokens"], seen["limit_micro_usd"], seen["state"]) == (
        None,
        None,
        "unlimited",
    )
    assert (budget_of(as_ada)["workspace"], budget_of(as_ada)["typical"]) == ("ok", None)


def test_it_takes_few_queries(as_ada, ada, django_assert_num_queries):
    use_up(ada, 100)
    with django_assert_num_queries(6):  # session, person, windows, request, last calls, prices
        budget_of(as_ada)


def test_limit_spent_and_held_with_what_was_granted(as_ada, ada, staff):
    limit(ada, staff, tokens=10_000, micro_usd=5_000_000)
    use_up(ada, 400)
    spending.reserve(ada, call(prompt=100, most=900))
    budgets.grant(ada, tokens=2_000, by=staff)
    seen = own(as_ada)
    assert (seen["limit_tokens"], seen["spent_tokens"], seen["held_tokens"]) == (12_000, 400, 1_000)
    assert (seen["limit_micro_usd"], seen["spent_micro_usd"]) == (5_000_000, 600)
    assert (seen["period"], seen["state"]) == ("month", "ok")
    assert seen["starts_at"] < timezone.now().isoformat() < seen["resets_at"]


@pytest.mark.parametrize(
    ("tokens", "state"), [(1_300, "ok"), (1_250, "near"), (1_000, "out"), (0, "blocked")]
)
def test_the_state_follows_what_is_spent(as_ada, ada, staff, tokens, state):
    use_up(ada, 1_000)
    limit(ada, staff, tokens=tokens)
    assert own(as_ada)["state"] == state


def test_another_period_shows_what_it_has_seen_already(as_ada, ada, staff):
    use_up(ada, 700)
    limit(ada, staff, tokens=1_000, period="day")
    assert own(as_ada)["spent_tokens"] == 700


def test_the_group_shares_its_figures_and_the_workspace_only_a_word(as_ada, ada, ben, staff):
    for person in (ada, ben):
        person.group = Group.objects.get_or_create(name="Research")[0]
        person.save()
    budgets.limit_group(ada.group, Limit("week", 2_000, None), together=True, by=staff)
    budgets.limit_workspace(Limit("month", 1_700, None), by=staff)
    use_up(ben, 1_500)
    seen = budget_of(as_ada)
    assert [(each["scope"], each["spent_tokens"]) for each in seen["limits"]] == [
        ("you", 0),
        ("group", 1_500),
    ]
    assert seen["workspace"] == "near"
    assert "1700" not in json.dumps(seen)


def test_a_typical_message_is_the_mean_of_the_last(as_ada, ada):
    for tokens in (100, 201):
        use_up(ada, tokens)
    assert budget_of(as_ada)["typical"]["tokens"] == 151


def test_prices_tell_which_model_is_cheaper(as_ada):
    prices = budget_of(as_ada)["prices"]
    assert (prices[LITE], prices[PRO]) == (1_500_000, 12_000_000)


def test_usage_by_day_and_model_is_ones_own(as_ada, ada, ben):
    use_up(ada, 100)
    use_up(ada, 200)
    use_up(ada, 50, model=PRO)
    use_up(ben, 7_000)
    long_ago = timezone.localdate() - timedelta(days=30)
    UsageDay.objects.create(day=long_ago, user_id=ada.pk, model=LITE, purpose="chat", tokens=9)
    seen = as_ada.get("/api/v1/me/usage?days=30").json()
    assert [(each["model"], each["tokens"], each["calls"]) for each in seen["days"]] == [
        (LITE, 300, 2),
        (PRO, 50, 1),
    ]
    assert {each["day"] for each in seen["days"]} == {seen["today"]}
    assert len(as_ada.get("/api/v1/me/usage?days=31").json()["days"]) == 3


def test_the_contracts_example_is_the_same_in_budget_and_usage(as_ada, ada):
    asked = call(model=PRO, prompt=13, most=4_000)
    spending.reserve(ada, asked)
    used = Tokens(prompt=13, output=1_891, reasoning=1_480)
    spending.settle(asked.completion_id, 0, used, "upstream")
    [day] = as_ada.get("/api/v1/me/usage").json()["days"]
    seen = own(as_ada)
    assert (day["tokens"], day["micro_usd"]) == (1_904, 22_718)
    assert (seen["spent_tokens"], seen["spent_micro_usd"]) == (1_904, 22_718)


@pytest.mark.parametrize("days", ["0", "367", "many"])
def test_usage_of_a_strange_number_of_days_is_refused(as_ada, days):
    assert as_ada.get(f"/api/v1/me/usage?days={days}").status_code == 422


def test_periods_that_ended_are_kept(as_ada, ada):
    use_up(ada, 100)
    old = BudgetWindow.objects.get(rank=0, subject=ada.pk)
    BudgetWindow.objects.filter(pk=old.pk).update(
        starts=old.starts - timedelta(days=31), ends=old.starts, limit_tokens=500, granted_tokens=50
    )
    [period] = as_ada.get("/api/v1/me/budget/periods").json()["items"]
    assert (period["limit_tokens"], period["spent_tokens"], period["period"]) == (550, 100, "month")


def test_a_person_asks_for_more_and_sees_the_state(as_ada, ada):
    answer = ask(as_ada, tokens=50_000, message="  A deadline\n on Friday ")
    assert answer.status_code == 201
    assert budget_of(as_ada)["request"] == answer.json()
    assert answer.json()["message"] == "A deadline on Friday"
    assert as_ada.get(REQUESTS).json()["items"] == [answer.json()]
    assert BudgetChange.objects.get(subject=ada.pk).action == "request"


def test_one_open_request_at_a_time(as_ada):
    ask(as_ada, tokens=1)
    again = ask(as_ada, micro_usd=5)
    assert (again.status_code, again.json()["code"]) == (409, "already_asked")
    assert BudgetRequest.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tokens": 0},
        {"tokens": -5},
        {"tokens": 1.5},
        {"tokens": True},
        {"tokens": 10**16},
        {"tokens": "5"},
        {"tokens": 1, "micro_usd": -1},
        {"tokens": 1, "message": "x" * 501},
        {"tokens": 1, "message": "\u202egnp.exe"},
        {"tokens": 1, "message": "nul \0"},
        {"tokens": 1, "user": "somebody"},
    ],
)
def test_what_cannot_be_asked_is_refused(as_ada, fields):
    assert ask(as_ada, **fields).status_code == 422
    assert not BudgetRequest.objects.exists()


def test_a_request_is_withdrawn_and_withdrawing_twice_changes_nothing(as_ada):
    asked = ask(as_ada, tokens=1).json()
    for _ in range(2):
        assert as_ada.delete(f"{REQUESTS}/{asked['id']}").status_code == 204
    assert budget_of(as_ada)["request"] is None
    assert BudgetChange.objects.count() == 2
    assert ask(as_ada, tokens=2).status_code == 201


def test_a_decided_request_cannot_be_withdrawn(as_ada, ada):
    decided = BudgetRequest.objects.create(user=ada, tokens=1, state="declined", note="Next month")
    answer = as_ada.delete(f"{REQUESTS}/{decided.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")
    assert budget_of(as_ada)["request"]["note"] == "Next month"


def test_requests_of_others_do_not_exist(as_ada, ben):
    theirs = BudgetRequest.objects.create(user=ben, tokens=1)
    answers = [as_ada.delete(f"{REQUESTS}/{pk}") for pk in (theirs.pk, uuid4())]
    assert answers[0].status_code == 404
    assert answers[0].content == answers[1].content
    assert as_ada.get(REQUESTS).json()["items"] == []


def test_asking_and_withdrawing_tell_the_persons_pages(
    as_ada, ada, monkeypatch, django_capture_on_commit_callbacks
):
    told = []
    monkeypatch.setattr(changes, "_handlers", [told.append])
    with django_capture_on_commit_callbacks(execute=True):
        asked = ask(as_ada, tokens=1).json()
        as_ada.delete(f"{REQUESTS}/{asked['id']}")
    assert told == [ada.pk, ada.pk]


def test_the_usage_page_is_ones_own(client, as_ada, db):
    assert as_ada.get("/settings/usage").status_code == 200
    as_ada.logout()
    stranger = client.get("/settings/usage")
    assert stranger["Location"] == "/accounts/login/?next=/settings/usage"
