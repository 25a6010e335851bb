"""Spending as CSV: for spreadsheets that must not run what somebody typed as their name."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import Group
from accounts.prices import Tokens
from accounts.services import csv_export, spending
from accounts.services.csv_export import cell
from accounts.services.reports import Span
from accounts.services.reports_workspace import today
from accounts.services.spending import Call
from tests.factories import make_user
from tests.tabs import session_for, tab
from webchat.threads import in_thread

LITE = "gemini-3.1-flash-lite-preview"


def spend(user, tokens):
    asked = Call(uuid4(), LITE, prompt_bound=0, most_output=tokens, least_output=1)
    spending.reserve(user, asked)
    spending.fence(asked.completion_id, 0)
    spending.settle(asked.completion_id, 0, Tokens(0, tokens), "upstream")


def rows(kind):
    """Every row, portion by portion."""
    columns, portion = csv_export.KINDS[kind]
    span = csv_export.fixed_days(kind, Span())
    written, place = csv_export.lines([columns]), None
    while True:
        found, place = portion(span, place)
        written += csv_export.lines(found)
        if place is None:
            return list(csv.DictReader(io.StringIO(written.decode())))


@pytest.mark.parametrize(
    "text", ["=1+1", "+49", "-2+3", "@SUM(A1)", "\tx", "\rx", "\uff1d1", '=HYPERLINK("x")']
)
def test_a_text_that_could_be_a_formula_is_a_text(text):
    assert cell(text) == f"'{text}"


def test_figures_stay_figures():
    assert [cell(-5), cell(0), cell(None), cell("Ada")] == ["-5", "0", "", "Ada"]
    assert str(csv_export.dollars(22_718)) == "0.022718"


def test_people_days_and_ledger_say_the_same(db):
    evil = make_user("=cmd|'/c calc'!A1")
    spend(evil, 700)
    spend(evil, 300)
    people, days, ledger = rows("people"), rows("days"), rows("ledger")
    assert people[0]["name"] == days[0]["name"] == ledger[0]["name"] == "'=cmd|'/c calc'!A1"
    assert (people[0]["spent_micro_usd"], people[0]["spent_usd"]) == ("1500", "0.001500")
    assert [row["micro_usd"] for row in ledger] == ["1050", "450"]
    assert (days[0]["micro_usd"], days[0]["calls"]) == ("1500", "2")


@pytest.mark.parametrize("kind", ["people", "days", "ledger"])
def test_many_rows_come_in_portions_without_a_gap(db, monkeypatch, kind):
    monkeypatch.setattr(csv_export, "PORTION", 2)
    monkeypatch.setattr(csv_export, "MOST_A_PAGE", 2)
    for tokens in (1, 2, 3, 4, 5):
        spend(make_user(), tokens)
    column = "spent_tokens" if kind == "people" else "tokens"
    assert sorted(row[column] for row in rows(kind)) == ["1", "2", "3", "4", "5"]


def test_who_came_into_another_group_on_a_day_is_there_with_both(ada, monkeypatch):
    monkeypatch.setattr(csv_export, "PORTION", 1)
    for tokens in (1, 2, 3):
        ada.group = Group.objects.create(name=f"Group {tokens}")
        ada.save()
        spend(ada, tokens)
    assert sorted(row["tokens"] for row in rows("days")) == ["1", "2", "3"]


@pytest.mark.django_db(transaction=True)
async def test_midnight_in_the_middle_of_an_export_moves_no_days(monkeypatch):
    def prepared():
        for tokens in (1, 2, 3):
            spend(make_user(), tokens)

    midnights = iter(range(10))
    monkeypatch.setattr(csv_export, "PORTION", 1)
    monkeypatch.setattr(
        csv_export, "days_of", lambda *_: [today() + timedelta(next(midnights))] * 2
    )
    await in_thread(prepared)()
    written = b"".join([part async for part in csv_export.export("days", Span())])
    found = csv.DictReader(io.StringIO(written.decode("utf-8-sig")))
    assert sorted(row["tokens"] for row in found) == ["1", "2", "3"]


@pytest.mark.django_db(transaction=True)
async def test_a_server_streams_it_with_a_mark_that_excel_needs(site):
    def prepared():
        spend(make_user("한준서"), 5)
        return session_for(make_user("Sam", is_staff=True))

    async with tab(site.url, await in_thread(prepared)()) as sam:
        got = await sam.http.get("/admin/spend.csv", params={"kind": "ledger"})
    assert got.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'attachment; filename="webchat-ledger-' in got.headers["Content-Disposition"]
    assert "Content-Length" not in got.headers
    assert got.content.startswith(b"\xef\xbb\xbfid,at_utc,")
    assert "한준서" in got.text


def test_people_of_a_range_of_days_have_no_budget_to_show(client, db):
    client.force_login(make_user("Sam", is_staff=True))
    query = {"kind": "people", "period": "2026-11-01..2026-11-02"}
    assert client.get("/api/v1/admin/spend.csv", query).status_code == 422
