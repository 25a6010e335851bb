"""Making share links: what they hold, what the workspace allows, who may turn them off."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from chat import errors
from chat.models import Member, ShareLink
from chat.services import share_lists, share_policy, share_tokens, shares
from chat.services.shares import Sharing
from tests.factories import make_conversation, make_message, make_running_answer, make_user
from tests.shares import policy, share

WEEK = timedelta(days=7)


def contents(link):
    return [each["content"] for each in link.content]


def test_the_token_is_160_random_bits_and_stored_only_as_hash_and_seal(conversation, ada, branch):
    link, token = share(conversation, ada)
    assert (len(token), set(token) <= set("abcdefghijklmnopqrstuvwxyz234567")) == (32, True)
    stored = ShareLink.objects.filter(pk=link.pk).values()[0]
    assert not any(
        token in str(value) or token.encode() in _bytes(value) for value in stored.values()
    )
    assert bytes(stored["token_hash"]) == share_tokens.hash_of(token)


def _bytes(value):
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def test_another_secret_key_only_hides_the_address(conversation, ada, branch, settings, client):
    shared = share(conversation, ada)
    settings.SECRET_KEY = "another key than before"
    [seen] = share_lists.of_conversation(ada, conversation.pk)
    assert (seen["url"], seen["state"]) == (None, "open")
    assert client.get(shared.path).status_code == 200


def test_a_seal_is_good_for_its_own_link_only(conversation, ada, branch):
    one, other = share(conversation, ada), share(conversation, ada)
    assert share_tokens.unsealed(one.link.token_sealed, link_id=other.link.pk) is None


def test_a_snapshot_is_the_branch_up_to_a_message(conversation, ada, branch):
    make_message(conversation, ada, parent=branch[0], content="Another branch")
    link, _ = share(conversation, ada, until_message=branch[2].pk)
    assert contents(link) == ["Turn 0", "Turn 1", "Turn 2"]


def test_without_a_message_it_is_where_its_maker_is(conversation, ada, branch):
    elsewhere = make_message(conversation, ada, parent=branch[1], content="Elsewhere")
    Member.objects.filter(user=ada).update(current_message=branch[3])
    link, _ = share(conversation, ada)
    assert contents(link)[-1] == "Turn 3" != elsewhere.content


def test_chosen_messages_keep_their_order_and_places(conversation, ada, branch):
    link, _ = share(conversation, ada, messages=[branch[3].pk, branch[0].pk])
    assert [(each["id"], each["content"]) for each in link.content] == [
        (1, "Turn 0"),
        (4, "Turn 3"),
    ]


@pytest.mark.parametrize("kind", ["live", "snapshot"])
def test_what_is_not_on_the_branch_cannot_be_chosen(conversation, ada, branch, kind):
    other = make_message(conversation, ada, content="Another beginning")
    with pytest.raises((errors.UnknownChoice, errors.SnapshotsOnly)):
        share(conversation, ada, kind=kind, until_message=branch[3].pk, messages=[other.pk])


def test_a_message_of_another_conversation_is_unknown(conversation, ada, branch):
    with pytest.raises(errors.UnknownChoice):
        share(conversation, ada, until_message=uuid4())


def test_what_is_running_deleted_or_empty_is_left_out_of_a_snapshot(conversation, ada, branch):
    branch[1].deleted_at = timezone.now()
    branch[1].content = ""
    branch[1].save()
    question = make_message(conversation, ada, parent=branch[3], content="And now?")
    running = make_running_answer(conversation, question)
    link, _ = share(conversation, ada, until_message=running.pk)
    assert contents(link) == ["Turn 0", "Turn 2", "Turn 3", "And now?"]


def test_an_empty_conversation_cannot_be_shared(conversation, ada):
    with pytest.raises(errors.NothingToShare):
        share(conversation, ada)


def test_names_are_letters_unless_asked_for(conversation, ada, ben):
    first = make_message(conversation, ada, content="One")
    last = make_message(conversation, ben, parent=first, content="Two")
    unnamed = share(conversation, ada, until_message=last.pk).link.content
    named = share(conversation, ada, until_message=last.pk, show_names=True).link.content
    assert [each["name"] for each in unnamed] == ["Person A", "Person B"]
    assert [each["name"] for each in named] == ["", ""]  # looked up when they are shown
    assert [each["hue"] for each in unnamed] == [1, 2]


def test_readers_and_outsiders_cannot_share(conversation, ada, ben, cyd, branch):
    Member.objects.create(conversation=conversation, user=ben, role="reader")
    with pytest.raises(errors.ReadOnly):
        share(conversation, ben)
    with pytest.raises(errors.ConversationNotFound):
        share(conversation, cyd)
    for look in (share_lists.of_conversation,):
        with pytest.raises(errors.ReadOnly):
            look(ben, conversation.pk)


# What the workspace allows


def test_public_links_can_be_forbidden(conversation, ada, branch, monkeypatch):
    policy(monkeypatch, public_links=False)
    with pytest.raises(errors.PublicLinksForbidden):
        share(conversation, ada)
    assert share(conversation, ada, audience="signed_in")


@pytest.mark.parametrize("expires_at", [None, timezone.now() + timedelta(days=8)])
def test_a_link_lives_no_longer_than_allowed(conversation, ada, branch, monkeypatch, expires_at):
    policy(monkeypatch, longest_link_days=7)
    with pytest.raises(errors.EndsTooLate) as refused:
        share(conversation, ada, expires_at=expires_at)
    assert refused.value.more["longest_link_days"] == 7


def test_the_longest_life_itself_is_allowed(conversation, ada, branch, monkeypatch):
    policy(monkeypatch, longest_link_days=3)
    assert share(conversation, ada, expires_at=share_policy.usual_end())


def test_a_password_can_be_required(conversation, ada, branch, monkeypatch):
    policy(monkeypatch, link_password_required=True)
    with pytest.raises(errors.LinkPasswordRequired):
        share(conversation, ada, audience="signed_in")
    assert share(conversation, ada, password="open sesame").link.password.startswith("argon2")


@pytest.mark.parametrize("days", [-1, 0, 4000])
def test_an_end_lies_in_the_future_and_not_too_far(conversation, ada, branch, days):
    with pytest.raises(errors.EndsTooEarly):
        share(conversation, ada, expires_at=timezone.now() + timedelta(days=days))


def test_chosen_people_can_sign_in_here(conversation, ada, ben, branch):
    gone = make_user("Gone", is_active=False)
    for people in ([], [gone.pk], [ben.pk, uuid4()]):
        with pytest.raises(errors.UnknownReaders):
            share(conversation, ada, audience="people", people=people)
    link, _ = share(conversation, ada, audience="people", people=[ben.pk])
    assert list(link.people.all()) == [ben]


def test_there_are_at_most_100_open_links_of_a_person(conversation, ada, branch, monkeypatch):
    monkeypatch.setattr(shares, "MOST_LINKS", 2)
    first = share(conversation, ada)
    share(conversation, ada)
    with pytest.raises(errors.TooManyLinks):
        share(conversation, ada)
    shares.revoke_share(first.link.pk, by=ada)
    assert share(conversation, ada)


@pytest.mark.django_db(transaction=True)
def test_two_who_name_each_other_do_not_wait_for_each_other(
    conversation, ada, ben, branch, monkeypatch
):
    """Both hold their own row before either refers to the other's."""
    other = make_conversation(ben)
    make_message(other, ben)
    both, readers = threading.Barrier(2, timeout=10), shares._readers

    def after_both(sharing):
        both.wait()
        return readers(sharing)

    monkeypatch.setattr(shares, "_readers", after_both)

    def make(chat, by, reader):
        try:
            return share(chat, by, audience="people", people=[reader.pk]).link.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pair:
        made = [pair.submit(make, conversation, ada, ben), pair.submit(make, other, ben, ada)]
        assert len({one.result() for one in made}) == 2


