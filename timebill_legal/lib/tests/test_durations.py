import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..durations import format_duration


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
