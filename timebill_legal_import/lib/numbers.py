"""Numbers in texts: which sign separates their decimals."""

import re

from .spreadsheet import SpreadsheetNumber

#: A number without its currency and its spaces, with one comma or point.
ONE_SEPARATOR = re.compile(r"(\d*)([.,])(\d*)")
#: 1.234,5 and 1,234,567.8: the last sign, of another sort, separates the decimals.
GROUPS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*([.,])\d*")


def _digits(text):
    return re.sub(r"[^\d.,]", "", str(text))


def get_separator(text):
    """The only comma or point of a number, or nothing."""
    match = ONE_SEPARATOR.fullmatch(_digits(text))
    return match[2] if match else ""


def is_decimal_separator(text):
    """Whether it cannot separate thousands, whatever the language.

    >>> [is_decimal_separator(text) for text in ("95,50", "0,697", ".125", "1234.567", "1.234")]
    [True, True, True, True, False]
    """
    match = ONE_SEPARATOR.fullmatch(_digits(text))
    # Thousands stand in groups of three digits, after one to three digits of which the first is not 0.
    return bool(match) and (len(match[3]) != 3 or not re.fullmatch(r"[1-9]\d{0,2}", match[1]))


def find_decimal_separator(texts):
    """The decimal separator of a column, where its numbers agree on it.

    >>> find_decimal_separator(["1,234", "250.00"]), find_decimal_separator(["1,234"])
    ('.', '')
    """
    found = set()
    for text in texts:
        if isinstance(text, SpreadsheetNumber):
            continue
        groups = GROUPS.fullmatch(_digits(text))
        if groups and groups[1] != groups[2]:
            found.add(groups[2])
        elif is_decimal_separator(text):
            found.add(get_separator(text))
    return found.pop() if len(found) == 1 else ""
