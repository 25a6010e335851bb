"""A random walk through everything that moves money: after every step the counters are what holds and ledger say.

Broken variants of the statements must be caught by the same walk, or it proves nothing.
"""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from accounts.errors import BudgetExceeded, BudgetUnavailable
from accounts.models import BudgetWindow, Hold, LedgerEntry
from accounts.prices import Tokens
from accounts.services import audit, budgets, spending, statements
from accounts.services.budgets import Limit
from accounts.services.spending import Call
from tests.factories import make_user
from tests.faults.tiers import COUNTS

LITE = "gemini-3.1-flash-lite-preview"
SHARES = (0, 1, 37, 100)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["reserve"] * 6
            + ["fence"] * 5
            + ["settle"] * 5
            + ["settle_again"] * 2
            + ["late"] * 2
            + ["sweep"] * 2
            + ["limit", "grant", "period"]
        ),
        st.integers(0, 10**6),
    ),
    min_size=10,
    max_size=50,
)


class Undo(Exception):
    """Every walk begins in the same world."""


class Walk:
    """Two people, small limits, and the calls that were made so far."""

    def __init__(self) -> None:
        self.staff = make_user(is_staff=True)
        self.people = [make_user() for _ in range(2)]
        budgets.limit_workspace(Limit("month", 4_500, 6_000), by=self.staff)
        for person in self.people:
            budgets.limit_person(person, Limit("month", 2_500, 3_000), by=self.staff)
        self.calls: list[Call] = []
        self.dispatched: set = set()
        self.seen: Counter = Counter()

    def step(self, kind: str, number: int) -> None:
        self.seen[kind] += 1
        getattr(self, kind)(number)
        check_books()

    def reserve(self, number: int) -> None:
        person = self.people[number % 2]
        most = 100 + number % 1_500
        asked = Call(uuid4(), LITE, 50 + number % 300, most, most if number % 3 else 100)
        before = Hold.objects.count()
        try:
            hold = spending.reserve(person, asked)
        except (BudgetExceeded, BudgetUnavailable):
            self.seen["refused"] += 1
            assert Hold.objects.count() == before
            return
        assert hold.tokens == hold.prompt_bound + hold.max_output
        assert_it_fits(hold)
        self.calls.append(asked)

    def fence(self, number: int) -> None:
        if call := self.pick(number):
            was_held = Hold.objects.get(completion_id=call.completion_id).state == "held"
            assert bool(spending.fence(call.completion_id, 0)) == was_held
            if was_held:
                self.dispatched.add(call.completion_id)

    def settle(self, number: int) -> None:
        if call := self.pick(number):
            hold = Hold.objects.get(completion_id=call.completion_id)
            share = SHARES[number % len(SHARES)]
            used = Tokens(hold.prompt_bound * share // 100, hold.max_output * share // 100)
            spending.settle(call.completion_id, 0, used, "upstream")
            hold.refresh_from_db()
            assert hold.charged_tokens <= hold.tokens
            assert hold.charged_micro_usd <= hold.micro_usd

    def settle_again(self, number: int) -> None:
        settled = Hold.objects.filter(state="settled").order_by("id").first()
        if settled:
            rows = LedgerEntry.objects.count()
            assert spending.settle(settled.completion_id, 0, Tokens(1, 1), "upstream") is None
            assert LedgerEntry.objects.count() == rows

    def late(self, number: int) -> None:
        swept = Hold.objects.filter(state="expired").order_by("id").first()
        if swept:
            spending.settle(swept.completion_id, 0, Tokens(1, number % 50), "upstream")

    def sweep(self, number: int) -> None:
        Hold.objects.filter(state="held").update(expires_at=timezone.now() - timedelta(seconds=1))
        spending.sweep()
        for hold in Hold.objects.filter(state="expired"):
            whole = hold.tokens if hold.completion_id in self.dispatched else 0
            assert hold.charged_tokens == whole

    def limit(self, number: int) -> None:
        limit = Limit("month", 2_000 + number % 2_000, 2_000 + number % 2_000)
        budgets.limit_person(self.people[number % 2], limit, by=self.staff)

    def grant(self, number: int) -> None:
        budgets.grant(self.people[number % 2], tokens=1 + number % 500, by=self.staff)

    def period(self, number: int) -> None:
        period = ("day", "week", "month")[number % 3]
        budgets.limit_person(self.people[number % 2], Limit(period, 2_500, None), by=self.staff)

    def pick(self, number: int) -> Call | None:
        return self.calls[number % len(self.calls)] if self.calls else None


def check_books() -> None:
    drifts = audit.drifts(django_settings.TIME_ZONE)
    assert {what: amount for what, amount in drifts.items() if amount} == {}


def assert_it_fits(hold: spending.Hold) -> None:
    """At the moment of an admission every window that it takes from allows it."""
    for window in BudgetWindow.objects.filter(pk__in=Hold.objects.get(pk=hold.id).window_ids):
        if window.limit_tokens is not None:
            assert (
                window.spent_tokens + window.held_tokens
                <= window.limit_tokens + window.granted_tokens
            )
        if window.limit_micro_usd is not None:
            most = window.limit_micro_usd + window.granted_micro_usd
            assert window.spent_micro_usd + window.held_micro_usd <= most


def walk(steps) -> Counter:
    """Inside a transaction that is undone."""
    try:
        with transaction.atomic():
            walker = Walk()
            for kind, number in steps:
                walker.step(kind, number)
            raise Undo  # noqa: TRY301
    except Undo:
        return walker.seen


@given(STEPS)
@effort(
    max_examples=COUNTS.walks,
    deadline=None,
    phases=[Phase.generate],  # a walk in the database is too slow to be made shorter
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_books_hold_after_every_step(db, steps):
    walk(steps)


def busy_steps():
    """A walk that meets everything: refusals, a sweep of what was sent and what was not, a late settlement."""
    kinds = ["reserve"] * 9 + ["fence"] * 3 + ["settle"] * 2 + ["settle_again"] + ["reserve"] * 3
    kinds += ["sweep", "fence", "late"]
    return [(kind, 731 * place + turn) for turn in range(6) for place, kind in enumerate(kinds)]


def test_a_busy_walk_meets_everything(db):
    seen = walk(busy_steps())
    assert seen["refused"] > 0
    assert min(seen[kind] for kind in ("fence", "settle", "sweep", "late")) >= 6


def broken(statement: str, *changes: tuple[str, str]):
    text = getattr(statements, statement)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return lambda patch: patch.setattr(statements, statement, text)


def somebody_was_quicker(patch) -> None:
    """What was read without a lock does not hold any more when the statement comes: it alone decides."""
    patch.setattr(spending, "fitting_output", lambda windows, call, price: call.most_output)


def test_the_statement_alone_keeps_the_limits(db, monkeypatch):
    somebody_was_quicker(monkeypatch)
    assert walk(busy_steps())["refused"] > 0


MUTANTS = {
    "admission ignores what is held": broken(
        "RESERVE",
        ("spent_tokens + held_tokens + %(tokens)s <=", "spent_tokens + %(tokens)s <="),
        ("spent_micro_usd + held_micro_usd + %(micro)s <=", "spent_micro_usd + %(micro)s <="),
    ),
    "check first, add later": broken("RESERVE", ("bool_and(fits) AND", "true AND")),
    "a swept call may be sent": broken("FENCE", ("AND state = 'held'", "")),
    "settled twice": broken("CLOSE", ("state = 'held' AND (", "state <> 'expired' AND (")),
    "given back twice": broken(
        "CLOSE",
        ("held_tokens - CASE WHEN is_held THEN was.tokens ELSE 0 END", "held_tokens - was.tokens"),
    ),
    "a correction adds to the charge": broken(
        "CLOSE", ("%(tokens)s - charged_tokens AS more_tokens", "%(tokens)s AS more_tokens")
    ),
    "money is forgotten": broken("CLOSE", ("spent_micro_usd + more_micro", "spent_micro_usd")),
    "what was sent and lost costs nothing": lambda patch: patch.setattr(
        spending, "worst_of", lambda hold: (Tokens(0, 0), "none")
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_walk_catches_what_is_broken(db, monkeypatch, mutant):
    somebody_was_quicker(monkeypatch)
    MUTANTS[mutant](monkeypatch)
    with pytest.raises((AssertionError, DatabaseError)):
        walk(busy_steps())
