"""Dockerfile and compose.yaml say what `make run` says, and nothing that has drifted away from it."""

import re
from typing import Any

import pytest
import yaml
from django.conf import settings

from chat.completions.runner import STORE_SECONDS
from tests.services import ROOT, setting_names


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    joined = dockerfile.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def make_run() -> set[str]:
    """What the targets `setup` and `run` call, without the interpreter."""
    recipes = re.findall(
        r"^(?:run|setup):.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    return {
        call for recipe in recipes for call in re.findall(r"(?:bin/setup|manage)\.py \w+", recipe)
    }


def test_the_image_is_made_with_the_commands_of_make_run(dockerfile: str):
    said = dockerfile.replace('", "', " ")
    assert make_run() == {"bin/setup.py run", "manage.py assets", "manage.py serve"}
    assert all(call in said for call in make_run())


def test_the_image_has_two_stages_a_health_check_and_no_root(dockerfile: str):
    words = [word for word, _ in instructions(dockerfile)]
    assert words.count("FROM") == 2
    last_stage = words[len(words) - words[::-1].index("FROM") :]
    assert {"USER", "HEALTHCHECK", "CMD"} <= set(last_stage)
    assert ("USER", "root") not in instructions(dockerfile)


def test_what_the_image_copies_is_there(dockerfile: str):
    for word, rest in instructions(dockerfile):
        if word == "COPY" and not rest.startswith("--from"):
            assert all((ROOT / source).exists() for source in rest.split()[:-1])


def test_the_compose_file_has_the_parts_of_production(compose: dict[str, Any]):
    assert set(compose["services"]) == {"proxy", "web", "database", "valkey"}
    assert compose["services"]["web"]["deploy"]["replicas"] == 2
    assert compose["services"]["database"]["image"] == "postgres:18"
    assert {service["restart"] for service in compose["services"].values()} == {"unless-stopped"}


def test_web_is_told_only_settings_that_exist(compose: dict[str, Any]):
    assert set(compose["services"]["web"]["environment"]) <= set(setting_names())


def test_only_the_proxy_is_reached_from_outside(compose: dict[str, Any]):
    assert [name for name, service in compose["services"].items() if "ports" in service] == [
        "proxy"
    ]


def test_everything_waits_for_the_health_of_what_it_needs(compose: dict[str, Any]):
    for service in compose["services"].values():
        for needed, wait in service.get("depends_on", {}).items():
            has_check = "healthcheck" in compose["services"][needed] or needed == "web"
            assert wait["condition"] == "service_healthy"
            assert has_check


def test_the_proxy_sends_everything_to_every_web_process(compose: dict[str, Any]):
    caddy = (ROOT / "Caddyfile").read_text(encoding="utf-8")
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in compose["services"]["proxy"]["volumes"]
    assert re.search(r"dynamic a \{\s*name web\s*port 8000", caddy)
    assert caddy.count("{") == caddy.count("}")


def test_stopping_leaves_time_to_drain(compose: dict[str, Any]):
    period = int(compose["services"]["web"]["stop_grace_period"].removesuffix("s"))
    assert period > settings.GRACE_SECONDS + STORE_SECONDS
