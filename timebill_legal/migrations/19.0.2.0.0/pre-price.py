from odoo.tools import SQL
from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Whether a price was typed, and whether there is one, are columns; they were told from the prices.

    The prices themselves keep their columns: amounts of money and numbers of any precision are both ``numeric``.
    """
    if column_exists(cr, "timebill_activity", "price_is_typed"):
        return
    cr.execute("ALTER TABLE timebill_activity ADD COLUMN price_is_typed boolean, ADD COLUMN has_price boolean")
    # What a cost document charges follows no rate list. 19.0.1.0.0 knew no documents.
    from_document = SQL("false")
    if column_exists(cr, "timebill_activity", "source_id"):
        from_document = SQL("kind IN ('expense', 'disbursement') AND coalesce(source_id, 0) != 0")
    cr.execute(
        SQL(
            """
            UPDATE timebill_activity
               SET price_is_typed = is_typed,
                   has_price = is_typed OR coalesce(rate_level, 'none') != 'none'
              FROM (
                    SELECT id, coalesce(price_unit, 0) != coalesce(rate_price, 0) OR (%s) AS is_typed
                      FROM timebill_activity
                   ) AS price
             WHERE price.id = timebill_activity.id
            """,
            from_document,
        )
    )
