"""Who may decide which rates and which rounding apply."""

from odoo.exceptions import AccessError

from .changes import would_change


def check_may_set_rates(records, vals, names):
    """Rates are set by users who see them: another rate list is another price of all work to come.

    :param records: records that ``vals`` change; empty when they create one
    :param names: fields that decide on rates and rounding
    :raises AccessError: when ``vals`` change one of them and the user may not see amounts
    """
    if records.env.su or records.env.user.has_group("timebill_legal.group_amounts"):
        return
    for name in names:
        if name not in vals:
            continue
        changed = [record for record in records if would_change(record, name, vals[name])]
        if changed or not records and vals[name]:
            raise AccessError(
                records.env._(
                    "You cannot set “%(field)s” of %(record)s: this needs the right to see amounts. Ask a colleague"
                    " who has it, or a manager.",
                    field=records._fields[name]._description_string(records.env),
                    record=changed[0].display_name if changed else vals.get("name") or records.env._("a new record"),
                )
            )
