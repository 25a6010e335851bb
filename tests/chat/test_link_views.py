"""The pages of links, and the audit trail that staff read below theirs."""

import pytest
from django.test import Client

from accounts.services import trail, trail_lines
from accounts.templatetags.trail import WORDS
from tests.factories import make_conversation, make_user

OWN, EVERYBODYS = "/settings/links", "/admin/links/"


@pytest.fixture
def sam(db):
    return make_user("Sam", is_staff=True)


@pytest.fixture
def as_sam(sam):
    staff = Client()
    staff.force_login(sam)
    return staff


def test_strangers_sign_in_and_only_staff_see_everybodys(client, as_cyd, as_sam):
    for path in (OWN, EVERYBODYS):
        assert client.get(path)["Location"] == f"/accounts/login/?next={path}"
    assert [as_cyd.get(path).status_code for path in (OWN, EVERYBODYS)] == [200, 403]
    assert [as_sam.get(path).status_code for path in (OWN, EVERYBODYS)] == [200, 200]


def test_the_pages_are_only_looked_at(as_sam):
    assert [as_sam.post(path).status_code for path in (OWN, EVERYBODYS)] == [405, 405]


def test_the_trail_says_who_did_what_to_whom_and_nothing_of_what_it_is_about(as_sam, ada, ben):
    chat = make_conversation(ada, title="Salaries of next year")
    trail.note("member.added", by=ada, person=ben.pk, conversation=chat.pk, role="reader")
    trail.note(
        "share.created",
        by=ada,
        conversation=chat.pk,
        audience="public",
        kind="live",
        has_password=True,
        show_names=True,
        expires_at=None,
    )
    trail.note("share.guessed", by=None, person=ada.pk, conversation=chat.pk, seconds=300)
    text = as_sam.get(EVERYBODYS).text
    for words in (
        "Ada added Ben to a chat",
        "can read",
        "Ada made a link",
        "anyone with the link · live · with password · names shown · without an end",
        "Too many wrong passwords for a link of Ada",
        str(chat.pk)[:8],
    ):
        assert words in text
    assert "Salaries" not in text


def test_an_action_without_words_is_still_listed(as_sam, ada):
    trail.note("share.painted", by=ada)
    assert "Ada share: painted" in as_sam.get(EVERYBODYS).text


@pytest.mark.parametrize("action", WORDS)
def test_every_action_has_a_sentence_also_when_nobody_is_left(as_sam, action):
    trail.note(action, by=None)
    text = as_sam.get(EVERYBODYS).text
    assert action not in text
    assert "{person}" not in text


def test_pages_of_the_trail_have_everything_once(as_sam, ada, monkeypatch):
    monkeypatch.setattr(trail_lines, "SHOWN", 2)
    for number in range(5):
        trail.note("share.created", by=ada, expires_at=f"20{number}0-01-01T00:00:00+00:00")
    seen, before = [], None
    while True:
        lines, before = trail_lines.page(before=before)
        seen += [line.entry.pk for line in lines]
        if before is None:
            break
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 5
    older = as_sam.get(f"{EVERYBODYS}?before={seen[1]}").text
    assert ("until 1 Jan 2020" in older, "until 1 Jan 2040" in older) == (True, False)


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 30, "²", "\0"])
def test_a_place_that_nobody_made_is_a_page(as_sam, before):
    assert as_sam.get(EVERYBODYS, {"before": before}).status_code == 200


def test_the_trail_takes_as_many_queries_for_many_as_for_few(as_sam, django_assert_num_queries):
    for number in range(20):
        trail.note("share.created", by=make_user(f"Person {number}"))
    with django_assert_num_queries(5):  # session, person, trail, names, warning
        as_sam.get(EVERYBODYS)
