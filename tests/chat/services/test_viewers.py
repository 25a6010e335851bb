"""Who is where, as far as one node knows."""

from types import SimpleNamespace
from uuid import uuid4

import pytest

from chat.services.viewers import SILENT_SECONDS, Viewers

HERE, THERE = uuid4(), uuid4()
ADA, BEN, CYD = sorted(uuid4() for _ in range(3))


@pytest.fixture
def viewers():
    return Viewers()


class Socket(SimpleNamespace):
    __hash__ = object.__hash__


def socket(user_id):
    return Socket(user_id=user_id)


def who(*people):
    return frozenset(people)


def test_two_tabs_are_one_person_who_leaves_with_the_last(viewers):
    one, two = socket(ADA), socket(ADA)
    viewers.add(one, HERE)
    viewers.add(two, HERE)
    assert viewers.people(HERE) == who(ADA)
    viewers.remove(one, HERE)
    assert viewers.people(HERE) == who(ADA)
    viewers.remove(two, HERE)
    assert (viewers.people(HERE), viewers.all_here()) == (who(), {})


def test_people_of_all_nodes_are_there_once(viewers):
    viewers.add(socket(ADA), HERE)
    viewers.hear("b", {HERE: who(ADA, BEN)}, 0)
    viewers.hear("c", {HERE: who(BEN, CYD), THERE: who(CYD)}, 0)
    assert viewers.people(HERE) == who(ADA, BEN, CYD)
    assert viewers.all_here() == {HERE: who(ADA)}


def test_a_change_leaves_the_rest(viewers):
    viewers.hear("b", {HERE: who(ADA), THERE: who(BEN)}, 0)
    assert set(viewers.hear("b", {HERE: who()}, 1)) == {HERE}
    assert (viewers.people(HERE), viewers.people(THERE)) == (who(), who(BEN))


def test_what_is_all_replaces_what_was_lost(viewers):
    viewers.hear("b", {HERE: who(ADA)}, 0)
    assert set(viewers.hear_all("b", {THERE: who(BEN)}, 1)) == {HERE, THERE}
    assert (viewers.people(HERE), viewers.people(THERE)) == (who(), who(BEN))


def test_a_node_that_leaves_takes_its_people_along(viewers):
    viewers.hear_all("b", {HERE: who(ADA)}, 0)
    viewers.hear_all("c", {HERE: who(BEN)}, 0)
    assert set(viewers.hear_all("b", {}, 1)) == {HERE}
    assert viewers.people(HERE) == who(BEN)
    assert "b" not in viewers._elsewhere


def test_the_silent_are_forgotten_and_the_others_are_not(viewers):
    viewers.hear_all("b", {HERE: who(ADA)}, 0)
    viewers.hear_all("c", {HERE: who(BEN)}, 10)
    assert viewers.forget_silent(SILENT_SECONDS) == set()
    assert viewers.forget_silent(SILENT_SECONDS + 1) == {HERE}
    assert viewers.people(HERE) == who(BEN)


def test_nothing_is_kept_of_what_is_over(viewers):
    tab = socket(ADA)
    for _ in range(100):
        conversation = uuid4()
        viewers.add(tab, conversation)
        viewers.remove(tab, conversation)
        viewers.hear("b", {conversation: who(BEN)}, 0)
        viewers.hear("b", {conversation: who()}, 0)
    assert viewers._here == {}
    assert viewers._elsewhere["b"].people == {}
