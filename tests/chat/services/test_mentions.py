"""Whom a text names, and who is told."""

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from chat.models import Member, Notification
from chat.services import mentions
from tests.factories import make_message, make_user

NAMES = [
    "Ada King",
    "Ben",
    "Ben Miller",
    "Anne-Marie Weiß",
    "Anne",
    "Zoë O'Neil",
    "Sam One",
    "Sam Two",
    "Łukasz Żak",
    "अनिल कुमार",
    "李雷",
    "민수",
]


@pytest.fixture
def team(conversation):
    """Everybody of NAMES is in the conversation, beside Ada."""
    people = [make_user(name, email=f"{at}@example.org") for at, name in enumerate(NAMES)]
    for person in people:
        Member.objects.create(conversation=conversation, user=person, role="writer")
    return people


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("Ben", []),
        ("@", []),
        ("@ Ben", []),
        ("@Ben", ["Ben"]),
        ("@ben please", ["Ben"]),
        ("@BEN!", ["Ben"]),
        ("Thanks, @Ben.", ["Ben"]),
        ("Thanks, @Ben… and so on", ["Ben"]),
        ("(@Ben)", ["Ben"]),
        ("*@Ben*", ["Ben"]),
        ("@Ben's idea", ["Ben"]),
        ("@Ben Miller", ["Ben Miller"]),
        ("@ben  miller", ["Ben Miller"]),
        ("@Ben\u00a0Miller", ["Ben Miller"]),
        ("@Ben\nMiller", ["Ben"]),
        ("@Ben Millers", ["Ben"]),
        ("@Benjamin", []),
        ("@Ben_Miller", []),
        ("@Ben-Miller", []),
        ("@Ben1", []),
        ("@Ben @Ben @ben", ["Ben"]),
        ("@Ben Miller and @Ben", ["Ben Miller", "Ben"]),
        ("@Ben,@Anne", ["Ben", "Anne"]),
        ("@King", []),
        ("@Ada King", ["Ada King"]),
        ("@Anne-Marie", ["Anne-Marie Weiß"]),
        ("@anne-marie weiss", ["Anne-Marie Weiß"]),
        ("@ANNE-MARIE WEISS", ["Anne-Marie Weiß"]),
        ("@Anne", ["Anne"]),
        ("@Anne - look", ["Anne"]),
        ("@Zoe\u0308", ["Zoë O'Neil"]),
        ("@zoë o'neil", ["Zoë O'Neil"]),
        ("@Zoe", []),
        ("@Sam", []),
        ("@Sam Two", ["Sam Two"]),
        ("@łukasz", ["Łukasz Żak"]),
        ("@अनिल", ["अनिल कुमार"]),
        ("@अनिल कुमार जी", ["अनिल कुमार"]),
        ("@李雷 你好", ["李雷"]),
        ("你好\uff0c@李雷\u3002", ["李雷"]),
        ("你好@李雷你好", ["李雷"]),
        ("@민수가 말했다", ["민수"]),
        ("\uff20Ben", ["Ben"]),
        ("ada@ben.org", []),
        ("ada.@ben.org", []),
        ("ada+@Ben", []),
        ("@ben.org", []),
        ("ben@Ben", []),
        ("@@Ben", []),
        ("@Ben@mastodon.example", []),
        ("https://example.org/@Ben", []),
        ("\\@Ben", []),
        ("`@Ben`", []),
        ("``x ` @Ben``", []),
        ("`code` @Ben", ["Ben"]),
        ("it`s for @Ben", ["Ben"]),
        ("a ` here\n\n@Ben and ` there", ["Ben"]),
        ("```\n@Ben\n```", []),
        ("```py\n@Ben\n```\n@Anne", ["Anne"]),
        ("```\n@Ben", []),
        ("~~~\n```\n@Ben\n~~~", []),
        ("````\n```\n@Ben\n````", []),
        ("> ```\n> @Ben\n> ```", []),
        ("> @Ben", ["Ben"]),
        ("- @Ben", ["Ben"]),
        ("@Nobody", []),
        ("@Cyd", []),
    ],
)
def test_whom_a_text_names(conversation, team, text, names):
    assert [user.name for user in mentions.mentioned(conversation, text)] == names


# The page decides by the same rule before anything is sent, and its tests read the same table.
CASES = Path(__file__).parents[2] / "js" / "names-model.json"


@pytest.mark.parametrize(("text", "is_called"), json.loads(CASES.read_text("utf-8")))
def test_when_a_text_calls_the_model(text, is_called):
    assert mentions.names_model(text) is is_called


def test_whoever_cannot_sign_in_is_not_named(conversation, team):
    [ben] = [person for person in team if person.name == "Ben"]
    ben.is_active = False
    ben.save()
    assert [user.name for user in mentions.mentioned(conversation, "@Ben")] == ["Ben Miller"]


@pytest.mark.parametrize(
    "text",
    [
        "`" * 100_000,
        "@Ben " * 20_000,
        "@ben miller@" * 8_000,
        " " * 99_000 + "@Ben",
        "```\n" * 25_000,
        "".join("`" * length + " " for length in range(440)) + "@Ben",
        "a\n \t\n" * 20_000 + "@Ben",
        "> " * 49_000 + "@Ben",
    ],
)
def test_no_text_takes_long(conversation, team, text):
    began = time.process_time()
    mentions.mentioned(conversation, text)
    assert time.process_time() - began < 1


# Telling -------------------------------------------------------------------------------------------


@pytest.fixture
def say(conversation, ada):
    """`say(text)`: Ada's message, and whom it told."""

    def said(text, **fields):
        message = make_message(conversation, ada, content=text, **fields)
        mentions.tell(message)
        return [each.user.name for each in Notification.objects.filter(message=message)]

    return said


def test_only_others_who_are_members_are_told(say, team, cyd):
    assert say("@Ada @Ben @Cyd") == ["Ben"]


def test_a_reader_is_told(say, conversation, cyd):
    Member.objects.create(conversation=conversation, user=cyd, role="reader")
    assert say("@Cyd") == ["Cyd"]


def test_an_edit_says_it_again_only_after_a_while(say, team):
    assert say("@Ben look") == ["Ben"]
    assert sorted(say("@Ben look here, @Anne")) == ["Anne"]
    past = timezone.now() - timedelta(minutes=11)
    Notification.objects.update(created_at=past)
    assert say("@Ben look there") == ["Ben"]


def test_a_message_elsewhere_is_no_edit(say, conversation, ada, team):
    assert say("@Ben look") == ["Ben"]
    assert say("@Ben look", parent=make_message(conversation, ada)) == ["Ben"]


def test_what_somebody_else_says_is_no_edit(say, conversation, team):
    assert say("@Ben look") == ["Ben"]
    anne = next(person for person in team if person.name == "Anne")
    message = make_message(conversation, anne, content="@Ben look")
    mentions.tell(message)
    assert Notification.objects.filter(message=message).count() == 1


def test_naming_everybody_takes_a_handful_of_queries(
    conversation, ada, published, django_assert_max_num_queries
):
    people = [make_user(email=f"many{number}@example.org") for number in range(99)]
    Member.objects.bulk_create(
        Member(conversation=conversation, user=person, role="writer") for person in people
    )
    text = " ".join(f"@{person.name}" for person in people)
    message = make_message(conversation, ada, content=text)
    with django_assert_max_num_queries(8):
        mentions.tell(message)
    told = {to: event["unread"] for event, [to] in published}
    assert told == dict.fromkeys((person.pk for person in people), 1)
