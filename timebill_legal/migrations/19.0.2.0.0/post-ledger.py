"""What only the ledger of 19.0.1.0.0 has: its columns go at the end of this upgrade, with their fields."""

from odoo import SUPERUSER_ID, api
from odoo.tools.sql import column_exists


def migrate(cr, version):
    if column_exists(cr, "timebill_allocation", "reason"):
        cr.execute("UPDATE timebill_allocation SET note = reason WHERE reason IS NOT NULL AND note IS NULL")
    if column_exists(cr, "account_move_line", "timebill_is_rebate"):
        _write_rows_of_rebates(cr)


def _write_rows_of_rebates(cr):
    """Write the rows of credit notes that lowered a price.

    The version marked the line of the credit note instead, whose activities stayed billed at the price before.
    """
    cr.execute(
        """
        SELECT line.id
          FROM account_move_line AS line
         WHERE line.timebill_is_rebate AND line.parent_state = 'posted'
           AND NOT EXISTS (SELECT FROM timebill_allocation AS credit WHERE credit.move_line_id = line.id)
         ORDER BY line.date, line.id
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    for line in env["account.move.line"].browse([line_id for (line_id,) in cr.fetchall()]):
        claims = line.timebill_origin_line_id._timebill_get_rows_sudo().filtered(
            lambda row: not row.reversed_id and row.live and row.net_billed > 0
        )
        if line.currency_id.compare_amounts(line.price_subtotal, sum(claims.mapped("net_billed"))) > 0:
            continue  # Somebody has to choose: the form of the credit note asks for it.
        amounts = claims._spread(line.price_subtotal, claims.mapped("net_billed"))
        line._timebill_create_rows_sudo(
            [
                claim._prepare_credit_values(line, amount, "none")
                for claim, amount in zip(claims, amounts, strict=True)
                if amount
            ]
        )
