from odoo.addons.timebill_legal.tools.renames import blank_views, rename_fields

RENAMES = {"hr.expense": {"matter_id": "timebill_matter_id"}}


def migrate(cr, version):
    """Fields on models of other add-ons begin with ``timebill_``."""
    blank_views(cr, "timebill_legal_expense", RENAMES)
    rename_fields(cr, RENAMES)
