"""Durations, always whole minutes."""

MINUTES_PER_DAY = 24 * 60


def format_duration(minutes: int) -> str:
    """Duration as a lawyer reads it.

    >>> format_duration(75), format_duration(45), format_duration(60), format_duration(0)
    ('1 h 15', '45 min', '1 h 00', '0 min')
    """
    sign, minutes = ("-" if minutes < 0 else ""), abs(minutes)
    hours, rest = divmod(minutes, 60)
    return f"{sign}{hours} h {rest:02d}" if hours else f"{sign}{rest} min"
