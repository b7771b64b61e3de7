from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Whether a price was typed, and whether there is one, are columns; they were told from the prices.

    The prices themselves keep their columns: amounts of money and numbers of any precision are both ``numeric``.
    """
    if column_exists(cr, "timebill_activity", "price_is_typed"):
        return
    cr.execute("ALTER TABLE timebill_activity ADD COLUMN price_is_typed boolean, ADD COLUMN has_price boolean")
    cr.execute(
        """
        UPDATE timebill_activity
           SET price_is_typed = is_typed,
               has_price = is_typed OR coalesce(rate_level, 'none') != 'none'
          FROM (
                SELECT id,
                       coalesce(price_unit, 0) != coalesce(rate_price, 0)
                       -- What a cost document charges follows no rate list.
                       OR (kind IN ('expense', 'disbursement') AND coalesce(source_id, 0) != 0) AS is_typed
                  FROM timebill_activity
               ) AS price
         WHERE price.id = timebill_activity.id
        """
    )
