"""The staff page Workspace: what holds for everyone, and that the server holds to it."""

import json
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.models import BudgetChange, Group, Workspace
from accounts.models.budget import WORKSPACE
from accounts.services import groups, workspace
from accounts.services.budgets import Limit
from chat import catalog
from chat.models import Conversation
from chat.services import answers
from tests.accounts.money import FLASH, LITE, PRO
from tests.factories import make_conversation, make_message, make_running_answer, posting

PAGE = "/admin/workspace/"
FORM = {
    "name": "Stadtwerke",
    "allowed_models": [FLASH, LITE],
    "default_model": LITE,
    "system_prompt": "Answer in German.",
}


# As the browser sends the boxes that are ticked.
TICKED = {"public_links": "on"}
STRICT = {"public_links": "", "longest_link_days": "7", "link_password_required": "on"}


def save(client, **changes):
    return client.post(PAGE, TICKED | FORM | changes)


def begin(client, **fields):
    body = json.dumps({"id": str(uuid4()), **fields})
    return client.post("/api/v1/conversations", body, content_type="application/json").json()


def test_only_staff_see_it(client, as_cyd):
    assert client.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
    for answer in (as_cyd.get(PAGE), save(as_cyd), as_cyd.post("/admin/groups/", {})):
        assert answer.status_code == 403
    assert not Workspace.objects.exists()


