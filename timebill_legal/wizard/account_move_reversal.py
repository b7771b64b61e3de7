from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        """The invoice that replaces a reversed one bills its activities again."""
        if is_modify:
            self._check_timebill_replaced_now()
        action = super(AccountMoveReversal, self.with_context(timebill_keep_origin=is_modify)).reverse_moves(
            is_modify=is_modify
        )
        if is_modify:
            self.new_move_ids.invoice_line_ids._claim_timebill_rows()
        return action

    def _check_timebill_replaced_now(self):
        """With a future date, Odoo makes the replacing invoice at once but posts the credit note on that day.

        :raises UserError: until that day the activities would stand on both invoices
        """
        moves = self.move_ids.filtered("timebill_row_count")
        if moves and self.date > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%(invoices)s bills activities, and its credit note would only count on %(date)s: until then they"
                    " cannot stand on another invoice. Choose a date that is not in the future.",
                    invoices=", ".join(moves.mapped("display_name")),
                    date=format_date(self.env, self.date),
                )
            )
