import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..durations import format_duration, parse_duration

#: The cases of the field in forms, which reads durations in JavaScript.
FIELD_TEST = Path(__file__).parents[2] / "static" / "tests" / "duration.test.js"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 min"), (1, "1 min"), (59, "59 min"), (60, "1 h 00"), (61, "1 h 01"), (600, "10 h 00"), (1440, "24 h 00")],
)
def test_a_duration_reads_as_a_lawyer_writes_it(minutes, text):
    assert format_duration(minutes) == text


def test_a_duration_given_back_has_a_sign():
    assert format_duration(-90) == "-1 h 30"


@given(st.integers(-(10**6), 10**6))
def test_no_minute_is_lost_in_the_text(minutes):
    text = format_duration(minutes).lstrip("-")
    hours, _h, rest = text.partition(" h ") if " h " in text else ("0", "", text.removesuffix(" min"))
    assert int(hours) * 60 + int(rest) == abs(minutes)


def cases_of_the_field(test):
    """The literals of ``test`` of the field: ("text", minutes or None when it is refused)."""
    body = FIELD_TEST.read_text(encoding="utf-8").split(f'test("{test}"')[1].split("    for (")[0]
    lines = (line.strip() for line in body.splitlines())
    found = (re.fullmatch(r"""("(?:[^"\\]|\\.)*"|\d+)(?:: (\d+))?,""", line) for line in lines)
    return [
        (str(json.loads(match[1])), int(match[2]) if match[2] else None) for match in found if match
    ]


@pytest.mark.parametrize(("text", "minutes"), cases_of_the_field("read the usual ways to write a duration"))
def test_an_import_reads_what_the_field_reads(text, minutes):
    assert parse_duration(text) == minutes


@pytest.mark.parametrize(("text", "_minutes"), cases_of_the_field("refuse what is not a duration of a day at most"))
def test_an_import_refuses_what_the_field_refuses(text, _minutes):
    with pytest.raises(ValueError):
        parse_duration(text)


@given(st.integers(0, 24 * 60))
def test_what_is_written_can_be_read_back(minutes):
    assert parse_duration(format_duration(minutes)) == minutes
