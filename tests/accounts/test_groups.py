"""Groups: who is in them, and what that changes about what may be spent."""

import pytest
from django.conf import settings as configured
from django.test import Client

from accounts.models import Budget, BudgetChange, BudgetWindow, Group, UsageDay
from accounts.services import audit, budgets, changes, groups
from accounts.services.budgets import Limit
from accounts.services.groups import GroupNameTaken
from accounts.services.windows import applying, windows_of
from tests.accounts.money import limit, own, spend
from tests.factories import make_user


@pytest.fixture
def research(sam):
    return groups.create(name="Research", by=sam)


@pytest.fixture
def told(monkeypatch):
    """Whose figures were said to have changed."""
    heard = []
    monkeypatch.setattr(changes, "announce", heard.append)
    return heard


def here(group, action=""):
    return f"/admin/groups/{group.pk}/{action + '/' if action else ''}"


def drift():
    return sum(audit.drifts(configured.TIME_ZONE).values())


def last_change():
    return BudgetChange.objects.latest("pk")


def test_what_is_done_to_a_group_is_noted(research, sam, ada):
    groups.rename(research, name="Science", by=sam)
    assert (last_change().before, last_change().after) == (
        {"name": "Research"},
        {"name": "Science"},
    )
    groups.put_in(research, ada, by=sam)
    assert (last_change().subject, last_change().after) == (ada.pk, {"group": "Science"})
    groups.delete(research, by=sam)
    gone = {"name": "Science", "members": 1, "limits": {}}
    assert (last_change().action, last_change().before) == ("group", gone)
    assert {change.actor for change in BudgetChange.objects.all()} == {sam.pk}


def test_what_changes_nothing_is_not_noted(research, sam, ada):
    groups.put_in(research, ada, by=sam)
    before = BudgetChange.objects.count()
    groups.put_in(research, ada, by=sam)
    groups.rename(research, name="Research", by=sam)
    groups.put_out(groups.create(name="Other", by=sam), ada, by=sam)
    assert BudgetChange.objects.count() == before + 1


def test_two_groups_do_not_have_one_name(research, sam):
    other = groups.create(name="Sales", by=sam)
    for attempt in (
        lambda: groups.create(name="Research", by=sam),
        lambda: groups.rename(other, name="Research", by=sam),
    ):
        with pytest.raises(GroupNameTaken):
            attempt()


def test_who_comes_in_has_the_limit_of_a_member_at_once(research, sam, ada, told):
    windows_of(ada.pk)
    groups.limit(research, Limit("month", 5_000, None), together=False, by=sam)
    groups.put_in(research, ada, by=sam)
    assert own(ada).limit_tokens == 5_000
    groups.put_out(research, ada, by=sam)
    assert own(ada).limit_tokens is None
    assert told[-2:] == [ada.pk, ada.pk]


def test_a_limit_of_ones_own_goes_before_that_of_the_group(research, sam, ada):
    limit(ada, sam, tokens=700)
    groups.limit(research, Limit("month", 5_000, None), together=False, by=sam)
    groups.put_in(research, ada, by=sam)
    windows_of(ada.pk)
    assert own(ada).limit_tokens == 700


def test_a_shared_limit_counts_what_members_spend_while_they_are_in_it(research, sam, ada, ben):
    groups.limit(research, Limit("month", 5_000, None), together=True, by=sam)
    spend(ada, 100)
    for person in (ada, ben):
        groups.put_in(research, person, by=sam)
        person.refresh_from_db()
    spend(ada, 300)
    spend(ben, 400)
    groups.put_out(research, ben, by=sam)
    ben.refresh_from_db()
    spend(ben, 900)
    shared = next(window for window in applying(ada.pk) if window.rank == 1)
    assert shared.spent_tokens == 700
    assert [window.rank for window in applying(ben.pk)] == [0, 2]


def test_a_day_in_two_groups_is_counted_in_each(research, sam, ada):
    other = groups.create(name="Sales", by=sam)
    for group in (research, other):
        groups.limit(group, Limit("month", 5_000, None), together=True, by=sam)
        groups.put_in(group, ada, by=sam)
        ada.refresh_from_db()
        spend(ada, 300)
    counted = BudgetWindow.objects.filter(rank=1).values_list("subject", "spent_tokens")
    assert dict(counted) == {research.pk: 300, other.pk: 300}
    assert sum(UsageDay.objects.values_list("tokens", flat=True)) == 600
    assert drift() == 0


def test_with_a_group_its_limits_go_and_its_members_stay(research, sam, ada, told):
    groups.put_in(research, ada, by=sam)
    for together in (True, False):
        groups.limit(research, Limit("month", 5_000, None), together=together, by=sam)
    windows_of(ada.pk)
    groups.delete(research, by=sam)
    assert not Budget.objects.filter(group__isnull=False).exists()
    assert not BudgetWindow.objects.filter(rank=1).exists()
    assert (own(ada).limit_tokens, told[-1]) == (None, None)


def test_a_limit_of_a_group_can_be_taken_away_and_put_back(research, sam, ada):
    groups.put_in(research, ada, by=sam)
    groups.limit(research, Limit("week", 900, None), together=False, by=sam, reason="Pilot")
    groups.limit(research, None, together=False, by=sam)
    assert groups.limits_of(research) == {}
    budgets.undo(last_change(), by=sam)
    assert groups.limits_of(research)["person"]["limit_tokens"] == 900


