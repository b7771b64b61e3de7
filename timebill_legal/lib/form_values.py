"""Values of fields as forms send them."""


def many2one_id(value):
    """Return the id in the value of a many2one, or False.

    >>> [many2one_id(value) for value in (5, (5, "Name"), {"id": 5, "display_name": "Name"}, False, {"id": False}, [])]
    [5, 5, 5, False, False, False]
    """
    if isinstance(value, dict):
        value = value.get("id")
    elif isinstance(value, (list, tuple)):
        value = value[0] if value else False
    return value or False
