"""Copies of records with restricted fields."""


def copy_restricted(records, vals_list, name):
    """Add a field with ``groups`` to the result of ``copy_data``, if the user may read it.

    ``copy_data`` reads every copied field with the rights of the user and would raise for users without the groups of
    the field, which is therefore declared with ``copy=False``.

    :param vals_list: list of dict, values of the copies in the order of ``records``; values already set are kept
    :return: ``vals_list``
    """
    field = records._fields[name]
    if records._has_field_access(field, "read"):
        for record, vals in zip(records, vals_list, strict=True):
            vals.setdefault(name, field.convert_to_write(record[name], record))
    return vals_list
