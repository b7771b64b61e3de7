"""Durations as spreadsheets and other products write them.

What says its unit is read as written. The unit of a plain number is that of its column: one cell cannot tell hours from
minutes.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from odoo.addons.timebill_legal.lib.durations import MINUTES_PER_DAY, LongerThanDayError
from odoo.addons.timebill_legal.lib.search import split_words

SECONDS_PER_UNIT = {"hours": 3600, "minutes": 60, "seconds": 1}
#: Nothing that is longer is a duration.
MAX_LENGTH = 40

#: 00:49:25, 10:00, 1:30:00.5
CLOCK = re.compile(r"(\d+) ?: ?(\d\d)(?: ?: ?(\d\d)(?:[.,]\d+)?)?(?: ?h)?")
#: 49:25 min
MINUTES_SECONDS = re.compile(r"(\d+):(\d\d) ?(?:m|mn|mins?)")
#: 1 h 30, 1h30m, 90 min, 1 hour 5 minutes, 2,5 h, 45', 900 s
UNITS = re.compile(
    r"(?:(?P<hours>\d+(?:[.,]\d+)?) ?(?:heures?|hours?|hrs?|std\.?|h))?"
    r" ?(?:(?P<minutes>\d+(?:[.,]\d+)?) ?(?:minutes?|mins?|mn|m|')|(?<=[ha-z] )(?P<rest>\d\d?)|(?<=h)(?P<short>\d\d?))?"
    r" ?(?:(?P<seconds>\d+) ?(?:secondes?|seconds?|secs?|s|\"))?"
)
#: PT1H30M, as in calendars
ISO = re.compile(r"pt(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?")
PLAIN_NUMBER = re.compile(r"(\d+)(?:[.,](\d+))?|[.,](\d+)")

#: Words of a header that say the unit of its column.
WORDS_OF_UNITS = {
    "hours": {"h", "hour", "hours", "hrs", "heure", "heures", "decimal", "decimales", "stunden"},
    "minutes": {"m", "mn", "min", "mins", "minute", "minutes", "minuten"},
    "seconds": {"s", "sec", "secs", "second", "seconds", "seconde", "secondes", "sekunden"},
}


def read_duration(text, unit=""):
    """Whole minutes, rounded half up, of a duration of one day at most.

    :param unit: key of ``SECONDS_PER_UNIT`` for a plain number

    >>> [read_duration(text) for text in ("00:49:25", "49:25 min", "1h30", "1:30", "90 min", "45'", "PT1H30M", "900 s")]
    [49, 49, 90, 90, 90, 45, 90, 15]
    >>> [read_duration(text, "hours") for text in ("0.82", "2", "10,5", ".25")], read_duration("1080", "seconds")
    ([49, 120, 630, 15], 18)

    :raises LongerThanDayError: ``text`` is a duration of more than a day
    :raises ValueError: ``text`` is not a duration, or a plain number without ``unit``
    """
    seconds = _to_seconds(clean(text), unit)
    if seconds is None:
        raise ValueError(f"“{text[:MAX_LENGTH]}” is not a duration")
    minutes = int((seconds / 60).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if seconds < 10**9 else 10**9
    if minutes > MINUTES_PER_DAY:
        raise LongerThanDayError(f"“{text[:MAX_LENGTH]}” is more than a day")
    return minutes


def clean(text):
    return re.sub(r"[’′]", "'", " ".join(text[: MAX_LENGTH + 1].split()).lower())


def _to_seconds(text, unit):
    if not text or len(text) > MAX_LENGTH:
        return None
    if is_plain_number(text):
        if text.strip("0.,") == "":
            return Decimal(0)
        if unit not in SECONDS_PER_UNIT:
            return None
        if unit != "hours" and re.search(r"[.,]\d{3}$", text):
            return None  # 7,260 seconds: perhaps a thousand times more
        return Decimal(text.replace(",", ".")) * SECONDS_PER_UNIT[unit]
    if match := MINUTES_SECONDS.fullmatch(text):
        return _add(0, match[1], match[2])
    if match := CLOCK.fullmatch(text):
        return _add(match[1], match[2], match[3] or 0)
    for pattern in (UNITS, ISO):
        match = pattern.fullmatch(text)
        if match and any(match.groupdict().values()):
            parts = match.groupdict()
            minutes = parts["minutes"] or parts.get("rest") or parts.get("short")
            return _add(parts["hours"] or 0, minutes or 0, parts["seconds"] or 0)
    return None


def _add(hours, minutes, seconds):
    """Seconds of a duration, or None if its minutes or seconds are those of no clock."""
    hours, minutes, seconds = (Decimal(str(part).replace(",", ".")) for part in (hours, minutes, seconds))
    if (hours and minutes >= 60) or (minutes and seconds >= 60):
        return None
    return hours * 3600 + minutes * 60 + seconds


def is_plain_number(text):
    return bool(PLAIN_NUMBER.fullmatch(clean(text)))


def needs_unit(texts):
    """Whether there is a number, other than 0, that does not say its unit."""
    return any(is_plain_number(text) and clean(text).strip("0.,") for text in texts)


def find_unit(header, texts):
    """Unit of the plain numbers of a column; empty when nobody but the user knows.

    >>> find_unit("Hours", ["2", "10"]), find_unit("Durée (min)", ["90"]), find_unit("Temps", ["0.82", "10"])
    ('hours', 'minutes', 'hours')
    >>> find_unit("Duration", ["900", "1080"])
    ''
    """
    words = set(split_words(header))
    said = [unit for unit, names in WORDS_OF_UNITS.items() if words & names]
    if len(said) == 1:
        return said[0]
    numbers = [clean(text).replace(",", ".") for text in texts if is_plain_number(text)]
    fractions = [number for number in numbers if "." in number]
    # Nobody records hundredths of a minute; more than 24 hours are no hours.
    return "hours" if fractions and max(map(Decimal, numbers)) <= 24 else ""
