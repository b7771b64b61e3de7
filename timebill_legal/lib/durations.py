"""Durations, always whole minutes."""

import re

MINUTES_PER_DAY = 24 * 60
#: Nothing that is longer is a duration.
MAX_LENGTH = 100


class LongerThanDayError(ValueError):
    """A duration, but of more than a day."""


# The grammar of the field in forms (static/src/duration_field/duration.js): a test compares them.
#: 1:30, 0h06, 1h, 2 h 15, 1 h 15 min: the minutes may only be short after an "h".
HOURS_MINUTES = re.compile(r"([0-9]+) ?(?:: ?([0-9]{2})|h ?(?:([0-9]{1,2}) ?(?:'|mn?|min)?)?)")
#: 45', 90m, 90mn, 90 min
MINUTES = re.compile(r"([0-9]+) ?(?:'|mn?|min)")
#: 1,5 or .25, and 1,5 h
DECIMAL_HOURS = re.compile(r"([0-9]*[.,][0-9]+)(?: ?h)?")
WHOLE_NUMBER = re.compile(r"[0-9]+")


def format_duration(minutes: int) -> str:
    """Duration as a lawyer reads it.

    >>> format_duration(75), format_duration(45), format_duration(60), format_duration(0)
    ('1 h 15', '45 min', '1 h 00', '0 min')
    """
    sign, minutes = ("-" if minutes < 0 else ""), abs(minutes)
    hours, rest = divmod(minutes, 60)
    return f"{sign}{hours} h {rest:02d}" if hours else f"{sign}{rest} min"


def parse_duration(text: str) -> int:
    """Minutes of a duration as people write it; one day at most, and nothing for an empty text.

    A whole number from 10 upwards counts minutes, a smaller one counts hours, a decimal number always hours.

    >>> [parse_duration(text) for text in ("1h30", "1:30", "1,5", "90 min", "45'", "45", "2", "")]
    [90, 90, 90, 90, 45, 45, 120, 0]

    :raises LongerThanDayError: ``text`` is a duration of more than a day
    :raises ValueError: ``text`` is not a duration
    """
    shown = text[:MAX_LENGTH]
    if len(text) > MAX_LENGTH:
        raise ValueError(f"“{shown}…” is not a duration")
    clean = re.sub(r"[’′]", "'", " ".join(text.split()).lower())
    minutes = _to_minutes(clean) if clean else 0
    if minutes is None:
        raise ValueError(f"“{shown}” is not a duration")
    if minutes > MINUTES_PER_DAY:
        raise LongerThanDayError(f"“{shown}” is more than a day")
    return minutes


def _to_minutes(text):
    if match := HOURS_MINUTES.fullmatch(text):
        hours, minutes = int(match[1]), int(match[2] or match[3] or 0)
        return hours * 60 + minutes if minutes < 60 else None
    if match := MINUTES.fullmatch(text):
        return int(match[1])
    if match := DECIMAL_HOURS.fullmatch(text):
        return int(float(match[1].replace(",", ".")) * 60 + 0.5)
    if WHOLE_NUMBER.fullmatch(text):
        return int(text) * 60 if int(text) < 10 else int(text)
    return None
