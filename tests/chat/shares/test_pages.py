"""What the page of a share link shows, and above all what it does not."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Completion, Member, Message, ShareLink
from chat.models.states import State
from chat.services.messages import delete_message
from tests.factories import make_message, make_running_answer
from tests.shares import html, share, texts, told, visitor

UUIDS = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


# A snapshot


def test_a_snapshot_shows_nothing_that_came_later(conversation, ada, branch):
    shared = share(conversation, ada, until_message=branch[3].pk)
    make_message(conversation, ada, parent=branch[3], content="LATER below")
    make_message(conversation, ada, parent=branch[1], content="LATER edit")
    make_message(conversation, parent=branch[2], content="LATER answer")
    Message.objects.filter(pk=branch[0].pk).update(content="LATER change")
    conversation.title = "LATER title"
    conversation.save()
    page = html(shared)
    assert "LATER" not in page
    assert texts(shared) == ["Turn 0", "Turn 1", "Turn 2", "Turn 3"]
    assert ">Leases</h1>" in page


def test_an_answer_that_was_running_stays_away_when_it_has_ended(conversation, ada, branch):
    question = make_message(conversation, ada, parent=branch[3], content="And now?")
    answer = make_running_answer(conversation, question)
    shared = share(conversation, ada, until_message=answer.pk)
    Message.objects.filter(pk=answer.pk).update(content="LATER", status=State.COMPLETED)
    assert texts(shared)[-1] == "And now?"


def test_what_is_deleted_disappears_from_a_snapshot(conversation, ada, branch, changes):
    shared = share(conversation, ada, until_message=branch[3].pk)
    delete_message(branch[1].pk, by=ada)
    assert texts(shared) == ["Turn 0", "Turn 2", "Turn 3"]
    assert changes(shared)["gone"] == [2]


def test_what_is_deleted_is_not_even_kept(conversation, ada, branch):
    shared = share(conversation, ada)
    untouched = share(conversation, ada, messages=[branch[0].pk])
    delete_message(branch[1].pk, by=ada)
    kept = [
        [each["content"] for each in ShareLink.objects.get(pk=one.link.pk).content]
        for one in (shared, untouched)
    ]
    assert kept == [["Turn 0", "", "Turn 2", "Turn 3"], ["Turn 0"]]


def test_a_deleted_message_is_not_brought_back_by_its_own_copy(conversation, ada, branch):
    shared = share(conversation, ada, messages=[branch[1].pk], until_message=branch[1].pk)
    delete_message(branch[1].pk, by=ada)
    assert "Turn 1" not in html(shared)


# A live link


def test_a_live_link_follows_its_branch(conversation, ada, branch):
    shared = share(conversation, ada, kind="live", until_message=branch[1].pk)
    make_message(conversation, ada, parent=branch[3], content="Next")
    elsewhere = make_message(conversation, ada, content="Another beginning")
    assert texts(shared) == ["Turn 0", "Turn 1", "Turn 2", "Turn 3", "Next"]
    assert elsewhere.content not in html(shared)


def test_changes_are_new_changed_and_running_ones(conversation, ada, branch, changes):
    shared = share(conversation, ada, kind="live", until_message=branch[3].pk)
    before = changes(shared)
    assert told(before) == {number + 1: f"Turn {number}" for number in range(4)}
    quiet = changes(shared, before["version"])
    assert (quiet["messages"], quiet["gone"], quiet["last"]) == ([], [], None)
    question = make_message(conversation, ada, parent=branch[3], content="And now?")
    answer = make_running_answer(conversation, question)
    Message.objects.filter(pk=answer.pk).update(content="So f", status=State.STREAMING)
    running = changes(shared, before["version"])
    assert told(running) == {5: "And now?", 6: "So f"}
    Message.objects.filter(pk=answer.pk).update(content="So far, so good")
    again = changes(shared, running["version"])
    assert told(again) == {6: "So far, so good"}
    assert again["messages"][0]["status"] == "streaming"


def test_the_end_of_an_answer_is_told_once_more(conversation, ada, branch, changes):
    shared = share(conversation, ada, kind="live", until_message=branch[3].pk)
    answer = make_running_answer(conversation, branch[2])
    version = changes(shared)["version"]
    conversation.refresh_from_db()
    done = {"content": "Whole", "status": State.COMPLETED, "version": conversation.next_version()}
    conversation.save()
    Message.objects.filter(pk=answer.pk).update(**done)
    assert changes(shared, version)["messages"] == []  # it is beside the branch
    other = share(conversation, ada, kind="live", until_message=branch[2].pk)
    assert told(changes(other, version)) == {4: "Whole"}


def test_a_regenerated_answer_takes_the_place_of_the_old_one(conversation, ada, branch, changes):
    shared = share(conversation, ada, kind="live", until_message=branch[1].pk)
    version = changes(shared)["version"]
    make_message(conversation, ada, parent=branch[1], content="Asked anew")
    after = changes(shared, version)
    assert (told(after), after["last"]) == ({3: "Asked anew"}, 3)


def test_what_is_taken_back_is_gone_and_nobodys_letter_changes(
    conversation, ada, ben, branch, changes
):
    last = make_message(conversation, ben, parent=branch[3], content="Mine")
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    shared = share(conversation, ada, kind="live", until_message=last.pk)
    version = changes(shared)["version"]
    for message in (branch[0], branch[2]):
        delete_message(message.pk, by=ada)
    after = changes(shared, version)
    assert (after["gone"], after["last"], after["messages"]) == ([1, 3], 5, [])
    assert [message["name"] for message in changes(shared)["messages"]][-1] == "Person B"


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 30, "1.5", "٣"])
def test_a_strange_version_is_from_the_beginning(conversation, ada, branch, changes, since):
    shared = share(conversation, ada, kind="live")
    assert len(changes(shared, since)["messages"]) in (0, 4)


# What never leaves


SECRETS = {
    "system_prompt": "SECRET prompt",
    "parameters": {"temperature": 0.123456},
    "title": "Leases",
}


@pytest.mark.parametrize("kind", ["snapshot", "live"])
@pytest.mark.parametrize("show_names", [False, True])
def test_no_field_leaves_but_the_text(conversation, ada, ben, branch, changes, kind, show_names):
    for name, value in SECRETS.items():
        setattr(conversation, name, value)
    conversation.save()
    Completion.objects.update(
        reasoning="SECRET thoughts",
        detail="SECRET detail",
        code="SECRET_code",
        upstream_id="SECRET id",
        usage={"total_tokens": 987_654_321},
        cost_micro_usd=123_456_789,
        parameters={"temperature": 0.123456},
        finished_at=timezone.now(),
    )
    last = make_message(conversation, ben, parent=branch[3], content="Ben speaks")
    shared = share(conversation, ada, kind=kind, show_names=show_names, until_message=last.pk)
    said = html(shared, visitor(ada)) + json.dumps(changes(shared))
    nonce_free = re.sub(
        r'nonce="[^"]*"|{"imports".*', "", said
    )  # random, and the names of our files
    for secret in (
        "SECRET",
        "987654321",
        "123456789",
        "0.123456",
        "@example.org",
        "micro",
        "usage",
    ):
        assert secret not in nonce_free, secret
    ids = {row.pk.hex for row in (*Message.objects.all(), *Completion.objects.all(), ada, ben)}
    ids |= {conversation.pk.hex, shared.link.pk.hex}
    assert not {found.replace("-", "") for found in UUIDS.findall(nonce_free)} & ids
    assert ("Ada" in said, "Ben<" in said) == (show_names, show_names)
    fields = {"id", "role", "name", "hue", "model", "content", "status", "created_at"}
    assert all(set(message) == fields for message in changes(shared)["messages"])


def test_a_link_preview_is_neutral(conversation, ada, branch):
    page = html(share(conversation, ada))
    head = page[: page.index("</head>")]
    assert "<title>A shared chat</title>" in head
    assert '<meta property="og:title" content="A shared chat">' in head
    assert "Leases" not in head
    assert "Turn" not in head


def test_text_is_text_without_scripts(conversation, ada):
    attack = "<script>alert(1)</script>\n**bold** & <img src=x onerror=alert(1)>"
    question = make_message(conversation, ada, content=attack)
    make_message(conversation, parent=question, content=attack)
    conversation.title = attack
    conversation.save()
    page = html(share(conversation, ada))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;\n**bold** &amp; &lt;img") == 3


def test_the_page_says_what_it_is(conversation, ada, ben, branch):
    last = make_message(conversation, ben, parent=branch[3], content="Two people")
    page = html(share(conversation, ada, until_message=last.pk))
    ends = timezone.now() + timedelta(days=7)
    words = re.sub(r"<[^>]+>", "", page[page.index("Shared on") :].split("</p>")[0])
    assert "2 people · 5 messages" in words
    assert f"link ends on {ends:%-d %B %Y}" in words


def test_the_name_of_a_model_is_short(conversation, ada, branch):
    Message.objects.filter(pk=branch[1].pk).update(model="gemini-3.5-flash")
    shared = share(conversation, ada, until_message=branch[1].pk)
    assert "<span data-model>3.5 Flash</span>" in html(shared)
