"""What everybody may do: a row for every operation of the HTTP interface, with the code of each role where the thing is
there for them. Nobody signed in: 401. Not theirs, deleted, never there, no id at all: 404."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.access.world import World, in_a_week
from tests.factories import posting

Codes = dict[str, int]
Body = Callable[[World], dict[str, Any]]
SIGNED_IN = ("stranger", "reader", "writer", "owner", "staff", "removed")
OUT = ("anonymous", "suspended")


def members(reader: int, writer: int, owner: int) -> Codes:
    return {"reader": reader, "writer": writer, "owner": owner}


def everyone(code: int = 200) -> Codes:
    return dict.fromkeys(SIGNED_IN, code)


def staff(code: int = 200) -> Codes:
    return {"staff": code}


def nothing(world: World) -> dict[str, Any]:
    return {}


def just(**fields: Any) -> Body:
    return lambda world: fields


@dataclass(frozen=True)
class Row:
    """`codes`: who is not named gets 404. `query` is put behind the address. `names`: what stands for a parameter of
    the address, where its name alone does not say it. For staff another's is as good as their own. `first`: who is
    told that they may not, before anybody looks whether it is there."""

    codes: Codes
    body: Body = nothing
    query: str = ""
    names: dict[str, str] = field(default_factory=dict)
    first: Codes = field(default_factory=dict)


LIMIT = {"period": "month", "limit_tokens": 10, "limit_micro_usd": None}
PRICE = {"model": "gemini-2.5-pro", "prompt": 1_250_000, "cached": 310_000, "output": 10_000_000}
C, M = "/conversations/{conversation_id}", "/messages/{message_id}"
QUESTION, ANSWER = {"message_id": "question_id"}, {"message_id": "answer_id"}
A = "/admin"


def a_share(world: World) -> dict[str, Any]:
    return {"audience": "public", "kind": "live", "expires_at": in_a_week(), "show_names": False}


TABLE: dict[tuple[str, str], Row] = {
    # Conversations
    ("get", "/conversations"): Row(everyone()),
    ("post", "/conversations"): Row(everyone(201), just(title="Mine")),
    ("get", C): Row(members(200, 200, 200)),
    ("patch", C): Row(members(403, 200, 200), just(title="Renamed")),
    ("delete", C): Row(members(403, 403, 204)),
    ("get", f"{C}/changes"): Row(members(200, 200, 200), query="?since=0"),
    ("get", f"{C}/messages"): Row(members(200, 200, 200)),
    ("post", f"{C}/messages"): Row(members(403, 201, 201), lambda world: posting()),
    # Messages
    ("post", f"{M}/completions"): Row(members(403, 201, 201), names=QUESTION),
    ("post", f"{M}/stop"): Row(members(200, 200, 200), names=ANSWER),
    ("delete", M): Row(members(403, 200, 200), names=QUESTION),
    # Members
    ("get", f"{C}/members"): Row(members(200, 200, 200)),
    ("post", f"{C}/members"): Row(
        members(403, 403, 201), just(email="new@example.org", role="reader")
    ),
    ("patch", f"{C}/members/{{user_id}}"): Row(
        members(403, 403, 200), just(role="writer"), first={"reader": 403, "writer": 403}
    ),
    ("delete", f"{C}/members/{{user_id}}"): Row(
        members(204, 403, 204), first={"reader": 403, "writer": 403}
    ),
    ("get", "/people"): Row(everyone(), query="?q=writer"),
    # Invitations
    ("get", "/invitations"): Row(everyone()),
    ("post", "/invitations"): Row(staff(201), just(email="new@example.org")),
    ("delete", "/invitations/{invitation_id}"): Row({"owner": 204, "staff": 204}),
    # Notifications
    ("get", "/notifications"): Row(everyone()),
    ("post", "/notifications/read"): Row(everyone()),
    # Share links
    ("get", f"{C}/shares"): Row(members(403, 200, 200)),
    ("post", f"{C}/shares"): Row(members(403, 201, 201), a_share),
    ("post", f"{C}/shares/preview"): Row(members(403, 200, 200), a_share),
    ("get", "/shares"): Row(everyone()),
    ("delete", "/shares"): Row(everyone(204)),
    ("delete", "/shares/{share_id}"): Row({"writer": 204, "owner": 204, "staff": 204}),
    ("post", "/shares/{token}/copy"): Row(everyone(201)),
    # Oneself
    ("get", "/me"): Row(everyone()),
    ("get", "/models"): Row(everyone()),
    ("get", "/me/budget"): Row(everyone()),
    ("get", "/me/budget/periods"): Row(everyone()),
    ("get", "/me/usage"): Row(everyone()),
    ("get", "/me/budget/requests"): Row(everyone()),
    ("post", "/me/budget/requests"): Row(
        {**everyone(201), "writer": 409}, just(tokens=10, message="More")
    ),
    ("delete", "/me/budget/requests/{request_id}"): Row({"writer": 204}),
    # Staff
    ("get", f"{A}/spend"): Row(staff()),
    ("get", f"{A}/spend/days"): Row(staff()),
    ("get", f"{A}/spend/drift"): Row(staff()),
    ("get", f"{A}/spend.csv"): Row(staff()),
    ("get", f"{A}/users/{{user_id}}/spend"): Row(staff()),
    ("get", f"{A}/users/{{user_id}}/ledger"): Row(staff()),
    ("put", f"{A}/users/{{user_id}}/budget"): Row(staff(204), just(**LIMIT)),
    ("delete", f"{A}/users/{{user_id}}/budget"): Row(staff(204)),
    ("post", f"{A}/users/{{user_id}}/grants"): Row(staff(204), just(tokens=5)),
    ("put", f"{A}/budgets/default"): Row(staff(204), just(**LIMIT)),
    ("put", f"{A}/budgets/workspace"): Row(staff(204), just(**LIMIT)),
    ("post", f"{A}/budgets/bulk"): Row(staff(), lambda world: a_bulk_change(world)),
    ("get", f"{A}/changes"): Row(staff()),
    ("post", f"{A}/changes/{{change_id}}/undo"): Row(staff(204)),
    ("get", f"{A}/requests"): Row(staff()),
    ("post", f"{A}/requests/{{request_id}}/grant"): Row(staff()),
    ("post", f"{A}/requests/{{request_id}}/decline"): Row(staff()),
    ("post", f"{A}/holds/{{hold_id}}/refund"): Row(staff()),
    ("get", f"{A}/prices"): Row(staff()),
    ("post", f"{A}/prices"): Row(staff(204), just(**PRICE)),
    ("get", f"{A}/shares"): Row(staff()),
    ("delete", f"{A}/shares/{{share_id}}"): Row(staff(204)),
}


def a_bulk_change(world: World) -> dict[str, Any]:
    return {"people": [str(world.people["reader"].pk)], "limit": LIMIT, "reason": str(uuid4())}
