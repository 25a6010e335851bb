"""(eight roles) x (every operation, found by walking the OpenAPI schema) x (six kinds of id): each with its code."""

import json
import re

import pytest
from django.db import transaction

from tests.access.table import OUT, TABLE, Row
from tests.access.world import KINDS, ROLES, World, make_world
from webchat.api import api

PREFIX = "/api/v1"
PARAMETER = re.compile(r"\{(\w+)\}")


def operations() -> list[tuple[str, str]]:
    paths = api.get_openapi_schema()["paths"]
    return [(method, path.removeprefix(PREFIX)) for path in paths for method in paths[path]]


def cases(path: str) -> list[tuple[str, str, str]]:
    """(role, the parameter that is varied, kind of id); the other parameters are the caller's own."""
    names = PARAMETER.findall(path)
    varied = [(name, kind) for name in names for kind in KINDS[1:]]
    return [(role, *each) for role in ROLES for each in [("", "own"), *varied]]


COUNT = sum(len(cases(path)) for _, path in operations())


def test_the_table_has_every_operation_and_no_other():
    assert set(TABLE) == set(operations())


def test_there_are_at_least_1500_cases():
    print(f"access over HTTP: {COUNT} cases of {len(operations())} operations")
    assert COUNT >= 1500


@pytest.mark.parametrize(("method", "path"), operations())
def test_everybody_gets_what_is_theirs(db, method, path):
    world, row = make_world(), TABLE[method, path]
    wrong = []
    for case in cases(path):
        got, wanted = answered(world, row, method, path, case), expected(row, path, case)
        if got != wanted:
            wrong.append(f"{case}: {got}, not {wanted}")
    assert wrong == []


def expected(row: Row, path: str, case: tuple[str, str, str]) -> int:
    """What is no id at all is no address either, except where any text may stand."""
    role, name, kind = case
    if kind == "malformed" and name != "token":
        return 404
    if role in OUT:
        return 401
    if kind == "own" or (kind == "other's" and is_for_staff(role, path)):
        return row.codes.get(role, 404)
    return row.first.get(role, 404) if name != "conversation_id" else 404


def is_for_staff(role: str, path: str) -> bool:
    return role == "staff" and not re.search("conversation_id|token", path)


def answered(world: World, row: Row, method: str, path: str, case: tuple[str, str, str]) -> int:
    """What is changed is taken back afterwards, so that each case finds the same world."""
    role, name, kind = case
    kinds = dict.fromkeys(PARAMETER.findall(path), "own") | {name: kind}
    address = PREFIX + PARAMETER.sub(lambda at: named(world, row, at[1], kinds[at[1]]), path)
    body = json.dumps(row.body(world))
    with transaction.atomic():
        client = world.clients[role]
        response = client.generic(
            method.upper(), address + row.query, body, content_type="application/json"
        )
        transaction.set_rollback(True)
    return response.status_code


def named(world: World, row: Row, name: str, kind: str) -> str:
    return str(world.ids[row.names.get(name, name)][kind])
