"""The staff page Status and the warning that leads to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import User
from chat.models import Completion, Conversation
from chat.models.states import State
from tests.factories import make_message, make_user
from webchat import status
from webchat.doctor import Finding, refusals

STATUS = "/admin/status/"
FOUND = [
    Finding("Clock", "ok", "They agree."),
    Finding("Mail", "note", "Mail is printed.", "Set EMAIL_URL."),
    Finding("Gateway", "problem", "The <key> was refused.", "Set EVOLINK_API_KEY."),
]


@pytest.fixture
def as_sam(db: None) -> Client:
    """Administers."""
    client = Client()
    client.force_login(make_user("Sam", is_staff=True))
    return client


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "examine", lambda: FOUND)


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    assert client.get(STATUS)["Location"] == f"/accounts/login/?next={STATUS}"


def test_people_who_are_not_staff_are_refused(as_cyd: Client) -> None:
    assert as_cyd.get(STATUS).status_code == 403


def test_it_is_only_looked_at(as_sam: Client) -> None:
    assert as_sam.post(STATUS).status_code == 405


def test_staff_see_problems_first_and_what_to_do(as_sam: Client, examined: None) -> None:
    text = as_sam.get(STATUS).text
    places = [text.index(words) for words in ("Gateway", "Set EVOLINK_API_KEY.", "Mail", "Clock")]
    assert places == sorted(places)
    assert "The &lt;key&gt; was refused." in text
    assert "1 problem at" in text


def test_the_real_checks_run_from_inside_a_request(as_sam: Client) -> None:
    text = as_sam.get(STATUS).text
    assert all(word in text for word in ("PostgreSQL 18", "memory of one process", "demo model"))


def test_people_is_beside_it(as_sam: Client, examined: None) -> None:
    assert f'href="{STATUS}"' in as_sam.get("/admin/people/").text
    assert f'href="{STATUS}" aria-current="page"' in as_sam.get(STATUS).text


# The warning --------------------------------------------------------------------------------------


@pytest.fixture
def refused(conversation: Conversation) -> None:
    answer = make_message(conversation, content="", status=State.FAILED)
    at = timezone.now() - timedelta(hours=1)
    Completion.objects.filter(message=answer).update(code="upstream_auth", finished_at=at)


def notice_for(user: Any) -> str:
    request = RequestFactory().get("/")
    request.user = user
    return render_to_string("_staff_notice.html", request=request).strip()


def test_staff_are_warned_on_the_page_people(as_sam: Client, refused: None) -> None:
    text = as_sam.get("/admin/people/").text
    assert "The gateway refused the key, last at " in text
    assert f'class="button small" href="{STATUS}"' in text


def test_nobody_else_is_warned_or_waits_for_a_query(
    ada: User, refused: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert notice_for(ada) == notice_for(AnonymousUser()) == ""


def test_the_warning_costs_staff_one_query(
    db: None, refused: None, django_assert_num_queries: Any
) -> None:
    sam = make_user("Sam", is_staff=True)
    with django_assert_num_queries(1):
        assert STATUS in notice_for(sam)


def test_where_all_is_well_nothing_is_said(db: None) -> None:
    assert notice_for(make_user("Sam", is_staff=True)) == ""


def test_a_database_that_fails_is_said_instead_of_breaking_the_page(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise DatabaseError

    monkeypatch.setattr(refusals, "lately", away)
    assert "The database does not answer as it should." in notice_for(
        make_user("Sam", is_staff=True)
    )
