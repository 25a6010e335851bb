"""What is not yours looks exactly like what does not exist; and nothing passes without a session or a CSRF token."""

import json
import re
from uuid import uuid4

import pytest
from django.test import Client

from tests.factories import make_branch, posting
from webchat.api import api

JSON = "application/json"
OPEN = {"/api/v1/openapi.json", "/api/v1/docs"}


def routes():
    """(method, path template) of every operation: a new route is tested without anybody thinking of it."""
    schema = api.get_openapi_schema()
    return [(method, path) for path, methods in schema["paths"].items() for method in methods]


def body_for(path):
    if re.search(r"conversations/.*/shares(/preview)?$", path):
        return {"audience": "public", "kind": "snapshot"}
    return posting() if path.endswith("/messages") else {}


def filled(path, conversation_id, message_id):
    """Whatever else is named in the address exists nowhere."""
    known = {"conversation_id": conversation_id, "message_id": message_id, "change_id": 10**12}
    return re.sub(r"\{(\w+)\}", lambda part: str(known.get(part[1], uuid4())), path)


def call(client, method, path):
    address = f"{path}?since=0" if path.endswith("changes") else path
    return client.generic(method.upper(), address, json.dumps(body_for(path)), content_type=JSON)


@pytest.mark.parametrize(("method", "path"), routes())
def test_nothing_without_signing_in(db, method, path):
    response = call(Client(), method, filled(path, uuid4(), uuid4()))
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), [r for r in routes() if "{" in r[1]])
def test_an_outsider_cannot_tell_that_it_exists(as_cyd, ada, conversation, method, path):
    question, _ = make_branch(conversation, ada, 2)
    theirs = call(as_cyd, method, filled(path, conversation.pk, question.pk))
    nothing = call(as_cyd, method, filled(path, uuid4(), uuid4()))
    assert (theirs.status_code, theirs.content) == (404, nothing.content)


@pytest.mark.parametrize(("method", "path"), [r for r in routes() if r[0] != "get"])
def test_no_change_without_a_csrf_token(ada, conversation, method, path):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    response = call(strict, method, filled(path, conversation.pk, uuid4()))
    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/conversations/5", "/api/v1/messages/../x"]
)
def test_an_unknown_address_has_the_error_shape(as_ada, path):
    response = as_ada.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_wrong_method_has_the_error_shape(as_ada):
    response = as_ada.put("/api/v1/conversations", {}, content_type=JSON)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_answers_to_people_are_never_cached(as_ada):
    response = as_ada.get("/api/v1/me")
    assert response["Cache-Control"] == "private, no-store"
    assert "Cookie" in response["Vary"]


def test_who_am_i(as_ada, ada):
    assert as_ada.get("/api/v1/me").json() == {
        "id": str(ada.pk),
        "email": "ada@example.org",
        "name": "Ada",
        "is_staff": False,
    }
