from odoo import api, fields, models


class TimebillCreditInvoice(models.TransientModel):
    """An invoice in the wizard *Reverse* that bills activities, and whether they are to bill again."""

    _name = "timebill.credit.invoice"
    _description = "Invoice of the Credit Note Window"

    reversal_id = fields.Many2one("account.move.reversal", required=True, ondelete="cascade")
    move_id = fields.Many2one("account.move", "Invoice", required=True, ondelete="cascade")
    release = fields.Boolean(
        "Activities to bill again",
        default=True,
        help="What is credited comes back to the work to bill. Otherwise only its price is lowered.",
    )
    activity_count = fields.Integer("Activities", compute="_compute_activity_count")

    @api.depends("move_id")
    def _compute_activity_count(self):
        for invoice in self:
            # The id comes from the client: disclose nothing of an invoice that the user cannot read.
            moves = invoice.move_id._origin._filtered_access("read")
            invoice.activity_count = moves.timebill_row_count if moves else 0
