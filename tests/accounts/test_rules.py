"""Rules that change while money is spent: limits, periods, groups and grants."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.errors import BudgetExceeded, CannotBeUndone
from accounts.models import Budget, BudgetChange, BudgetWindow, Group, LedgerEntry
from accounts.prices import Tokens
from accounts.services import budgets, spending
from accounts.services.budgets import Limit
from accounts.services.windows import applying, windows_of
from tests.accounts.calls import call, drift, expire, limit, own_window
from tests.factories import make_user


@pytest.fixture
def staff(db):
    return make_user("Staff", is_staff=True)


def test_a_new_limit_holds_at_once_for_what_was_spent_before(ada, staff):
    asked = call()
    spending.reserve(ada, asked)
    spending.settle(asked.completion_id, 0, Tokens(100, 800), "upstream")
    limit(ada, staff, tokens=1_000)
    assert own_window(ada).tokens_left == 100
    with pytest.raises(BudgetExceeded):
        spending.reserve(ada, call())


def test_another_period_begins_with_what_it_has_seen_already(ada, staff):
    done, open_ = call(), call()
    spending.reserve(ada, done)
    spending.settle(done.completion_id, 0, Tokens(100, 800), "upstream")
    spending.reserve(ada, open_)
    limit(ada, staff, tokens=5_000, period="day")
    window = next(one for one in windows_of(ada.pk) if one.rank == 0)
    assert (window.period, window.spent_tokens, window.held_tokens) == ("day", 900, 1_000)
    spending.settle(open_.completion_id, 0, Tokens(1, 1), "upstream")
    assert (own_window(ada).spent_tokens, own_window(ada).held_tokens, drift()) == (902, 0, 0)


def test_a_grant_is_for_this_period_only(ada, staff):
    limit(ada, staff, tokens=500)
    budgets.grant(ada, tokens=1_000, by=staff, reason="Deadline")
    assert spending.reserve(ada, call()).tokens == 1_000
    assert own_window(ada).most_tokens == 1_500
    assert LedgerEntry.objects.get(kind="grant").reason == "Deadline"


def test_a_limit_can_be_put_back(ada, staff):
    limit(ada, staff, tokens=500)
    limit(ada, staff, tokens=900)
    budgets.undo(BudgetChange.objects.order_by("-pk").first(), by=staff)
    windows_of(ada.pk)
    assert own_window(ada).limit_tokens == 500
    assert BudgetChange.objects.count() == 3


def test_the_ledger_and_the_audit_trail_are_only_added_to(ada, staff):
    from django.db import DatabaseError, transaction

    limit(ada, staff, tokens=1)
    asked = call(prompt=0, most=1)
    spending.reserve(ada, asked)
    spending.settle(asked.completion_id, 0, Tokens(0, 1), "upstream")
    for table in ("accounts_ledgerentry", "accounts_budgetchange"):
        for verb in (f"DELETE FROM {table}", f"UPDATE {table} SET reason = 'forged'"):  # noqa: S608
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(verb)


def test_a_period_is_the_workspaces_own(ada, settings):
    settings.TIME_ZONE = "Asia/Kolkata"
    staff = make_user("Staff", is_staff=True)
    limit(ada, staff, tokens=1, period="day")
    window = next(one for one in windows_of(ada.pk) if one.rank == 0)
    assert (window.starts.hour, window.starts.minute) == (18, 30)
    assert window.ends - window.starts == timedelta(days=1)
    assert BudgetWindow.objects.filter(pk=window.id, ends=window.ends).exists()


def test_a_call_that_was_swept_moves_into_a_new_period_and_is_corrected_there_too(ada, staff):
    asked = call()
    spending.reserve(ada, asked)
    spending.fence(asked.completion_id, 0)
    expire()
    spending.sweep()
    limit(ada, staff, tokens=5_000, period="day")
    windows_of(ada.pk)
    spending.settle(asked.completion_id, 0, Tokens(40, 60), "upstream")
    assert (own_window(ada).spent_tokens, drift()) == (100, 0)


def test_who_moves_to_another_group_leaves_what_was_spent_behind(ada, staff):
    groups = [Group.objects.create(name=name) for name in ("Research", "Sales")]
    for group in groups:
        budgets.limit_group(group, Limit("month", 10_000, None), together=True, by=staff)
        ada.group = group
        ada.save()
        asked = call()
        spending.reserve(ada, asked)
        spending.settle(asked.completion_id, 0, Tokens(100, 900), "upstream")
    assert drift() == 0
    budgets.limit_group(groups[1], Limit("week", 10_000, None), together=True, by=staff)
    window = next(one for one in windows_of(ada.pk) if one.rank == 1)
    assert (window.period, window.spent_tokens) == ("week", 1_000)


def test_only_a_limit_whose_subject_is_there_can_be_undone(ada, staff):
    limit(ada, staff, tokens=1_000)
    budgets.grant(ada, tokens=5, by=staff)
    granted = BudgetChange.objects.get(action="grant")
    group = Group.objects.create(name="Research")
    budgets.limit_group(group, Limit("month", 7, None), together=False, by=staff)
    of_group = BudgetChange.objects.order_by("-pk").first()
    group.delete()
    for change in (granted, of_group):
        with pytest.raises(CannotBeUndone):
            budgets.undo(change, by=staff)
    assert Budget.objects.filter(user=ada).exists()
    assert Budget.objects.filter(scope="person", user=None, group=None).count() == 1


def in_a_thread(act):
    """Runs `act` on a connection of its own; the thread, which has begun."""

    def run():
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_call_that_ends_while_a_window_is_opened_is_counted_there(ada, ben):
    staff = make_user("Staff", is_staff=True)
    asked = call()
    spending.reserve(ada, asked)
    spending.fence(asked.completion_id, 0)
    budgets.limit_workspace(Limit("day", 1_000_000, None), by=staff)
    with transaction.atomic():
        spending.reserve(ben, call())  # which opens the workspace's new window
        settling = in_a_thread(
            lambda: spending.settle(asked.completion_id, 0, Tokens(40, 60), "upstream")
        )
        settling.join(0.5)  # it waits for the hold
    settling.join()
    workspace = next(one for one in applying(ada.pk) if one.rank == 2)
    assert (workspace.spent_tokens, workspace.held_tokens, drift()) == (100, 1_000, 0)


@pytest.mark.django_db(transaction=True)
def test_a_block_holds_though_the_window_was_being_opened(ada):
    staff = make_user("Staff", is_staff=True)
    with transaction.atomic():
        spending.reserve(ada, call())
        blocking = in_a_thread(lambda: limit(ada, staff, tokens=0))
        blocking.join(1)
    blocking.join()
    with pytest.raises(BudgetExceeded):
        spending.reserve(ada, call())


@pytest.mark.django_db(transaction=True)
def test_a_hold_that_somebody_has_locked_keeps_no_other_from_being_kept(ada):
    from accounts.models import Hold

    locked, free = call(), call()
    for asked in (locked, free):
        spending.reserve(ada, asked)
    expire()
    with transaction.atomic():
        Hold.objects.select_for_update().get(completion_id=locked.completion_id)
        keeping = in_a_thread(lambda: spending.keep([locked.completion_id, free.completion_id]))
        keeping.join(2)
        assert not keeping.is_alive()
    assert spending.sweep() == 1
    assert Hold.objects.get(completion_id=free.completion_id).state == "held"
