from odoo.tools.sql import column_exists


def migrate(cr, version):
    """What a credit row gives back is negative in each column that adds up, and the row says that it gives back."""
    if column_exists(cr, "timebill_allocation", "release"):
        return
    cr.execute("ALTER TABLE timebill_allocation ADD COLUMN release varchar, ADD COLUMN kind varchar")
    cr.execute(
        """
        UPDATE timebill_allocation
           SET standard_amount = -standard_amount, release = 'share'
         WHERE reversed_id IS NOT NULL
        """
    )
    # Fixed when a row is written, from now on: what it was until now is that of its activity.
    cr.execute(
        """
        UPDATE timebill_allocation AS allocation
           SET kind = activity.kind
          FROM timebill_activity AS activity
         WHERE activity.id = allocation.activity_id
        """
    )
