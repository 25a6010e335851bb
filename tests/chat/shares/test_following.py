"""What a live link follows, and how people are called in it and in a snapshot."""

import json

import pytest

from accounts.services import people
from chat.models import Completion, Member, Message, ShareLink
from chat.models.states import State
from chat.services import share_content
from chat.services.share_copies import copy_share
from tests.factories import make_message
from tests.shares import html, share, texts, told


def end(conversation, answer, **fields):
    """As the runner does."""
    conversation.refresh_from_db()
    Message.objects.filter(pk=answer.pk).update(version=conversation.next_version(), **fields)
    conversation.save()


@pytest.mark.parametrize("status", [State.STREAMING, State.STOPPED, State.FAILED])
def test_it_goes_on_where_an_answer_broke_off(conversation, ada, branch, changes, status):
    """Continue and Retry put another one in its place, beside it."""
    question = make_message(conversation, ada, parent=branch[3], content="And now?")
    text = "" if status == State.FAILED else "Half"
    broken = make_message(conversation, parent=question, content=text, status=status)
    shared = share(conversation, ada, kind="live", until_message=broken.pk)
    version = changes(shared)["version"]
    end(conversation, broken, status=State.INTERRUPTED)
    make_message(conversation, parent=question, content="Half and whole")
    assert texts(shared)[-2:] == ["And now?", "Half and whole"]
    assert told(changes(shared, version))[6] == "Half and whole"


def test_it_goes_on_where_an_answer_reached_its_length(conversation, ada, branch):
    Completion.objects.filter(message=branch[3]).update(finish_reason="length")
    shared = share(conversation, ada, kind="live", until_message=branch[3].pk)
    longer = make_message(conversation, parent=branch[2], content="Turn 3 and more")
    Completion.objects.filter(message=longer).update(continues=branch[3])
    assert texts(shared)[-1] == "Turn 3 and more"


def test_a_later_answer_that_broke_off_gives_way_to_what_goes_on_from_it(conversation, ada, branch):
    """Also where it is not the newest below its question."""
    shared = share(conversation, ada, kind="live", until_message=branch[3].pk)
    Completion.objects.filter(message=branch[3]).update(finish_reason="length")
    longer = make_message(conversation, parent=branch[2], content="Turn 3 and more")
    Completion.objects.filter(message=longer).update(continues=branch[3])
    assert texts(shared)[-1] == "Turn 3 and more"


def test_a_complete_answer_is_not_left_for_another_one(conversation, ada, branch):
    shared = share(conversation, ada, kind="live", until_message=branch[3].pk)
    make_message(conversation, parent=branch[2], content="Regenerated")
    assert texts(shared)[-1] == "Turn 3"


def test_letters_stay_when_the_first_words_are_on_no_page_any_more(
    conversation, ada, ben, cyd, changes, monkeypatch
):
    monkeypatch.setattr(share_content, "MOST", 4)
    last = None
    for person in (ada, ben, cyd, ada):
        last = make_message(conversation, person, parent=last, content=person.name)
    shared = share(conversation, ada, kind="live", until_message=last.pk)
    letters = {message["content"]: message["name"] for message in changes(shared)["messages"]}
    assert letters == {"Ada": "Person A", "Ben": "Person B", "Cyd": "Person C"}
    for person in (cyd, ben):
        last = make_message(conversation, person, parent=last, content=person.name)
    assert changes(shared)["last"] == 6
    assert [(each["id"], each["name"]) for each in changes(shared)["messages"]] == [
        (3, "Person C"),
        (4, "Person A"),
        (5, "Person C"),
        (6, "Person B"),
    ]


# Names


@pytest.mark.parametrize("kind", ["snapshot", "live"])
def test_who_deletes_their_account_takes_their_name_along(conversation, ada, ben, branch, kind):
    last = make_message(conversation, ben, parent=branch[3], content="Ben was here")
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    shared = share(conversation, ada, kind=kind, show_names=True, until_message=last.pk)
    assert ">Ben<" in html(shared)
    people.delete(ben, by=ben)
    page = html(shared)
    assert (">Ben<" in page, ">Deleted person<" in page, ">Ada<" in page) == (False, True, True)
    assert '"Ben"' not in json.dumps(ShareLink.objects.get().content)


def test_nor_is_it_kept_when_no_row_is_left(conversation, ada, ben, branch):
    last = make_message(conversation, ben, parent=branch[3], content="Hello")
    shared = share(conversation, ada, show_names=True, until_message=last.pk)
    ben.delete()
    assert ">Deleted person<" in html(shared)
    assert copy_share(shared.link, by=ada).is_new
