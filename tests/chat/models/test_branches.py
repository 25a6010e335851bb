"""Walks through the tree."""

from chat.models.branches import current_leaf, ids_upwards, newest_leaf
from chat.models.message import sibling_ids
from tests.factories import make_branch, make_message


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


def test_siblings_are_in_order_with_the_roots_among_themselves(conversation, ada):
    root, answer = make_branch(conversation, ada, 2)
    other = make_message(conversation, ada)
    assert sibling_ids(conversation, [None, root.pk]) == {
        None: [root.pk, other.pk],
        root.pk: [answer.pk],
    }
