"""Warnings at 80 and 95 percent: once each, and to whom it concerns."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import connection, transaction

from accounts.models import BudgetAlert, Group, LedgerEntry
from accounts.services import budgets, post_office, warnings
from accounts.services.budgets import Limit
from accounts.services.windows import applying, windows_of
from tests.accounts.money import limit, own, spend
from tests.factories import make_user


@pytest.fixture
def posted(with_mail, mailoutbox, django_capture_on_commit_callbacks):
    """`posted(user, tokens)`: the mails that go out when a person spends as much."""

    def spent(user, tokens):
        with django_capture_on_commit_callbacks(execute=True):
            spend(user, tokens)
        post_office.wait()
        return mailoutbox

    return spent


def thresholds(user):
    """Those that a person's windows have passed without a warning so far."""
    windows = [window.id for window in applying(user.pk) if window.id]
    return [each.threshold for each in warnings.warn(windows)]


def alerts():
    return [alert.threshold for alert in BudgetAlert.objects.order_by("pk")]


@pytest.mark.parametrize(
    ("tokens", "passed"), [(799, []), (800, [80]), (949, [80]), (950, [80, 95]), (1_200, [80, 95])]
)
def test_the_thresholds_are_exact(ada, sam, tokens, passed):
    spend(ada, tokens)
    limit(ada, sam, tokens=1_000)
    assert thresholds(ada) == passed


def test_a_settlement_gives_each_once(ada, sam, posted):
    limit(ada, sam, tokens=1_000)
    given = []
    for tokens in (790, 60, 50, 60, 30):
        posted(ada, tokens)
        given.append(alerts())
    assert given == [[], [80], [80], [80, 95], [80, 95]]


def test_money_warns_as_tokens_do(ada, sam):
    spend(ada, 1_000)  # 1,500 micro-dollars
    limit(ada, sam, tokens=1_000_000, micro_usd=1_600)
    assert thresholds(ada) == [80]


def test_a_grant_counts(ada, sam):
    spend(ada, 900)
    limit(ada, sam, tokens=1_000)
    budgets.grant(ada, tokens=1_000, by=sam)
    assert thresholds(ada) == []


@pytest.mark.parametrize("tokens", [None, 0])
def test_unlimited_and_blocked_are_not_warned_about(ada, sam, tokens):
    spend(ada, 900)
    limit(ada, sam, tokens=tokens)
    assert thresholds(ada) == []


def test_the_amounts_may_be_as_large_as_limits_may(ada, sam):
    limit(ada, sam, tokens=budgets.MOST, micro_usd=budgets.MOST)
    windows_of(ada.pk)
    assert thresholds(ada) == []


def test_a_person_is_told_by_mail_and_nobody_else(ada, sam, posted):
    limit(ada, sam, tokens=1_000)
    [told] = posted(ada, 810)
    assert (told.to, told.subject) == ([ada.email], "Your budget is 80 percent used")
    assert "810 tokens of 1,000 tokens" in told.body
    assert "It resets on" in told.body
    assert "/settings/usage" in told.body
    assert "$" not in told.body


def test_who_passes_both_at_once_gets_one_mail(ada, sam, posted):
    limit(ada, sam, tokens=1_000)
    assert [told.subject for told in posted(ada, 990)] == ["Your budget is 95 percent used"]


def test_budgets_of_many_are_told_to_staff_one_by_one(ada, sam, posted):
    other = make_user("Other", is_staff=True)
    make_user("Gone", is_staff=True, is_active=False)
    ada.group = Group.objects.create(name="R&D")
    ada.save()
    budgets.limit_group(ada.group, Limit("week", 1_000, None), together=True, by=sam)
    budgets.limit_workspace(Limit("total", None, 1_500), by=sam)
    told = posted(ada, 900)
    assert {one.subject for one in told} == {
        "The group R&D's budget is 80 percent used",
        "The workspace's budget is 80 percent used",
    }
    assert Counter(address for one in told for address in one.to) == {sam.email: 2, other.email: 2}
    assert "It does not reset." in told[-1].body


def test_without_a_mail_server_it_is_only_logged(ada, sam, posted, settings, monkeypatch):
    said = []
    monkeypatch.setattr(warnings.log, "warning", lambda event, **more: said.append((event, more)))
    settings.EMAIL_URL = ""
    limit(ada, sam, tokens=1_000)
    assert posted(ada, 900) == []
    about = {"window": own(ada).id, "subject": str(ada.pk), "percent": 80}
    assert said == [("budget.warning", about)]


def test_a_mail_server_that_is_away_is_no_reason_to_fail(ada, sam, posted, monkeypatch):
    def away(self):
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMessage, "send", away)
    limit(ada, sam, tokens=1_000)
    assert posted(ada, 900) == []
    assert (alerts(), own(ada).spent_tokens) == ([80], 900)


@pytest.mark.django_db(transaction=True)
def test_a_warning_that_cannot_be_stored_does_not_undo_the_settlement(monkeypatch):
    ada, sam = make_user("Ada"), make_user("Sam", is_staff=True)
    limit(ada, sam, tokens=1_000)
    monkeypatch.setattr(warnings, "_PASSED", "SELECT 1 / 0")
    assert spend(ada, 100).tokens == 100
    with transaction.atomic():
        assert spend(ada, 800).tokens == 800
    assert (own(ada).spent_tokens, alerts()) == (900, [])
    monkeypatch.undo()
    spend(ada, 1)
    assert alerts() == [80]  # by the next call


def test_what_is_rolled_back_is_not_mailed(ada, sam, with_mail, mailoutbox):
    limit(ada, sam, tokens=1_000)
    spend(ada, 900)  # in the test's own transaction
    post_office.wait()
    assert (mailoutbox, alerts()) == ([], [])


def test_it_is_one_question_when_there_is_nothing_to_say(ada, sam, django_assert_num_queries):
    limit(ada, sam, tokens=1_000)
    spend(ada, 10)
    windows = [window.id for window in applying(ada.pk)]
    with django_assert_num_queries(1):
        warnings.warn(windows)


@pytest.mark.django_db(transaction=True)
def test_64_threads_that_cross_80_percent_together_make_one_alert(with_mail, mailoutbox):
    ada, sam = make_user("Ada"), make_user("Sam", is_staff=True)
    limit(ada, sam, tokens=7_000)
    windows_of(ada.pk)

    def settle_one(_):
        try:
            spend(ada, 100)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as people:
        list(people.map(settle_one, range(64)))
    post_office.wait()
    assert alerts() == [80]
    assert [one.subject for one in mailoutbox] == ["Your budget is 80 percent used"]
    assert (own(ada).spent_tokens, LedgerEntry.objects.count()) == (6_400, 64)
