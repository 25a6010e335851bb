"""A link shows what its maker has looked at; and what a list of links says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from chat import errors
from chat.models import Conversation, Member, Message, ShareLink
from chat.services import share_lists, shares
from chat.services.shares import Sharing
from tests.factories import make_message, make_running_answer
from tests.shares import policy, share


def contents(link):
    return [each["content"] for each in link.content]


def looked_at(conversation, person, **fields):
    """The terms of a snapshot, with the digest of its preview."""
    terms = {"audience": "public", "kind": "snapshot", "expires_at": None, **fields}
    seen = shares.preview(conversation.pk, by=person, sharing=Sharing(**terms))
    return {**terms, "digest": seen["digest"]}


def test_an_answer_that_ends_after_the_preview_is_not_shared_unseen(conversation, ada, branch):
    running = make_running_answer(conversation, branch[2])
    terms = looked_at(conversation, ada, until_message=running.pk)
    assert share(conversation, ada, **terms)
    Message.objects.filter(pk=running.pk).update(status="completed", content="The secret")
    with pytest.raises(errors.PreviewOutdated):
        share(conversation, ada, **terms)
    again = looked_at(conversation, ada, until_message=running.pk)
    assert "The secret" in contents(share(conversation, ada, **again).link)


def test_another_title_or_name_was_not_looked_at_either(conversation, ada, branch):
    terms = looked_at(conversation, ada, show_names=True)
    Conversation.objects.update(title="Another")
    with pytest.raises(errors.PreviewOutdated):
        share(conversation, ada, **terms)
    Conversation.objects.update(title=conversation.title)
    assert share(conversation, ada, **terms)
    User.objects.filter(pk=ada.pk).update(name="Ada Lovelace")
    with pytest.raises(errors.PreviewOutdated):
        share(conversation, ada, **terms)


def test_what_is_deleted_after_the_preview_makes_it_another_one(conversation, ada, branch):
    terms = looked_at(conversation, ada)
    Message.objects.filter(pk=branch[1].pk).update(deleted_at=timezone.now(), content="")
    with pytest.raises(errors.PreviewOutdated):
        share(conversation, ada, **terms)
    assert not ShareLink.objects.exists()


def test_a_live_link_goes_on_with_the_chat(conversation, ada, branch):
    terms = looked_at(conversation, ada, kind="live")
    make_message(conversation, ada, parent=branch[3], content="And now?")
    assert share(conversation, ada, **terms)


# The title


def test_a_snapshot_may_have_a_title_of_its_own(conversation, ada, branch):
    assert share(conversation, ada).link.title == conversation.title
    assert share(conversation, ada, title="For you").link.title == "For you"
    with pytest.raises(errors.OwnTitleOfLiveLink):
        share(conversation, ada, kind="live", title="For you")


def test_the_title_of_chosen_messages_tells_nothing_of_the_others(conversation, ada, branch):
    chosen = {"messages": [branch[0].pk]}
    assert share(conversation, ada, **chosen).link.title == "Shared messages"
    assert share(conversation, ada, **chosen, title="For you").link.title == "For you"


# Names in what is said


def findings_of(conversation, person, **fields):
    terms = Sharing(audience="public", kind="snapshot", expires_at=None, **fields)
    seen = shares.preview(conversation.pk, by=person, sharing=terms)["findings"]
    return [(each["kind"], each["text"], each["message"]) for each in seen]


def test_names_of_people_are_found_where_they_are_to_be_hidden(conversation, ada, ben, cyd):
    Conversation.objects.update(title="Lunch with Ben")
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    asked = make_message(conversation, cyd, content="@ada, when?")
    said = make_message(conversation, ada, parent=asked, content="At noon, Cyd.")
    assert findings_of(conversation, ada, until_message=said.pk) == [
        ("name", "Ben", None),
        ("name", "Ada", asked.pk),
        ("name", "Cyd", said.pk),
    ]
    assert findings_of(conversation, ada, until_message=said.pk, show_names=True) == []


# Lists


def test_links_that_are_over_do_not_pile_up(conversation, ada, branch, monkeypatch):
    monkeypatch.setattr(share_lists, "MOST_THAT_ARE_OVER", 2)
    made = [share(conversation, ada).link for _ in range(6)]
    for link in made[:3]:
        shares.revoke_share(link.pk, by=ada)
    ShareLink.objects.filter(pk=made[3].pk).update(expires_at=timezone.now())
    seen = [each["id"] for each in share_lists.of_conversation(ada, conversation.pk)]
    assert seen == [made[5].pk, made[4].pk, made[3].pk, made[2].pk]


def test_a_list_says_when_a_link_ends_by_policy(conversation, ada, branch, monkeypatch):
    link = share(conversation, ada, expires_at=None).link
    policy(monkeypatch, longest_link_days=30)
    [seen] = share_lists.of_conversation(ada, conversation.pk)
    assert (seen["expires_at"], seen["ends_at"]) == (None, link.created_at + timedelta(days=30))
