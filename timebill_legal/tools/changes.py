"""What a write would change."""


def would_change(record, name, value):
    """Whether ``value`` of the field ``name`` is not the one that ``record`` has; x2many commands included."""
    field = record._fields[name]
    new, old = field.convert_to_cache(value, record), field.convert_to_cache(record[name], record)
    return set(new) != set(old) if field.type == "many2many" else new != old