# Turning off


def test_its_maker_the_owner_and_staff_turn_it_off(conversation, ada, ben, cyd, branch):
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    link = share(conversation, ben, until_message=branch[3].pk).link
    mine = share(conversation, ada).link
    staff = make_user("Sam", is_staff=True)
    for person, which in ((cyd, link), (ben, mine)):
        with pytest.raises(errors.ShareNotFound):
            shares.revoke_share(which.pk, by=person)
    shares.revoke_share(link.pk, by=ada)
    shares.revoke_share(mine.pk, by=staff)
    shares.revoke_share(mine.pk, by=staff)
    assert set(ShareLink.objects.values_list("revoked_by", flat=True)) == {ada.pk, staff.pk}
    assert AuditEntry.objects.filter(action="share.revoked").count() == 2


def test_all_of_a_person_at_once_and_nobody_elses(conversation, ada, ben, branch):
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    for person in (ada, ada, ben):
        share(conversation, person, until_message=branch[3].pk)
    shares.revoke_all(by=ada)
    assert [link.maker_id for link in ShareLink.objects.open()] == [ben.pk]


def test_members_hear_of_the_badge_and_nobody_else(conversation, ada, ben, cyd, branch, published):
    Member.objects.create(conversation=conversation, user=ben, role="reader")
    link = share(conversation, ada).link
    shares.revoke_share(link.pk, by=ada)
    told = [(event["type"], event["item"]["has_link"], people) for event, people in published]
    expected = [
        ("conversation.updated", has, [who]) for has in (True, False) for who in (ada.pk, ben.pk)
    ]
    assert sorted(told, key=str) == sorted(expected, key=str)


