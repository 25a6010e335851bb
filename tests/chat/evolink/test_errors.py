"""Refusals become a code and a sentence of ours."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from chat.evolink.errors import KINDS, Fault, fault_of_error, seconds_to_wait


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("-1", None),
        ("1000000000", None),
        ("99999999999999999999", None),
        ("abc", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("٣", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("Wed, 99 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read_with_care(value: str, seconds: float | None):
    assert seconds_to_wait(value) == seconds


def test_retry_after_may_be_a_date():
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    assert 17 < (seconds_to_wait(date) or 0) <= 20


def test_every_code_has_sentences_for_people():
    for kind in KINDS.values():
        assert kind.failed.endswith(".")
        assert kind.cut.endswith(".")


@pytest.mark.parametrize("parameter", ["temperature", "stop", "reasoning_effort"])
def test_a_refused_setting_is_named(parameter: str):
    fault = fault_of_error({"message": "no", "param": parameter}, status=400)
    assert fault.sentence() == f"This model does not accept the setting {parameter}."


@pytest.mark.parametrize("parameter", ["<b>", 7, None, {}, "temperature;"])
def test_a_name_that_is_not_ours_is_never_repeated(parameter: object):
    fault = fault_of_error({"message": "no", "param": parameter}, status=400)
    assert fault.sentence() == KINDS["bad_request"].failed


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": 429}, "rate_limited"),
        ({"code": "429"}, "rate_limited"),
        ({"type": "insufficient_quota_error"}, "upstream_quota"),
        ({"type": "upstream_error", "code": "x"}, "upstream_error"),
        ({"code": 99999}, "upstream_error"),
        ({"code": True, "type": None}, "upstream_error"),
        ({"type": ["x"]}, "upstream_error"),
        ("broken", "upstream_error"),
        ('{"code": 401}', "upstream_auth"),
        (None, "upstream_error"),
        ([], "upstream_error"),
    ],
)
def test_an_error_in_a_stream_says_what_it_stands_for(error: object, code: str):
    assert fault_of_error(error).code == code


def test_a_fault_does_not_show_what_it_was_told():
    assert "prompt text" not in Fault("upstream_error", told="prompt text").sentence()
