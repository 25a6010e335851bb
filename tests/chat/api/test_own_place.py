"""What is a person's own in a conversation, and the list that is made of it."""

import pytest
from django.test import Client

from chat.models import Member
from chat.models.states import State
from tests.factories import make_branch, make_conversation, make_message


@pytest.fixture
def as_ben(conversation, ben):
    Member.objects.create(conversation=conversation, user=ben, role="reader")
    client = Client()
    client.force_login(ben)
    return client


@pytest.fixture
def turns(conversation, ada):
    return make_branch(conversation, ada, 4)


def seen(client, conversation):
    return client.get(f"/api/v1/conversations/{conversation.pk}").json()


def change(client, conversation, **fields):
    address = f"/api/v1/conversations/{conversation.pk}"
    return client.patch(address, fields, content_type="application/json")


def listed(client, **wanted):
    found = client.get("/api/v1/conversations", wanted).json()["items"]
    return [item["title"] for item in found]


def test_what_others_wrote_is_unread_until_it_was_on_screen(as_ada, as_ben, conversation, turns):
    assert (seen(as_ada, conversation)["unread"], seen(as_ben, conversation)["unread"]) == (2, 4)
    changed = change(as_ben, conversation, read=str(turns[1].pk)).json()
    assert (changed["unread"], changed["read_position"]) == (2, turns[1].position)


def test_what_was_read_is_not_taken_back(as_ben, conversation, turns):
    change(as_ben, conversation, read=str(turns[3].pk))
    assert change(as_ben, conversation, read=str(turns[0].pk)).json()["unread"] == 0


def test_an_answer_that_was_taken_back_is_not_unread(as_ada, as_ben, conversation, turns):
    make_message(conversation, parent=turns[3], content="", status=State.STOPPED)
    make_message(conversation, parent=turns[3], content="Well", status=State.STOPPED)
    assert (seen(as_ada, conversation)["unread"], seen(as_ben, conversation)["unread"]) == (3, 5)
    assert change(as_ben, conversation, read=str(turns[0].pk)).json()["unread"] == 4


def test_who_has_read_their_branch_to_its_end_has_nothing_unread_on_others(
    as_ada, as_ben, conversation, ada, turns
):
    elsewhere = make_message(conversation, ada, content="Another beginning")
    assert change(as_ben, conversation, read=str(turns[2].pk)).json()["unread"] == 2
    changed = change(as_ben, conversation, read=str(turns[3].pk)).json()
    assert (changed["unread"], changed["read_position"]) == (0, elsewhere.position)


def test_unread_is_counted_to_a_hundred(as_ben, conversation, ada):
    for _ in range(103):
        make_message(conversation, ada)
    assert seen(as_ben, conversation)["unread"] == 100


def test_a_place_and_a_draft_are_kept_for_oneself(as_ada, as_ben, conversation, turns):
    change(as_ben, conversation, place=str(turns[2].pk), draft="To be sai")
    mine, hers = seen(as_ben, conversation), seen(as_ada, conversation)
    assert (mine["place"], mine["draft"]) == (str(turns[2].pk), "To be sai")
    assert (hers["place"], hers["draft"]) == (None, "")
    assert change(as_ben, conversation, place=None, draft="").json()["place"] is None


def test_only_ones_own_pages_are_told_of_it(as_ben, conversation, ben, published):
    change(as_ben, conversation, draft="Hi")
    change(as_ben, conversation, draft="Hi")
    assert [(event["item"]["draft"], to) for event, to in published] == [("Hi", [ben.pk])]


def test_a_message_of_another_conversation_is_no_place(as_ada, conversation, ada):
    elsewhere = make_message(make_conversation(ada), ada)
    for field in ("read", "place", "current_message", "default_message"):
        response = change(as_ada, conversation, **{field: str(elsewhere.pk)})
        assert (response.status_code, response.json()["code"]) == (422, "unknown_message")


def test_a_reader_changes_nothing_of_what_all_share(as_ben, conversation, turns):
    for fields in (
        {"answering": "addressed"},
        {"default_message": str(turns[0].pk)},
        {"title": "Mine", "draft": "no"},
    ):
        assert change(as_ben, conversation, **fields).json()["code"] == "read_only"
    assert seen(as_ben, conversation)["draft"] == ""


def test_the_owner_says_when_the_model_answers_and_where_people_begin(
    as_ada, as_ben, conversation, turns
):
    change(as_ada, conversation, answering="addressed", default_message=str(turns[1].pk))
    shown = seen(as_ben, conversation)
    assert (shown["answering"], shown["default_message"]) == ("addressed", str(turns[1].pk))
    assert change(as_ada, conversation, answering="never").status_code == 422
    assert change(as_ada, conversation, default_message=None).json()["default_message"] is None


def test_the_list_knows_whose_it_is_and_finds_people(as_ben, conversation, ben):
    make_conversation(ben, title="My own")
    assert listed(as_ben) == ["My own", "Leases"]
    assert (listed(as_ben, whose="mine"), listed(as_ben, whose="shared")) == (
        ["My own"],
        ["Leases"],
    )
    assert listed(as_ben, q="ada") == ["Leases"]
    assert listed(as_ben, q="ben") == []
    assert as_ben.get("/api/v1/conversations", {"whose": "all"}).status_code == 422


def test_a_row_counts_people_and_tells_of_a_link(as_ben, conversation, ada):
    shown = seen(as_ben, conversation)
    assert (shown["people"], shown["has_link"]) == (2, False)
    conversation.links.create(
        maker=ada, token_hash=b"h", token_sealed=b"s", audience="public", kind="live"
    )
    assert seen(as_ben, conversation)["has_link"] is True
    conversation.links.update(expires_at="2020-01-01T00:00:00Z")
    assert seen(as_ben, conversation)["has_link"] is False
