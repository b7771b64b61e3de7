"""Copies of records with fields that not everybody may read."""


def copy_restricted(records, vals_list, name):
    """Add a field with ``groups`` to what ``copy_data`` returned, if the user may read it.

    Odoo's ``copy_data`` reads every copied field with the rights of the user: on a model that others use too, such a
    field says ``copy=False``.

    :param vals_list: values of the copies, in the order of ``records``; what the caller chose stays
    """
    field = records._fields[name]
    if records._has_field_access(field, "read"):
        for record, vals in zip(records, vals_list, strict=True):
            vals.setdefault(name, field.convert_to_write(record[name], record))
    return vals_list
