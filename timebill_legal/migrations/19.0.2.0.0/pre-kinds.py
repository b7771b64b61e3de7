from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Store whether an activity is a cost, which the unique index of its source reads, without the ORM."""
    if column_exists(cr, "timebill_activity", "is_cost"):
        return
    cr.execute("ALTER TABLE timebill_activity ADD COLUMN is_cost boolean")
    cr.execute("UPDATE timebill_activity SET is_cost = kind IN ('expense', 'disbursement')")
