"""Members, invitations and the search for people over HTTP."""

import unicodedata
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Invitation
from accounts.services import people
from chat.services import members
from tests.chat.services.membership import add
from tests.chat.services.test_inviting import NEW, invite
from tests.factories import make_user

JSON = "application/json"
API = "/api/v1"


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def at(conversation, person=None):
    address = f"{API}/conversations/{conversation.pk}/members"
    return f"{address}/{person.pk}" if person else address


def post(client, conversation, **body):
    return client.post(at(conversation), body, content_type=JSON)


def patch(client, conversation, person, role):
    return client.patch(at(conversation, person), {"role": role}, content_type=JSON)


def names(answer):
    return [item["name"] for item in answer.json()["items"]]


def find(client, q):
    return client.get(f"{API}/people", {"q": q})


@pytest.fixture
def shared(ada, ben, conversation):
    add(conversation, ben, by=ada, role="reader")
    return conversation


def test_everybody_in_it_sees_who_is_in_it(as_ada, ada, ben, shared):
    seen = as_ada.get(at(shared)).json()
    assert [(item["user"], item["role"]) for item in seen["items"]] == [
        ({"id": str(ada.pk), "name": "Ada"}, "owner"),
        ({"id": str(ben.pk), "name": "Ben"}, "reader"),
    ]
    assert client_of(ben).get(at(shared)).json()["items"] == seen["items"]


def test_only_the_owner_sees_who_is_invited(as_ada, ada, ben, shared):
    added = invite(shared, by=ada)
    [invited] = as_ada.get(at(shared)).json()["invited"]
    assert invited.keys() == {"id", "email", "role", "expires_at"}
    assert (invited["id"], invited["email"]) == (str(added.place.invitation_id), NEW)
    assert client_of(ben).get(at(shared)).json()["invited"] == []


def test_add_by_id_and_by_address(as_ada, ben, cyd, conversation):
    by_id = post(as_ada, conversation, user=str(ben.pk), role="reader")
    assert by_id.status_code == 201
    assert by_id.json()["member"]["role"] == "reader"
    assert by_id.json()["invitation"] is None
    by_address = post(as_ada, conversation, email="cyd@example.org", role="writer")
    assert by_address.json()["member"]["user"] == {"id": str(cyd.pk), "name": "Cyd"}


def test_a_stranger_is_invited_and_the_link_is_handed_over(as_ada, conversation):
    answer = post(as_ada, conversation, email=NEW, role="reader")
    assert (answer.status_code, answer.json()["member"]) == (201, None)
    made = answer.json()["invitation"]
    assert made.keys() == {"id", "email", "role", "expires_at", "url"}
    assert Client().get(made["url"].partition("8000")[2]).status_code == 200


def test_where_mails_go_out_nobody_is_given_the_link(as_ada, conversation, settings):
    settings.EMAIL_URL = "smtp://mail.example.org"
    answer = post(as_ada, conversation, email=NEW, role="reader")
    assert answer.json()["invitation"]["url"] is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "who_is_missing"),
        ({"email": ""}, 422, "who_is_missing"),
        ({"email": NEW, "user": str(uuid4())}, 422, "who_is_missing"),
        ({"user": str(uuid4())}, 422, "unknown_person"),
        ({"email": "nonsense"}, 422, "bad_address"),
        ({"email": "n\0@example.org"}, 422, "bad_address"),
        ({"email": NEW, "role": "owner"}, 422, "invalid_input"),
        ({"email": NEW, "rolle": "reader"}, 422, "invalid_input"),
        ({"email": "ada@example.org"}, 409, "already_member"),
    ],
)
def test_what_cannot_be_used_is_refused(as_ada, conversation, body, status, code):
    answer = post(as_ada, conversation, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Invitation.objects.exists()


def test_the_suspended_are_refused_with_a_sentence(as_ada, ben, conversation):
    people.suspend(ben, by=make_user("Staff", is_staff=True))
    for body in ({"email": ben.email}, {"user": str(ben.pk)}):
        answer = post(as_ada, conversation, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "cannot_be_invited")


def test_roles_are_changed_and_the_conversation_handed_over(as_ada, ada, ben, shared):
    assert patch(as_ada, shared, ben, "writer").json()["role"] == "writer"
    assert patch(as_ada, shared, ben, "owner").json()["role"] == "owner"
    assert patch(as_ada, shared, ben, "reader").status_code == 403
    assert patch(client_of(ben), shared, ada, "reader").status_code == 200
    assert patch(client_of(ben), shared, ben, "emperor").status_code == 422


def test_removed_means_gone_everywhere_at_once(as_ada, ben, shared):
    as_ben = client_of(ben)
    assert as_ben.get(f"/c/{shared.pk}").status_code == 200
    assert as_ada.delete(at(shared, ben)).status_code == 204
    for path in (f"/c/{shared.pk}", at(shared), f"{API}/conversations/{shared.pk}"):
        assert as_ben.get(path).status_code == 404
    assert as_ben.get(f"{API}/conversations", {"q": "Leases"}).json()["items"] == []
    assert as_ada.delete(at(shared, ben)).status_code == 404


def test_a_member_leaves_but_removes_nobody(as_ada, ada, ben, shared):
    as_ben = client_of(ben)
    assert as_ben.delete(at(shared, ada)).status_code == 403
    assert as_ben.delete(at(shared, ben)).status_code == 204
    assert as_ada.delete(at(shared, ada)).status_code == 204


def test_the_owner_cannot_leave_the_others(as_ada, ada, shared):
    answer = as_ada.delete(at(shared, ada))
    assert (answer.status_code, answer.json()["code"]) == (409, "owner_stays")


def test_staff_have_no_right_on_what_they_are_not_in(ben, shared):
    as_staff = client_of(make_user("Staff", is_staff=True))
    assert as_staff.get(at(shared)).status_code == 404
    assert post(as_staff, shared, email=NEW).status_code == 404
    assert patch(as_staff, shared, ben, "writer").status_code == 404
    assert as_staff.delete(at(shared, ben)).status_code == 404


def test_a_member_who_is_not_the_owner_is_told_so(ada, ben, cyd, shared):
    as_ben = client_of(ben)
    refused = [
        post(as_ben, shared, email=NEW),
        post(as_ben, shared),
        patch(as_ben, shared, ada, "reader"),
        as_ben.delete(at(shared, ada)),
        as_ben.delete(at(shared, cyd)),
    ]
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(403, "owner_only")}


