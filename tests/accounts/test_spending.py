"""Reserve, fence, call, settle: never beyond a limit, and every call booked once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import BudgetExceeded, PriceUnknown
from accounts.models import Group, Hold, LedgerEntry, UsageDay
from accounts.prices import Tokens
from accounts.services import budgets, spending
from accounts.services.budgets import Limit
from accounts.services.windows import applying
from tests.accounts.calls import LITE, PRO, call, drift, expire, limit, own_window
from tests.factories import make_user


@pytest.fixture
def staff(db):
    return make_user("Staff", is_staff=True)


def test_what_is_held_is_given_back_but_for_what_was_used(ada, staff):
    limit(ada, staff, tokens=10_000)
    asked = call()
    hold = spending.reserve(ada, asked)
    assert (hold.tokens, own_window(ada).held_tokens) == (1_000, 1_000)
    assert spending.fence(asked.completion_id, 0).max_output == 900
    charge = spending.settle(asked.completion_id, 0, Tokens(prompt=80, output=300), "upstream")
    assert (charge.tokens, charge.source) == (380, "upstream")
    window = own_window(ada)
    assert (window.spent_tokens, window.held_tokens) == (380, 0)
    assert drift() == 0


def test_the_contracts_example_costs_22718_micro_dollars(ada):
    asked = call(model=PRO, prompt=13, most=4_000)
    spending.reserve(ada, asked)
    spending.fence(asked.completion_id, 0)
    used = Tokens(prompt=13, output=1_891, reasoning=1_480)
    assert spending.settle(asked.completion_id, 0, used, "upstream").micro_usd == 22_718
    row = UsageDay.objects.get(user_id=ada.pk)
    assert (row.tokens, row.micro_usd, row.reasoning_tokens) == (1_904, 22_718, 1_480)
    assert LedgerEntry.objects.get().cost_pico == 22_718_000_000


def test_the_same_call_twice_is_one_hold_even_when_the_budget_is_full(ada, staff):
    limit(ada, staff, tokens=1_000)
    asked = call()
    assert spending.reserve(ada, asked).id == spending.reserve(ada, asked).id
    assert own_window(ada).held_tokens == 1_000


def test_settling_twice_books_once(ada):
    asked = call()
    spending.reserve(ada, asked)
    first, second = (
        spending.settle(asked.completion_id, 0, Tokens(10, 20), "upstream") for _ in range(2)
    )
    assert (first.tokens, second) == (30, None)
    assert LedgerEntry.objects.count() == 1


def test_what_does_not_fit_is_made_smaller(ada, staff):
    """5,000 micro-dollars left, a bound of 1,000 tokens at 0.24 and 2 dollars a million: 2,380 of output."""
    from accounts.models import Price

    Price.objects.create(
        model="cheap",
        effective_from=timezone.now() - timedelta(minutes=1),
        prompt=240_000,
        cached=24_000,
        output=2_000_000,
    )
    limit(ada, staff, micro_usd=5_000)
    hold = spending.reserve(ada, call(model="cheap", prompt=1_000, most=8_192, least=512))
    assert (hold.max_output, hold.micro_usd) == (2_380, 5_000)


@pytest.mark.parametrize(
    ("tokens", "reason"), [(0, "blocked"), (100, "request_too_large"), (900, "limit_reached")]
)
def test_a_refusal_says_why_and_takes_nothing(ada, staff, tokens, reason):
    limit(ada, staff, tokens=tokens)
    with pytest.raises(BudgetExceeded) as refused:
        spending.reserve(ada, call(prompt=500))
    told = refused.value.as_dict()
    assert (told["code"], told["reason"], told["scope"]) == ("budget_exceeded", reason, "you")
    assert (told["limit"], told["needed"]) == (tokens, 1_400)
    assert told["resets_at"]
    assert not Hold.objects.exists()
    assert refused.value.status == 402


def test_a_running_reply_that_has_reserved_the_rest_is_the_reason(ada, staff):
    limit(ada, staff, tokens=1_500)
    spending.reserve(ada, call())
    with pytest.raises(BudgetExceeded) as refused:
        spending.reserve(ada, call())
    assert refused.value.more["reason"] == "in_flight"
    assert refused.value.more["retry_after"]


def test_unlimited_is_admitted_and_counted(ada):
    spending.reserve(ada, call())
    assert [window.held_tokens for window in applying(ada.pk)] == [1_000, 1_000]


def test_a_model_without_a_price_is_not_called(ada):
    with pytest.raises(PriceUnknown):
        spending.reserve(ada, call(model="unheard-of"))


def test_a_long_prompt_is_held_and_booked_at_the_long_price(ada):
    asked = call(model=PRO, prompt=250_000, most=100)
    assert spending.reserve(ada, asked).micro_usd == 250_000 * 4 + 100 * 18
    charge = spending.settle(asked.completion_id, 0, Tokens(250_000, 0, cached=50_000), "upstream")
    assert charge.micro_usd == 820_000


def test_all_that_apply_must_admit(ada, ben, staff):
    group = Group.objects.create(name="Research")
    for person in (ada, ben):
        person.group = group
        person.save()
    budgets.limit_group(group, Limit("month", 1_500, None), together=True, by=staff)
    budgets.limit_group(group, Limit("week", 50_000, None), together=False, by=staff)
    spending.reserve(ada, call())
    with pytest.raises(BudgetExceeded) as refused:
        spending.reserve(ben, call())
    assert refused.value.more["scope"] == "group"
    assert "limit" not in refused.value.more
    assert [window.period for window in applying(ben.pk)] == ["week", "month", "month"]
    budgets.limit_workspace(Limit("day", 0, None), by=staff)
    with pytest.raises(BudgetExceeded) as refused:
        spending.reserve(make_user("Eve"), call())
    assert refused.value.more["scope"] == "workspace"


def test_a_hold_that_was_never_sent_costs_nothing_and_can_be_sent_no_more(ada):
    asked = call()
    spending.reserve(ada, asked)
    expire()
    assert spending.sweep() == 1
    assert spending.fence(asked.completion_id, 0) is None
    window = own_window(ada)
    assert (window.spent_tokens, window.held_tokens, drift()) == (0, 0, 0)


def test_a_call_nobody_heard_of_again_is_booked_whole_and_corrected_when_it_is_heard(ada):
    asked = call()
    spending.reserve(ada, asked)
    spending.fence(asked.completion_id, 0)
    expire()
    assert spending.sweep() == 1
    assert own_window(ada).spent_tokens == 1_000
    assert UsageDay.objects.get().estimated_tokens == 1_000
    late = spending.settle(asked.completion_id, 0, Tokens(40, 60), "upstream")
    assert late.tokens == 100
    window, day = own_window(ada), UsageDay.objects.get()
    assert (window.spent_tokens, window.held_tokens, drift()) == (100, 0, 0)
    assert (day.calls, day.prompt_tokens, day.output_tokens, day.estimated_tokens) == (1, 40, 60, 0)


def test_a_lost_call_is_judged_as_its_hold_is_when_it_is_closed(ada):
    asked = call()
    read = spending.reserve(ada, asked)
    spending.fence(asked.completion_id, 0)
    charge = spending.settle_lost(read)
    assert (charge.tokens, charge.source, drift()) == (1_000, "bound", 0)
    assert spending.settle_lost(read) is None


def test_an_estimate_does_not_correct_what_was_swept(ada):
    asked = call()
    spending.reserve(ada, asked)
    spending.fence(asked.completion_id, 0)
    expire()
    spending.sweep()
    assert spending.settle(asked.completion_id, 0, Tokens(1, 1), "estimate") is None
    assert own_window(ada).spent_tokens == 1_000


def test_an_upstream_that_ignores_its_cap_is_booked_as_it_is(ada, staff):
    limit(ada, staff, tokens=1_000)
    asked = call()
    spending.reserve(ada, asked)
    spending.settle(asked.completion_id, 0, Tokens(100, 1_300), "upstream")
    assert own_window(ada).spent_tokens == 1_400
    assert LedgerEntry.objects.get().overrun_tokens == 400
    with pytest.raises(BudgetExceeded):
        spending.reserve(ada, call(prompt=1, most=1))


def test_a_price_that_changes_does_not_change_a_call_under_way(ada):
    from accounts.models import Price

    asked = call(model=LITE, prompt=0, most=1_000_000)
    spending.reserve(ada, asked)
    Price.objects.create(
        model=LITE,
        effective_from=timezone.now() - timedelta(minutes=1),
        prompt=1,
        cached=0,
        output=9_000_000,
    )
    charge = spending.settle(asked.completion_id, 0, Tokens(0, 1_000_000), "upstream")
    assert charge.micro_usd == 1_500_000
    assert spending.price_of(LITE).rate.output == 9_000_000


@pytest.mark.django_db(transaction=True)
def test_64_calls_at_once_never_pass_the_limit(ada):
    """A budget for ten calls: at most ten are held at any moment."""
    staff = make_user("Staff", is_staff=True)
    limit(ada, staff, tokens=10_000)
    seen = Counter()

    def try_one(_):
        try:
            spending.reserve(ada, call(most=900, least=900))
            seen["admitted"] += 1
        except BudgetExceeded as refused:
            seen[refused.more["reason"]] += 1
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as people:
        list(people.map(try_one, range(64)))
    assert seen["admitted"] == 10
    assert own_window(ada).held_tokens == 10_000
    assert drift() == 0


@pytest.mark.django_db(transaction=True)
def test_32_threads_settle_the_same_call_once(ada):
    asked = call()
    spending.reserve(ada, asked)

    def settle(_):
        try:
            return spending.settle(asked.completion_id, 0, Tokens(50, 450), "upstream")
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as threads:
        charges = [charge for charge in threads.map(settle, range(32)) if charge]
    assert len(charges) == LedgerEntry.objects.count() == 1
    assert (own_window(ada).spent_tokens, drift()) == (500, 0)


def test_what_is_settled_is_counted_by_purpose(ada):
    output = spending.TOKENS.labels(LITE, "title", "output")._value
    before = output.get()
    asked = call(purpose="title")
    spending.reserve(ada, asked)
    spending.settle(asked.completion_id, 0, Tokens(10, 100), "upstream")
    assert output.get() - before == 100
