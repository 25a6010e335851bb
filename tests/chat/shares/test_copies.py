"""Continuing a shared chat: what comes along, once for each person."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from accounts.models import AuditEntry, LedgerEntry, Workspace
from chat.errors import NothingToShare, ShareNotFound
from chat.models import Completion, Conversation, Member, Message, ShareCopy
from chat.models.states import State
from chat.services.conversations import delete_conversation
from chat.services.share_copies import copy_share
from chat.services.shares import revoke_share
from tests.factories import make_message, make_running_answer, make_user
from tests.shares import share, visitor

JSON = "application/json"


def copied(link, by):
    return Conversation.objects.get(pk=copy_share(link, by=by).conversation_id)


def rows(conversation):
    return list(conversation.messages.order_by("position"))


def test_the_copy_has_what_was_shown_and_new_ids(conversation, ada, ben, branch):
    link = share(conversation, ada).link
    copy = copied(link, ben)
    assert [row.content for row in rows(copy)] == [f"Turn {number}" for number in range(4)]
    assert [row.parent_id for row in rows(copy)] == [None, *[row.pk for row in rows(copy)[:-1]]]
    assert not {row.pk for row in rows(copy)} & {row.pk for row in branch}
    assert [row.created_at for row in rows(copy)] == [row.created_at for row in branch]
    assert [member.user for member in copy.members.all()] == [ben]
    assert (copy.title, copy.version, copy.members.get().role) == ("Leases", 5, "owner")
    assert copy.members.get().current_message == rows(copy)[-1]


def test_answers_come_complete_and_free(conversation, ada, ben, branch):
    Completion.objects.update(cost_micro_usd=99, usage={"total_tokens": 9}, reasoning="Hm")
    copy = copied(share(conversation, ada).link, ben)
    for completion in Completion.objects.filter(message__conversation=copy):
        assert (completion.state, completion.requested_by) == (State.COMPLETED, None)
        assert (completion.cost_micro_usd, completion.usage, completion.reasoning) == (
            None,
            None,
            "",
        )
    assert Completion.objects.filter(message__conversation=copy).count() == 2
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize(
    ("show_names", "authors"), [(True, ["Ada", "Ben"]), (False, [None, "Ben"])]
)
def test_authors_come_with_their_names_or_oneself(conversation, ada, ben, show_names, authors):
    first = make_message(conversation, ada, content="One")
    last = make_message(conversation, ben, parent=first, content="Two")
    link = share(conversation, ada, until_message=last.pk, show_names=show_names).link
    found = [row.author.name if row.author else None for row in rows(copied(link, ben))]
    assert found == authors


def test_the_system_prompt_stays_behind(conversation, ada, ben, branch, monkeypatch):
    from accounts.services import workspace

    conversation.system_prompt, conversation.parameters = "SECRET", {"temperature": 1}
    conversation.save()
    seen = workspace.Seen(Workspace(system_prompt="Ours"), float("inf"))
    monkeypatch.setattr(workspace, "_memory", {"seen": seen})
    copy = copied(share(conversation, ada).link, ben)
    assert (copy.system_prompt, copy.parameters) == ("Ours", {})


def test_what_is_running_does_not_come_along(conversation, ada, ben, branch):
    question = make_message(conversation, ada, parent=branch[3], content="And now?")
    running = make_running_answer(conversation, question)
    Message.objects.filter(pk=running.pk).update(content="Half", status=State.STREAMING)
    copy = copied(share(conversation, ada, kind="live", until_message=question.pk).link, ben)
    assert rows(copy)[-1].content == "And now?"
    assert not copy.has_running_answer()


def test_asking_again_opens_the_same_until_it_is_deleted(conversation, ada, ben, cyd, branch):
    link = share(conversation, ada).link
    first = copy_share(link, by=ben)
    assert copy_share(link, by=ben) == (first.conversation_id, False)
    assert copy_share(link, by=cyd).conversation_id != first.conversation_id
    delete_conversation(first.conversation_id, by=ben)
    again = copy_share(link, by=ben)
    assert again.is_new
    assert again.conversation_id != first.conversation_id


def test_a_copy_that_one_has_left_is_made_anew(conversation, ada, ben, branch):
    link = share(conversation, ada).link
    first = copy_share(link, by=ben)
    Member.objects.filter(conversation=first.conversation_id).update(user=ada)
    assert copy_share(link, by=ben).is_new
    assert ShareCopy.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_times_at_once_is_once(conversation, ada, ben, branch):
    link = share(conversation, ada).link

    def ask(_):
        try:
            return copy_share(link, by=ben)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as crowd:
        found = list(crowd.map(ask, range(20)))
    print(f"20 copies at once: {len({one.conversation_id for one in found})} conversation")
    assert len({one.conversation_id for one in found}) == 1
    assert [one.is_new for one in found].count(True) == 1
    assert Conversation.objects.filter(members__user=ben).count() == 1


def test_it_is_in_the_trail(conversation, ada, ben, branch):
    link = share(conversation, ada).link
    copy_share(link, by=ben)
    copy_share(link, by=ben)
    [entry] = AuditEntry.objects.filter(action="share.copied")
    assert (entry.actor, entry.subject, entry.conversation) == (ben.pk, link.pk, conversation.pk)


def test_nothing_is_not_copied(conversation, ada, ben, branch):
    link = share(conversation, ada, until_message=branch[0].pk).link
    Message.objects.filter(pk=branch[0].pk).update(deleted_at=branch[0].created_at, content="")
    with pytest.raises(NothingToShare):
        copy_share(link, by=ben)


def test_a_link_that_is_turned_off_on_the_way_is_not_copied(conversation, ada, ben, branch):
    link = share(conversation, ada).link
    revoke_share(link.pk, by=ada)
    with pytest.raises(ShareNotFound):
        copy_share(link, by=ben)
    assert not Conversation.objects.filter(members__user=ben).exists()


def test_nor_one_whose_maker_is_taken_out_on_the_way(conversation, ada, ben, branch):
    link = share(conversation, ada).link
    Member.objects.filter(user=ada).update(role="reader")
    with pytest.raises(ShareNotFound):
        copy_share(link, by=ben)


# The page and the interface


def test_continuing_asks_for_a_sign_in_before_anything_else(conversation, ada, branch):
    shared = share(conversation, ada)
    for path in (shared.path, "/s/" + "a" * 32):
        response = visitor().get(f"{path}/continue")
        assert response["Location"] == f"/accounts/login/?next={path}/continue"


def test_it_says_what_will_happen_and_does_it_on_a_post(conversation, ada, ben, branch):
    shared = share(conversation, ada)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ben)
    page = client.get(f"{shared.path}/continue")
    assert not Conversation.objects.filter(members__user=ben).exists()
    assert page["Referrer-Policy"] == "same-origin"
    assert client.post(f"{shared.path}/continue").status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]
    made = client.post(f"{shared.path}/continue", {"csrfmiddlewaretoken": token})
    copy = Conversation.objects.get(members__user=ben)
    assert (made.status_code, made["Location"]) == (302, f"/c/{copy.pk}")


def test_behind_a_password_there_is_nothing_to_continue(conversation, ada, ben, branch):
    shared = share(conversation, ada, password="open sesame")
    client = visitor(ben)
    assert client.get(f"{shared.path}/continue")["Location"] == shared.path
    client.post(shared.path, {"password": "open sesame"})
    assert client.get(f"{shared.path}/continue").status_code == 200


def test_over_the_interface_with_a_password(conversation, ada, ben, branch):
    shared = share(conversation, ada, password="open sesame")
    client, path = visitor(ben), f"/api/v1/shares/{shared.token}/copy"
    wrong = client.post(path, {"password": "wrong"}, JSON)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    right = {"password": "open sesame"}
    first, again = (client.post(path, right, JSON) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


@pytest.mark.parametrize("token", ["x", "a" * 32, "A" * 32, "a" * 3000])
def test_an_unknown_token_copies_nothing(ben, token):
    response = visitor(ben).post(f"/api/v1/shares/{token}/copy", {}, JSON)
    assert (response.status_code, response.json()["code"]) == (404, "share_not_found")


def test_who_was_not_chosen_copies_nothing(conversation, ada, ben, cyd, branch):
    shared = share(conversation, ada, audience="people", people=[ben.pk])
    codes = [
        visitor(who).post(f"/api/v1/shares/{shared.token}/copy", {}, JSON).status_code
        for who in (ben, cyd, make_user())
    ]
    assert codes == [201, 404, 404]