def test_a_full_conversation_says_so(as_ada, ben, shared, monkeypatch):
    monkeypatch.setattr(members, "MOST", 2)
    answer = post(as_ada, shared, email=NEW)
    assert (answer.status_code, answer.json()["limit"]) == (409, 2)


# Invitations -----------------------------------------------------------------------------------------


def test_staff_invite_and_others_find_nothing_there(as_ada, db):
    staff = make_user("Staff", is_staff=True)
    made = client_of(staff).post(f"{API}/invitations", {"email": NEW}, content_type=JSON)
    assert made.status_code == 201
    assert made.json().keys() == {"id", "email", "expires_at", "url"}
    for body in ({"email": NEW}, {"mail": 1}, "{"):
        answer = as_ada.post(f"{API}/invitations", body, content_type=JSON)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_one_sees_ones_own_and_staff_see_all_without_titles(as_ada, ada, ben, shared):
    invite(shared, by=ada)
    [mine] = as_ada.get(f"{API}/invitations").json()["items"]
    assert mine["state"] == "open"
    assert mine["invited_by"] == {"id": str(ada.pk), "name": "Ada"}
    assert mine["conversations"] == [{"id": str(shared.pk), "title": "Leases", "role": "writer"}]
    as_staff = client_of(make_user("Staff", is_staff=True))
    [seen] = as_staff.get(f"{API}/invitations").json()["items"]
    assert (seen["id"], seen["conversations"]) == (mine["id"], [])
    assert client_of(ben).get(f"{API}/invitations").json()["items"] == []


def test_an_invitation_is_withdrawn_by_its_sender(as_ada, as_cyd, ada, conversation):
    address = f"{API}/invitations/{invite(conversation, by=ada).place.invitation_id}"
    assert as_cyd.delete(address).status_code == 404
    assert as_ada.delete(address).status_code == 204
    assert as_ada.delete(address).status_code == 404
    assert as_ada.get(at(conversation)).json()["invited"] == []
    assert as_ada.get(f"{API}/invitations").json()["items"][0]["state"] == "withdrawn"


# People ----------------------------------------------------------------------------------------------


def test_people_are_found_by_a_part_of_their_name(as_ada, ada, ben):
    make_user("Rubens Barrichello", email="rb@example.org")
    answer = find(as_ada, " BEN ")
    assert names(answer) == ["Ben", "Rubens Barrichello"]
    assert answer.json()["items"][0] == {
        "id": str(ben.pk),
        "name": "Ben",
        "hint": "b…@example.org",
    }
    assert names(find(as_ada, "ada")) == []


def test_an_address_finds_only_as_a_whole(as_ada, ben):
    assert names(find(as_ada, "Ben@example.org")) == ["Ben"]
    for part in ("example.org", "ben@example.or", "en@example.org"):
        assert names(find(as_ada, part)) == []


def test_who_cannot_sign_in_is_not_found(as_ada, ben, cyd):
    staff = make_user("Staff", is_staff=True)
    people.suspend(ben, by=staff)
    people.delete(cyd, by=staff)
    assert names(find(as_ada, "ben")) == names(find(as_ada, "deleted")) == []


@pytest.mark.parametrize("q", ["%%", "__", "B_n", "\\\\", "%en"])
def test_wildcards_are_letters(as_ada, ben, q):
    assert names(find(as_ada, q)) == []


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_accents_are_found_however_they_are_written(as_ada, stored, typed):
    name = unicodedata.normalize(stored, "Zoë Müller")
    make_user(name, email="zm@example.org")
    make_user("한준서", email="h@example.org")
    assert names(find(as_ada, unicodedata.normalize(typed, "zoë mü"))) == [name]
    assert names(find(as_ada, unicodedata.normalize(typed, "준서"))) == ["한준서"]


@pytest.mark.parametrize("q", ["", "b", " b ", "\0", "x" * 101, "b\0n"])
def test_too_little_or_nonsense_is_refused(as_ada, ben, q):
    assert find(as_ada, q).status_code == 422


def test_at_most_eight_come(as_ada):
    for number in range(10):
        make_user(f"Number {number}")
    assert len(names(find(as_ada, "number"))) == 8
