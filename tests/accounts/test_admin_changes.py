"""What staff do about spending: limits, grants, requests, refunds, prices."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Budget, BudgetChange, BudgetRequest, Group, LedgerEntry, Price
from accounts.models import Hold as HoldRow
from accounts.prices import Tokens
from accounts.services import audit, budgets, spending
from accounts.services.budgets import Limit
from accounts.services.spending import Call
from tests.accounts.money import HERE, LITE, call, limit, listed, own, spend
from tests.factories import make_user


@pytest.fixture
def ben(db):
    return make_user("Ben")


def test_a_limit_is_set_blocked_and_taken_back(as_sam, ada):
    rule = {"period": "week", "limit_tokens": 5_000, "limit_micro_usd": None}
    path = f"users/{ada.pk}/budget"
    assert call(as_sam, "PUT", path, **rule, reason="Trial").status_code == 204
    assert (own(ada).period, own(ada).rule_tokens) == ("week", 5_000)
    call(as_sam, "PUT", path, period="week", limit_tokens=0, limit_micro_usd=0)
    assert listed(as_sam, q="ada")["items"][0]["state"] == "blocked"
    assert call(as_sam, "DELETE", path).status_code == 204
    assert listed(as_sam, q="ada")["items"][0]["has_own"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"period": "month", "limit_tokens": -1, "limit_micro_usd": None},
        {"period": "year", "limit_tokens": 1, "limit_micro_usd": None},
        {"period": "month", "limit_tokens": 1.5, "limit_micro_usd": None},
        {"period": "month", "limit_tokens": 1},
        {"period": "month", "limit_tokens": 1, "limit_micro_usd": 10**16},
    ],
)
def test_a_limit_that_is_no_limit_is_refused(as_sam, ada, body):
    assert call(as_sam, "PUT", f"users/{ada.pk}/budget", **body).status_code == 422


def test_the_default_and_the_workspace_have_limits_too(as_sam, ada):
    rule = {"period": "month", "limit_tokens": None, "limit_micro_usd": 2_000_000}
    call(as_sam, "PUT", "budgets/default", **rule)
    call(as_sam, "PUT", "budgets/workspace", **{**rule, "limit_micro_usd": 50_000_000})
    summary = listed(as_sam)["summary"]
    assert summary["default"]["limit_micro_usd"] == 2_000_000
    assert summary["window"]["limit_micro_usd"] == 50_000_000
    assert len(as_sam.get(f"{HERE}/changes").json()["items"]) == 2


def test_a_grant_counts_for_this_period(as_sam, sam, ada):
    limit(ada, sam, tokens=1_000)
    assert call(as_sam, "POST", f"users/{ada.pk}/grants", tokens=500).status_code == 204
    row = listed(as_sam, q="ada")["items"][0]
    assert (row["limit_tokens"], row["granted_tokens"]) == (1_000, 500)
    assert call(as_sam, "POST", f"users/{ada.pk}/grants").status_code == 422


def test_who_was_deleted_can_be_given_nothing(as_sam, ada):
    ada.is_active, ada.deleted_at = False, timezone.now()
    ada.save()
    assert call(as_sam, "POST", f"users/{ada.pk}/grants", tokens=500).status_code == 404


def test_a_change_is_in_the_trail_and_is_undone(as_sam, sam, ada):
    limit(ada, sam, tokens=1_000)
    limit(ada, sam, tokens=2_000)
    trail = as_sam.get(f"{HERE}/users/{ada.pk}/spend").json()["changes"]
    assert (trail[0]["actor"], trail[0]["before"]["limit_tokens"]) == ("Sam", 1_000)
    assert call(as_sam, "POST", f"changes/{trail[0]['id']}/undo").status_code == 204
    assert own(ada).rule_tokens == 1_000


def test_undoing_for_a_group_that_is_gone_does_not_change_everyone(as_sam, sam):
    lab = Group.objects.create(name="Lab")
    budgets.limit_group(lab, Limit("day", 0, 0), together=False, by=sam)
    budgets.limit_group(lab, Limit("day", 5, 5), together=False, by=sam)
    change = BudgetChange.objects.latest("at")
    lab.delete()
    response = call(as_sam, "POST", f"changes/{change.pk}/undo")
    assert (response.status_code, response.json()["code"]) == (409, "cannot_be_undone")
    assert Budget.objects.get(scope="person").limit_tokens is None


def test_many_are_changed_at_once_after_a_look(as_sam, sam, ada, ben):
    limit(ada, sam, tokens=9_000)
    spend(ada, 2_000)
    rule = {"period": "month", "limit_tokens": 1_000, "limit_micro_usd": None}
    asked = {"people": [str(ada.pk), str(ben.pk)], "limit": rule}
    seen = call(as_sam, "POST", "budgets/bulk", **asked, preview=True).json()["items"]
    assert [(row["name"], row["is_above"]) for row in seen] == [("Ada", True), ("Ben", False)]
    assert own(ada).limit_tokens == 9_000
    call(as_sam, "POST", "budgets/bulk", **asked)
    assert (own(ada).limit_tokens, own(ben).rule_tokens) == (1_000, 1_000)
    assert BudgetChange.objects.filter(subject=ben.pk).get().before is None
    call(as_sam, "POST", "budgets/bulk", people=asked["people"], limit=None)
    assert Budget.objects.filter(user__isnull=False).count() == 0
    assert own(ada).limit_tokens is None


def test_too_many_or_nobody_at_once_is_refused(as_sam):
    for people in ([], [str(uuid4())] * 501):
        response = call(as_sam, "POST", "budgets/bulk", people=people, limit=None)
        assert response.json()["code"] == "too_many_people"


# Requests ------------------------------------------------------------------------------------------


def test_a_request_waits_with_how_the_person_stands_and_is_granted(as_sam, sam, ada):
    limit(ada, sam, tokens=1_000)
    asked = BudgetRequest.objects.create(user=ada, tokens=700, message="A tender")
    waiting = as_sam.get(f"{HERE}/requests").json()["items"]
    assert [(row["message"], row["person"]["name"]) for row in waiting] == [("A tender", "Ada")]
    assert call(as_sam, "POST", f"requests/{asked.pk}/grant").json()["state"] == "granted"
    assert own(ada).most_tokens == 1_700
    assert as_sam.get(f"{HERE}/requests").json()["items"] == []


def test_staff_may_grant_another_amount_or_decline_with_a_note(as_sam, sam, ada, ben):
    limit(ada, sam, tokens=1_000)
    first = BudgetRequest.objects.create(user=ada, tokens=700)
    second = BudgetRequest.objects.create(user=ben, micro_usd=5_000_000)
    call(as_sam, "POST", f"requests/{first.pk}/grant", tokens=50)
    call(as_sam, "POST", f"requests/{second.pk}/decline", note="Use Flash")
    second.refresh_from_db()
    assert own(ada).most_tokens == 1_050
    assert (second.state, second.note, second.decided_by) == ("declined", "Use Flash", sam.pk)


def test_a_request_is_decided_once(as_sam, ada):
    asked = BudgetRequest.objects.create(user=ada, tokens=700)
    call(as_sam, "POST", f"requests/{asked.pk}/decline")
    again = call(as_sam, "POST", f"requests/{asked.pk}/grant")
    assert (again.status_code, again.json()["code"]) == (409, "request_is_decided")
    assert LedgerEntry.objects.count() == 0


# Refunds -------------------------------------------------------------------------------------------


def _lost_call(user):
    asked = Call(uuid4(), LITE, prompt_bound=100, most_output=900, least_output=900)
    spending.reserve(user, asked)
    spending.fence(asked.completion_id, 0)
    HoldRow.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    spending.sweep()
    return HoldRow.objects.get(completion_id=asked.completion_id)


def test_a_call_that_was_charged_by_its_bound_is_given_back_once(as_sam, ada):
    spend(ada, 50)
    hold = _lost_call(ada)
    assert own(ada).spent_tokens == 1_050
    entry = as_sam.get(f"{HERE}/users/{ada.pk}/ledger").json()["items"][0]
    assert entry["refundable"] is True
    back = call(as_sam, "POST", f"holds/{hold.pk}/refund", reason="A node died").json()
    assert (back["tokens"], own(ada).spent_tokens) == (1_000, 50)
    assert call(as_sam, "POST", f"holds/{hold.pk}/refund").status_code == 409
    assert LedgerEntry.objects.filter(kind="refund").get().actor is not None
    assert audit.drifts(settings.TIME_ZONE) == dict.fromkeys(audit.drifts(settings.TIME_ZONE), 0)


def test_what_the_upstream_reports_after_a_refund_is_charged(as_sam, ada):
    hold = _lost_call(ada)
    call(as_sam, "POST", f"holds/{hold.pk}/refund")
    spending.settle(hold.completion_id, 0, Tokens(80, 120), "upstream")
    assert own(ada).spent_tokens == 200
    assert sum(audit.drifts(settings.TIME_ZONE).values()) == 0


def test_nothing_else_is_refunded(as_sam, ada):
    spend(ada, 50)
    hold = HoldRow.objects.get()
    assert call(as_sam, "POST", f"holds/{hold.pk}/refund").status_code == 409
    assert call(as_sam, "POST", f"holds/{uuid4()}/refund").status_code == 404


def test_the_drift_light_is_dark(as_sam, ada):
    spend(ada, 50)
    assert set(as_sam.get(f"{HERE}/spend/drift").json()["drifts"].values()) == {0}


# Prices --------------------------------------------------------------------------------------------

NEW = {"model": LITE, "prompt": 300_000, "cached": 30_000, "output": 1_600_000}


def test_a_new_price_holds_from_now_and_the_old_one_stays(as_sam, ada):
    spend(ada, 1_000)
    assert call(as_sam, "POST", "prices", **NEW).status_code == 204
    items = as_sam.get(f"{HERE}/prices").json()["items"]
    assert [row["is_current"] for row in items if row["model"] == LITE] == [True, False]
    assert spend(ada, 1_000).micro_usd == 1_600
    assert own(ada).spent_micro_usd == 1_500 + 1_600


def test_a_price_by_another_factor_is_asked_about_first(as_sam):
    slip = NEW | {"output": 9_000_000}
    response = call(as_sam, "POST", "prices", **slip)
    assert (response.status_code, response.json()["code"]) == (409, "suspicious_price")
    assert call(as_sam, "POST", "prices", **slip, sure=True).status_code == 204


def test_a_price_without_a_long_tier_may_follow_one_with_it(as_sam):
    plain = {"model": "gemini-3.1-pro-preview", "prompt": 2_000_000, "cached": 200_000}
    response = call(as_sam, "POST", "prices", **plain, output=12_000_000)
    assert response.status_code == 204


def test_a_price_may_begin_later_but_not_earlier(as_sam, ada):
    later = (timezone.now() + timedelta(days=1)).isoformat()
    earlier = (timezone.now() - timedelta(days=1)).isoformat()
    assert call(as_sam, "POST", "prices", **NEW, effective_from=later).status_code == 204
    assert call(as_sam, "POST", "prices", **NEW, effective_from=earlier).status_code == 422
    assert spending.price_of(LITE).rate.output == 1_500_000
    assert Price.objects.filter(model=LITE).count() == 2


@pytest.mark.parametrize(
    "wrong", [{"cached": 400_000}, {"prompt": -1}, {"model": ""}, {"output": 1.5}]
)
def test_a_price_that_makes_no_sense_is_refused(as_sam, wrong):
    assert call(as_sam, "POST", "prices", **NEW | wrong).status_code == 422
