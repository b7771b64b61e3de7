from odoo.tools import SQL
from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Store whether an activity is a cost, whether its price was typed and whether it has one, without the ORM.

    All at once: each update writes every activity and its indexes anew, minutes for a million of them.
    """
    if column_exists(cr, "timebill_activity", "price_is_typed"):
        return
    cr.execute("ALTER TABLE timebill_activity ADD COLUMN IF NOT EXISTS is_cost boolean")
    cr.execute("ALTER TABLE timebill_activity ADD COLUMN price_is_typed boolean, ADD COLUMN has_price boolean")
    is_cost = SQL("kind IN ('expense', 'disbursement')")
    # Prices were told from one another: typed is what is not that of the rate lists. The prices themselves keep their
    # columns: amounts of money and numbers of any precision are both ``numeric``.
    is_typed = SQL("coalesce(price_unit, 0) != coalesce(rate_price, 0)")
    # What a cost document charges follows no rate list. 19.0.1.0.0 knew no documents.
    if column_exists(cr, "timebill_activity", "source_id"):
        is_typed = SQL("(%s OR (%s AND coalesce(source_id, 0) != 0))", is_typed, is_cost)
    cr.execute(
        SQL(
            """
            UPDATE timebill_activity
               SET is_cost = %(is_cost)s,
                   price_is_typed = %(is_typed)s,
                   has_price = %(is_typed)s OR coalesce(rate_level, 'none') != 'none'
            """,
            is_cost=is_cost,
            is_typed=is_typed,
        )
    )