def test_it_begins_with_what_the_product_has(as_sam, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    text = as_sam.get(PAGE).text
    assert 'value="Webchat"' in text
    assert text.count("checked>") == len(catalog.MODELS) + len(TICKED)
    assert f'<option value="{catalog.DEFAULT}" selected>' in text
    assert "Europe/Berlin" in text
    assert "TIME_ZONE of the server" in text


def test_a_change_is_kept_and_noted_with_who_and_how_it_was(as_sam, sam):
    assert save(as_sam)["Location"] == PAGE
    [change] = BudgetChange.objects.all()
    assert (change.action, change.subject, change.actor) == ("workspace", WORKSPACE, sam.pk)
    assert change.before["name"] == "Webchat"
    assert change.after == FORM
    assert "Stadtwerke" in as_sam.get(PAGE).text
    save(as_sam)
    assert BudgetChange.objects.count() == 1
    save(as_sam, name="Stadtwerke Nürnberg")
    assert BudgetChange.objects.latest("pk").after == {"name": "Stadtwerke Nürnberg"}


def test_its_name_stands_in_the_sidebar_of_everybody(as_sam, as_ada):
    save(as_sam)
    assert "Stadtwerke</span></a>" in as_ada.get("/settings/profile").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Name is missing."),
        ({"name": "x" * 41}, "at most 40"),
        ({"name": "a\u202eb"}, "control characters"),
        ({"allowed_models": []}, "Leave at least one."),
        ({"allowed_models": ["gpt-9"]}, "not one of the available choices"),
        ({"default_model": PRO}, "Choose one of the models that may be asked."),
        ({"system_prompt": "x" * 20_001}, "at most 20000"),
        ({"longest_link_days": "0"}, "greater than or equal to 1"),
        ({"longest_link_days": "4000"}, "less than or equal to 3650"),
        ({"longest_link_days": "a week"}, "Enter a whole number."),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_lost(as_sam, wrong, told):
    text = save(as_sam, **wrong).text
    assert told in text
    assert "Error: Workspace" in text
    assert not Workspace.objects.exists()


def test_what_links_may_be_is_decided_here_and_noted(as_sam):
    assert save(as_sam, **STRICT)["Location"] == PAGE
    row = Workspace.objects.get()
    assert (row.public_links, row.longest_link_days, row.link_password_required) == (False, 7, True)
    text = as_sam.get(PAGE).text
    for words in (
        "Links that open for anyone: yes → no",
        "Longest life of a link: no limit → 7 days",
        "Every link needs a password: no → yes",
    ):
        assert words in text
    assert 'value="7"' in text
    as_sam.post(f"{PAGE}undo/{BudgetChange.objects.get().pk}/")
    row.refresh_from_db()
    assert (row.public_links, row.longest_link_days, row.link_password_required) == (
        True,
        None,
        False,
    )


def test_all_models_are_no_restriction(as_sam):
    save(as_sam, allowed_models=list(catalog.MODELS))
    assert Workspace.objects.get().allowed_models == []


def test_only_allowed_models_are_listed(as_sam, as_ada):
    save(as_sam)
    listing = as_ada.get("/api/v1/models").json()
    assert [model["id"] for model in listing["items"]] == [FLASH, LITE]
    assert listing["default"] == LITE


@pytest.mark.parametrize("ask", ["post", "again", "create", "change"])
def test_a_model_that_is_not_allowed_is_refused(as_sam, as_ada, ada, ask):
    save(as_sam)
    chat = make_conversation(ada)
    question = make_message(chat, ada)
    here = f"/api/v1/conversations/{chat.pk}"
    asked = {
        "post": ("POST", f"{here}/messages", posting(model=PRO, parent=str(question.pk))),
        "again": ("POST", f"/api/v1/messages/{question.pk}/completions", {"model": PRO}),
        "create": ("POST", "/api/v1/conversations", {"model": PRO}),
        "change": ("PATCH", here, {"model": PRO}),
    }
    method, path, body = asked[ask]
    answer = as_ada.generic(method, path, json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_model")


def test_a_chat_that_was_on_a_model_goes_on_with_another(as_sam, as_ada, ada, monkeypatch):
    monkeypatch.setattr(answers, "reserve_and_run", lambda answer, payer: None)
    chat = make_conversation(ada, model=PRO)
    save(as_sam)
    path = f"/api/v1/conversations/{chat.pk}/messages"
    refused, taken = (
        as_ada.post(path, json.dumps(posting(**model)), content_type="application/json")
        for model in ({}, {"model": LITE})
    )
    assert (refused.status_code, taken.status_code) == (422, 201)


def test_an_answer_that_is_being_written_keeps_its_model(as_sam, ada):
    chat = make_conversation(ada, model=PRO)
    answer = make_running_answer(chat, make_message(chat, ada), model=PRO)
    save(as_sam)
    answer.completion.refresh_from_db()
    assert (answer.completion.model, answer.completion.state) == (PRO, "queued")


def test_a_new_chat_begins_with_the_workspaces_model_and_prompt(as_sam, as_ada):
    save(as_sam)
    begun = begin(as_ada)
    assert (begun["model"], begun["system_prompt"]) == (LITE, "Answer in German.")
    own = begin(as_ada, system_prompt="Answer in rhymes.", model=FLASH)
    assert (own["model"], own["system_prompt"]) == (FLASH, "Answer in rhymes.")
    assert begin(as_ada, system_prompt="")["system_prompt"] == ""


def test_chats_that_exist_keep_theirs(as_sam, as_ada, ada):
    chat = make_conversation(ada, model=PRO)
    save(as_sam)
    assert Conversation.objects.get(pk=chat.pk).system_prompt == ""


def test_where_no_allowed_model_exists_any_more_all_are(sam):
    workspace.change(by=sam, allowed_models=["gemini-1"], default_model="gemini-1")
    assert workspace.models() == list(catalog.MODELS)
    assert workspace.default_model() == catalog.DEFAULT


def test_it_is_read_once_in_a_while(db, django_assert_num_queries, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(workspace.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(workspace, "_memory", {})
    with django_assert_num_queries(1):
        for _ in range(50):
            workspace.models(), workspace.default_model()
    clock[0] += workspace.REMEMBERED_SECONDS
    with django_assert_num_queries(1):
        workspace.now()


def test_there_is_one_workspace(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        Workspace.objects.create(pk=2)


def test_groups_are_listed_and_made(as_sam):
    answer = as_sam.post("/admin/groups/", {"group-name": "Research"})
    group = Group.objects.get()
    assert answer["Location"] == f"/admin/groups/{group.pk}/"
    assert "Research" in as_sam.get(PAGE).text
    again = as_sam.post("/admin/groups/", {"group-name": "Research"}).text
    assert "There is a group “Research” already" in again
    assert "is missing" in as_sam.post("/admin/groups/", {"group-name": " "}).text


def test_many_groups_take_no_more_queries_than_few(as_sam, django_assert_num_queries):
    Group.objects.bulk_create(Group(name=f"Group {number}") for number in range(30))
    with django_assert_num_queries(
        8
    ):  # session, person, warning, groups with limits, trail, names twice
        as_sam.get(PAGE)


def test_what_was_changed_is_listed_in_words_and_can_be_undone(as_sam, sam, ada):
    save(as_sam)
    group = groups.create(name="Research", by=sam)
    groups.put_in(group, ada, by=sam)
    for limit in (Limit("month", 5_000, None), Limit("week", 0, None), None):
        groups.limit(group, limit, together=True, by=sam, reason="Pilot")
    groups.rename(group, name="Science", by=sam)
    text = as_sam.get(PAGE).text
    for words in (
        "Name: “Webchat” → “Stadtwerke”",
        "Models that may be asked: all → Gemini 3.5 Flash, Gemini 3.1 Flash Lite",
        "System prompt: none → “Answer in German.”",
        "Group Research created",
        "Ada: no group → Research",
        "Group Science, together: none → 5,000 tokens a month",
        "5,000 tokens a month → blocked a week",
        "blocked a week → none",
        "Group Research renamed to Science",
        "Sam · Pilot",
    ):
        assert words in text
    of_workspace, of_limit, of_group = (
        BudgetChange.objects.filter(action=action).latest("pk").pk
        for action in ("workspace", "limit", "group")
    )
    for change in (of_workspace, of_limit, of_group, 0):
        as_sam.post(f"{PAGE}undo/{change}/")
    row = Workspace.objects.get()
    assert (row.name, row.allowed_models, row.system_prompt) == ("Webchat", [], "")
    assert groups.limits_of(group)["group"]["limit_tokens"] == 0
    text = as_sam.get(PAGE).text
    assert "It is as it was before that change." in text
    assert "Only a change of a limit can be undone" in text
    assert "There is no such change." in text


def test_only_staff_undo(as_cyd, sam):
    workspace.change(by=sam, name="Stadtwerke")
    change = BudgetChange.objects.get()
    assert as_cyd.post(f"{PAGE}undo/{change.pk}/").status_code == 403
    assert as_cyd.get(f"{PAGE}undo/{change.pk}/").status_code == 405
    assert Workspace.objects.get().name == "Stadtwerke"
