from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        """The invoice that replaces a reversed one bills its activities again."""
        action = super(AccountMoveReversal, self.with_context(timebill_keep_origin=is_modify)).reverse_moves(
            is_modify=is_modify
        )
        if is_modify:
            self.new_move_ids.invoice_line_ids._claim_timebill_rows()
        return action