# The page -------------------------------------------------------------------------------------------

ACTIONS = ("rename", "delete", "put-in", "put-out", "each", "shared")


@pytest.mark.parametrize("action", ["", *ACTIONS])
def test_who_is_not_staff_is_refused(research, as_cyd, client, action):
    ask = as_cyd.post if action else as_cyd.get
    assert ask(here(research, action)).status_code == 403
    assert client.get(here(research)).status_code == 302
    assert Group.objects.get().name == "Research"


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_take_a_post_with_its_token(research, sam, action):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(sam)
    assert careful.get(here(research, action)).status_code == 405
    assert careful.post(here(research, action)).status_code == 403


def test_what_is_not_there_is_not_found(research, as_sam, ada):
    gone = Group(name="Gone")
    assert as_sam.get(here(gone)).status_code == 404
    assert as_sam.post(here(gone, "delete")).status_code == 404
    assert as_sam.post(here(research, "promote")).status_code == 404
    for person in ("", "x", str(gone.pk)):
        assert as_sam.post(here(research, "put-in"), {"person": person}).status_code == 404


def test_people_are_found_put_in_and_put_out(research, as_sam, ada, ben):
    assert "Nobody yet" in as_sam.get(here(research)).text
    assert "Put in Ada" in as_sam.get(here(research), {"q": "ada"}).text
    as_sam.post(here(research, "put-in"), {"person": ada.pk})
    text = as_sam.get(here(research)).text
    assert "Put out Ada" in text
    assert "Ben" not in text
    as_sam.post(here(research, "put-out"), {"person": ada.pk})
    assert not groups.members_of(research).exists()


def test_who_is_in_another_group_is_shown_with_it(research, as_sam, sam, ada):
    groups.put_in(groups.create(name="Sales", by=sam), ada, by=sam)
    assert "now in Sales" in as_sam.get(here(research), {"q": "ada"}).text


def test_the_page_takes_as_many_queries_for_many_as_for_few(
    research, as_sam, sam, django_assert_num_queries
):
    for number in range(30):
        make_user(f"Many {number}", group=research if number % 2 else None)
    with django_assert_num_queries(
        8
    ):  # session, person, group, limits, count, members, others, warning
        as_sam.get(here(research), {"q": "many"})


@pytest.mark.parametrize(("action", "scope"), [("each", "person"), ("shared", "group")])
def test_a_limit_is_set_in_dollars_and_tokens(research, as_sam, action, scope):
    form = {"period": "week", "dollars": "12.50", "tokens": "2000000", "reason": "Pilot"}
    sent = {f"{action}-{name}": value for name, value in form.items()}
    assert as_sam.post(here(research, action), sent).status_code == 302
    rule = {"period": "week", "limit_tokens": 2_000_000, "limit_micro_usd": 12_500_000}
    assert groups.limits_of(research) == {scope: rule}
    assert last_change().reason == "Pilot"
    text = as_sam.get(here(research)).text
    assert 'value="12.5"' in text
    assert "2,000,000 tokens and $12.50 a week" in as_sam.get("/admin/workspace/").text
    as_sam.post(here(research, action), {f"{action}-period": ""})
    assert groups.limits_of(research) == {}


def test_nothing_filled_in_is_unlimited_and_nought_is_blocked(research, as_sam):
    as_sam.post(here(research, "each"), {"each-period": "month"})
    assert groups.limits_of(research)["person"]["limit_tokens"] is None
    assert "each unlimited" in as_sam.get("/admin/workspace/").text
    as_sam.post(here(research, "each"), {"each-period": "month", "each-tokens": "0"})
    assert groups.limits_of(research)["person"]["limit_tokens"] == 0
    assert "each blocked" in as_sam.get("/admin/workspace/").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"period": "month", "tokens": "-1"}, "greater than or equal to 0"),
        ({"period": "month", "tokens": "1.5"}, "whole number"),
        ({"period": "month", "dollars": "0.0000001"}, "decimal places"),
        ({"period": "month", "dollars": "NaN"}, "Enter a number"),
        ({"period": "year"}, "not one of the available choices"),
        ({"period": "", "tokens": "5"}, "Choose over which time"),
    ],
)
def test_a_limit_that_makes_no_sense_is_shown_again(research, as_sam, wrong, told):
    text = as_sam.post(
        here(research, "each"), {f"each-{key}": value for key, value in wrong.items()}
    ).text
    assert told in text
    assert groups.limits_of(research) == {}


def test_a_group_is_renamed_and_deleted(research, as_sam, sam):
    groups.create(name="Sales", by=sam)
    as_sam.post(here(research, "rename"), {"name-name": "Sales"})
    assert "There is a group “Sales” already" in as_sam.get(here(research)).text
    as_sam.post(here(research, "rename"), {"name-name": "Science"})
    assert "Science" in as_sam.get(here(research)).text
    assert "is missing" in as_sam.post(here(research, "rename"), {"name-name": ""}).text
    assert as_sam.post(here(research, "delete"))["Location"] == "/admin/workspace/"
    assert [group.name for group in Group.objects.all()] == ["Sales"]
