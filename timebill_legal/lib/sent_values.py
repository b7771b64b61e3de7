"""Values of fields that clients send: whether they are what a field of this type can hold.

What is refused here would otherwise be an error of the database or of Python, or be stored as something else:
``bool("no")`` is true, and ``int(60.9)`` is 60.
"""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime

#: What PostgreSQL stores in an integer.
MAX_INTEGER = 2**31 - 1
#: Numbers above this lose their cents.
MAX_FLOAT = 10**13
#: Letters: a title is no story, and a story is no archive.
MAX_LENGTH = {"char": 2_000, "text": 100_000, "html": 1_000_000}
#: Years that calendars, time zones and accounts can compute with.
FIRST_YEAR, LAST_YEAR = 1900, 2200
#: As the framework reads them.
DATE = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d{1,6})?)?", re.ASCII)
#: Letters of the name of a line that is not saved.
MAX_NAME_LENGTH = 40
#: Commands of x2many fields (``odoo.fields.Command``).
CREATE, UPDATE, _DELETE, _UNLINK, LINK, CLEAR, SET = COMMANDS = range(7)


def find_problem(field_type, value, choices=None, is_form=True):
    """Why a field of this type cannot hold ``value``: a word for it, or nothing.

    :param choices: the values of a selection
    :param is_form: whether it is a value of an open form, which has records with names, and some that are not saved

    >>> [find_problem("integer", value) for value in (60, 60.0, False, "60", 60.9, "x", 2**40, [1])]
    ['', '', '', '', 'whole number', 'whole number', 'number out of range', 'whole number']
    >>> [find_problem("float", value) for value in (0.5, float("nan"), 1e300, True, {})]
    ['', 'number', 'number out of range', 'number', 'number']
    >>> find_problem("date", "9999-12-31"), find_problem("date", "2026-02-30"), find_problem("date", "2026-02-28")
    ('date out of range', 'date', '')
    >>> find_problem("boolean", "no"), find_problem("char", "a\\0b"), find_problem("many2one", 2**63)
    ('yes or no', 'text', 'record')
    """
    if value is None or value is False or (value == "" and field_type not in ("boolean", "one2many", "many2many")):
        return ""
    if field_type == "many2one" and not is_form and _check_id(value):
        return "record"
    check = _CHECKS.get(field_type)
    if field_type == "selection":
        return "" if choices is None or (isinstance(value, str) and value in choices) else "choice"
    return check(field_type, value) if check else ""


def _check_integer(_type, value):
    if isinstance(value, str):
        if len(value) > 20 or not value.strip().removeprefix("-").isdecimal():
            return "whole number"
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "whole number"
    if isinstance(value, float) and not value.is_integer():
        # Infinity is no number to round, NaN is none at all.
        return "number out of range" if math.isinf(value) else "whole number"
    return "" if abs(value) <= MAX_INTEGER else "number out of range"


def _check_float(_type, value):
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return "number"
    return "" if abs(value) <= MAX_FLOAT else "number out of range"


def _check_text(field_type, value):
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "text"
    text = str(value)
    if len(text) > MAX_LENGTH[field_type]:
        return "text too long"
    # Neither is stored by PostgreSQL: the character 0, and halves of characters.
    return "text" if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text) else ""


def _check_date(field_type, value):
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value if DATE.fullmatch(value) else "")
        except ValueError:
            return "date"
    if not isinstance(value, date):
        return "date"
    return "" if FIRST_YEAR <= value.year <= LAST_YEAR else "date out of range"


def _check_boolean(_type, value):
    return "" if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)) else "yes or no"


def _check_many2one(_type, value):
    if isinstance(value, Mapping):
        value = value.get("id")
    elif isinstance(value, list | tuple):
        value = value[0] if value else False
    return _check_id(value) if value is not None and value is not False else ""


def _check_line(value):
    """The id of a line: clients give a name to one that is not saved."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if isinstance(value, str) and not value.isdecimal():
        return "" if len(value) <= MAX_NAME_LENGTH and value.isprintable() else "record"
    return _check_id(value) if value is not None and value is not False else ""


def _check_id(value):
    """PostgreSQL reads texts and decimal numbers as ids."""
    if isinstance(value, str) and len(value) <= len(str(MAX_INTEGER)) and value.isascii() and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        # What the framework itself passes on: a record that is not saved.
        return "" if hasattr(value, "origin") else "record"
    return "" if 0 <= value <= MAX_INTEGER and value == value // 1 else "record"


def _check_x2many(_type, value):
    if not isinstance(value, list | tuple):
        return "" if hasattr(value, "_ids") else "lines"
    return "lines" if any(map(_is_wrong_command, value)) else ""


def _is_wrong_command(command):
    if not isinstance(command, list | tuple):
        return bool(_check_line(command) if isinstance(command, Mapping) else _check_id(command))
    code, *others = command or (None,)
    if isinstance(code, bool) or code not in COMMANDS:
        return True
    if code == CLEAR:
        return False
    if code == SET:
        ids = others[1] if len(others) > 1 else None
        return not isinstance(ids, list | tuple) or any(map(_check_id, ids))
    if code in (CREATE, UPDATE) and not (len(others) > 1 and isinstance(others[1], Mapping)):
        return True
    if code == LINK:
        return not others or bool(_check_id(others[0]))
    return code != CREATE and (not others or bool(_check_line(others[0])))


_CHECKS = {
    "integer": _check_integer,
    "many2one_reference": _check_integer,
    "float": _check_float,
    "monetary": _check_float,
    "char": _check_text,
    "text": _check_text,
    "html": _check_text,
    "date": _check_date,
    "datetime": _check_date,
    "boolean": _check_boolean,
    "many2one": _check_many2one,
    "one2many": _check_x2many,
    "many2many": _check_x2many,
}
