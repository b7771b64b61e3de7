"""Ids in the values that clients send: what the framework takes for the id of a record, in whatever shape."""

from collections.abc import Iterator, Mapping

#: Commands of x2many fields (``odoo.fields.Command``): without the id of a line, and with a list of ids.
CREATE, SET = 0, 6


def record_id(value) -> int:
    """Return the id that ``value`` stands for, or 0.

    PostgreSQL reads text and decimal numbers as ids, hence so does this. Lines that are not saved have other texts.

    >>> [record_id(value) for value in (5, 5.0, "5", " 5 ", "0x5", [5, "Name"], (5, "Name"), {"id": 5})]
    [5, 5, 5, 5, 5, 5, 5, 5]
    >>> [record_id(value) for value in (None, False, True, "", "virtual_5", 5.5, float("nan"), [], {}, {"id": False})]
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    """
    if isinstance(value, Mapping):
        value = value.get("id")
    elif isinstance(value, list | tuple):
        value = value[0] if value else False
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    if isinstance(value, str):
        return _read_text(value)
    return int(value) if value == value // 1 and abs(value) < 2**63 else 0


def _read_text(text: str) -> int:
    for base in (10, 0):
        try:
            return int(text[:40], base)
        except ValueError:
            pass
    return 0


def read_many2one(value) -> Iterator[tuple[int, Mapping]]:
    """Yield the id in the value of a many2one field, and the values that were sent with it.

    >>> list(read_many2one({"id": 5, "name": "Name"}))
    [(5, {'id': 5, 'name': 'Name'})]
    >>> list(read_many2one([5, "Name"])), list(read_many2one(False))
    ([(5, {})], [])
    """
    values = value if isinstance(value, Mapping) else {}
    found = record_id(value)
    if found or values:
        yield found, values


def read_x2many(value) -> Iterator[tuple[int, Mapping]]:
    """Yield the id of each line in the value of an x2many field, 0 for a new one, and the values sent for it.

    >>> list(read_x2many([[0, "virtual_1", {"a": 1}], [1, 7, {"a": 2}], [4, 8], [3, 9], [5], [6, 0, [10, "11"]]]))
    [(0, {'a': 1}), (7, {'a': 2}), (8, {}), (9, {}), (10, {}), (11, {})]
    >>> list(read_x2many([12, {"a": 3}, {"id": 13}])), list(read_x2many(False)), list(read_x2many(14))
    ([(12, {}), (0, {'a': 3}), (13, {'id': 13})], [], [(14, {})])
    """
    for command in value if isinstance(value, list | tuple) else [value]:
        if not isinstance(command, list | tuple):
            yield from read_many2one(command)
        elif command and command[0] == SET:
            yield from ((record_id(line), {}) for line in (command[2:3] or [[]])[0] or ())
        elif len(command) > 1:
            values = command[2] if len(command) > 2 and isinstance(command[2], Mapping) else {}
            line = 0 if command[0] == CREATE else record_id(command[1])
            if line or values:
                yield line, values
