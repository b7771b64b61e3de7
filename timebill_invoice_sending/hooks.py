from odoo.tools.sql import column_exists, create_column


def pre_init_hook(env):
    """Fill the sending state of all invoices in one statement.

    What Odoo marked as sent before this add-on was installed keeps no state, because nobody knows which message carried
    it: Odoo's own fields stay in force for it.
    """
    if column_exists(env.cr, "account_move", "timebill_sending_state"):
        return
    create_column(env.cr, "account_move", "timebill_sending_state", "varchar")
    env.cr.execute(
        """
        UPDATE account_move
           SET timebill_sending_state = 'to_send'
         WHERE move_type IN ('out_invoice', 'out_refund', 'out_receipt')
           AND is_move_sent IS NOT TRUE
        """
    )