def test_what_was_agreed_is_in_the_trail_without_secrets(conversation, ada, branch):
    link, token = share(conversation, ada, password="open sesame", max_views=3)
    [entry] = AuditEntry.objects.filter(action="share.created")
    assert (entry.actor, entry.conversation, entry.subject) == (ada.pk, conversation.pk, link.pk)
    assert (entry.details["audience"], entry.details["has_password"]) == ("public", True)
    assert token not in str(entry.details)
    assert "sesame" not in str(entry.details)


def test_a_preview_is_what_the_link_then_shows_and_stores_nothing(conversation, ada, branch):
    make_message(
        conversation,
        ada,
        parent=branch[3],
        content="Mail ada@example.org, key AKIAIOSFODNN7EXAMPLE",
    )
    sharing = Sharing(audience="public", kind="snapshot", expires_at=None)
    seen = shares.preview(conversation.pk, by=ada, sharing=sharing)
    assert not ShareLink.objects.exists()
    link = share(conversation, ada).link
    shown = [{key: each[key] for key in ("id", "content", "name")} for each in link.content]
    assert [
        {key: each[key] for key in ("id", "content", "name")} for each in seen["messages"]
    ] == shown
    assert {finding["kind"] for finding in seen["findings"]} == {"email", "key"}
    assert "AKIAIOSFODNN7EXAMPLE" not in str(seen["findings"])


def test_staff_see_links_without_titles_and_addresses(conversation, ada, branch):
    share(conversation, ada)
    staff = make_user("Sam", is_staff=True)
    [seen], _ = share_lists.page(share_lists.everybodys(), staff, before=None, limit=10)
    assert (seen["url"], seen["conversation"]["title"], seen["maker"]["name"]) == (None, "", "Ada")


def test_who_was_removed_keeps_the_title_that_they_knew(conversation, ada, ben, branch):
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    share(conversation, ben, until_message=branch[3].pk)
    Member.objects.filter(user=ben).delete()
    conversation.title = "Only for members"
    conversation.save()
    [seen], _ = share_lists.page(share_lists.made_by(ben), ben, before=None, limit=10)
    assert (seen["conversation"]["title"], seen["state"]) == ("Leases", "forbidden")
