"""Walks through the tree."""

from chat.models import Member
from chat.models.branches import current_leaf, ids_upwards, newest_leaf, running_above
from chat.models.message import sibling_ids
from tests.factories import make_branch, make_message, make_running_answer


def test_upwards_gives_the_newest_first_and_stops_in_time(conversation, ada):
    branch = make_branch(conversation, ada, 5)
    assert ids_upwards(branch[-1].pk, 3) == [message.pk for message in branch[:1:-1]]


def test_downwards_follows_the_newest_children(conversation, ada):
    root, first = make_branch(conversation, ada, 2)
    second = make_message(conversation, parent=root)
    end = make_message(conversation, ada, parent=second)
    make_message(conversation, ada, parent=first)
    assert newest_leaf(root) == end


def test_a_person_stands_where_they_were_else_at_the_newest(conversation, ada):
    root, first = make_branch(conversation, ada, 2)
    newest = make_message(conversation, parent=root)
    member = conversation.members.get()
    assert current_leaf(conversation, member) == newest
    member.current_message = first
    assert current_leaf(conversation, member) == first


def test_who_has_no_place_of_their_own_stands_at_the_conversations(conversation, ada, ben):
    root, first = make_branch(conversation, ada, 2)
    make_message(conversation, parent=root)
    conversation.default_message = first
    conversation.save()
    member = Member.objects.create(conversation=conversation, user=ben, role="reader")
    assert current_leaf(conversation, member) == first
    later = make_message(conversation, ada, parent=first)
    assert current_leaf(conversation, member) == later
    member.current_message = root
    assert current_leaf(conversation, member) == newest_leaf(root) != later


def test_the_nearest_answer_that_is_written_above(conversation, ada):
    first, answer = make_branch(conversation, ada, 2)
    assert running_above(conversation, answer.pk) is None
    beside = make_running_answer(conversation, first)
    assert running_above(conversation, answer.pk) is None
    below = make_message(conversation, ada, parent=beside)
    waiting = make_running_answer(conversation, below)
    end = make_message(conversation, ada, parent=waiting)
    assert running_above(conversation, below.pk) == beside.pk
    assert running_above(conversation, end.pk) == waiting.pk


def test_siblings_are_in_order_with_the_roots_among_themselves(conversation, ada):
    root, answer = make_branch(conversation, ada, 2)
    other = make_message(conversation, ada)
    assert sibling_ids(conversation, [None, root.pk]) == {
        None: [root.pk, other.pk],
        root.pk: [answer.pk],
    }
