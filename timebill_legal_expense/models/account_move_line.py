from odoo import models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _timebill_is_recoverable(self):
        """The same cost is charged once: from the expense that this line books."""
        return super()._timebill_is_recoverable() and not self.expense_id

    def _timebill_check_may_convert(self):
        """
        :raises UserError: it books an expense
        """
        for line in self:
            if expense := line.expense_id:
                raise UserError(
                    self.env._(
                        "%(entry)s books the expense “%(expense)s”: the client is charged from the expense.",
                        entry=line.move_id.display_name,
                        expense=expense.sudo().name,  # sudo: the entry itself bears this text
                    )
                )
        super()._timebill_check_may_convert()
