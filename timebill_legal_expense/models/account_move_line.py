from odoo import models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _timebill_is_recoverable(self):
        """Journal items of an expense are not recoverable: the client is charged from the expense."""
        return super()._timebill_is_recoverable() and not self.expense_id

    def _timebill_check_may_convert(self):
        """
        :raises UserError: when one of these journal items belongs to an expense
        """
        for line in self:
            if expense := line.expense_id:
                raise UserError(
                    self.env._(
                        "%(entry)s is the journal entry of the expense “%(expense)s”: convert the expense instead.",
                        entry=line.move_id.display_name,
                        # sudo: accountants may not read the expense, but its name is also the label of the journal item
                        expense=expense.sudo().name,
                    )
                )
        super()._timebill_check_may_convert()
