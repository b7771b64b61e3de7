"""The sending state of invoices and the import of files are add-ons of their own.

What they take over keeps its values and its records: columns and fields are renamed, external ids change their add-on.
The new add-ons are then installed by the same run, as Odoo does not look for add-ons that install themselves when it
upgrades.
"""

from odoo.addons.timebill_legal.tools.renames import rename_fields
from odoo.tools import SQL
from odoo.tools.sql import column_exists

SENDING = {"sending_state": "timebill_sending_state", "sending_message_id": "timebill_sending_message_id"}
#: External ids that go from timebill_legal to another add-on, as patterns of LIKE.
MOVED_IDS = {
    "timebill_invoice_sending": [
        r"field\_account\_%\_\_timebill\_sending\_%",
        r"selection\_\_account\_move\_\_timebill\_sending\_state\_\_%",
    ],
    "timebill_legal_import": [
        "model_timebill_import_mixin",
        r"field\_timebill\_import\_mixin\_\_%",
        "field_timebill_activity__former_invoice",
    ],
}
#: In the order in which they depend on one another.
NEW_ADDONS = ("timebill_invoice_sending", "timebill_legal_import", "timebill_legal_invoice_sending")


def migrate(cr, version):
    _copy_sending_values(cr)
    rename_fields(cr, {"account.move": SENDING, "account.bank.statement.line": SENDING})
    cr.execute(
        """
        UPDATE ir_model_data
           SET name = replace(name, '__sending_state__', '__timebill_sending_state__')
         WHERE module = 'timebill_legal' AND model = 'ir.model.fields.selection'
           AND name LIKE 'selection\\_\\_account\\_move\\_\\_sending\\_state\\_\\_%'
        """
    )
    for addon, patterns in MOVED_IDS.items():
        _move_external_ids(cr, patterns, addon)
    for addon in NEW_ADDONS:
        _install_if_dependencies_are(cr, addon)


def _copy_sending_values(cr):
    """Give our values to the columns of the new add-on, if it was installed before timebill_legal is upgraded."""
    for old, new in SENDING.items():
        if column_exists(cr, "account_move", old) and column_exists(cr, "account_move", new):
            cr.execute(SQL("UPDATE account_move SET %s = %s", SQL.identifier(new), SQL.identifier(old)))


def _move_external_ids(cr, patterns, addon):
    cr.execute(
        """
        UPDATE ir_model_data AS moved
           SET module = %(addon)s
         WHERE module = 'timebill_legal'
           AND name LIKE ANY(%(patterns)s)
           AND NOT EXISTS (
               SELECT FROM ir_model_data AS other WHERE other.module = %(addon)s AND other.name = moved.name
           )
        """,
        {"addon": addon, "patterns": patterns},
    )


def _install_if_dependencies_are(cr, addon):
    """Mark an add-on as Odoo marks one that installs itself; the current run then installs it."""
    cr.execute(
        """
        UPDATE ir_module_module AS addon
           SET state = 'to install'
         WHERE addon.name = %s
           AND addon.state = 'uninstalled'
           AND NOT EXISTS (
               SELECT
                 FROM ir_module_module_dependency AS dependency
            LEFT JOIN ir_module_module AS needed ON needed.name = dependency.name
                WHERE dependency.module_id = addon.id
                  AND COALESCE(needed.state, '') NOT IN ('installed', 'to upgrade', 'to install')
           )
        """,
        [addon],
    )
