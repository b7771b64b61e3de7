from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    timebill_allocation_ids = fields.One2many(
        "timebill.allocation", "move_line_id", "Billed Activities", groups="timebill_legal.group_user"
    )
    timebill_origin_line_id = fields.Many2one(
        "account.move.line",
        "Reversed or Replaced Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        export_string_translation=False,
    )

    def _copy_data_extend_business_fields(self, values):
        """Remember the origin of the lines of a credit note and of the invoice that replaces a reversed one.

        Only under a key of our own: a debit note copies lines the same way and bills no activity.
        """
        super()._copy_data_extend_business_fields(values)
        if self.env.context.get("timebill_keep_origin"):
            values["timebill_origin_line_id"] = self.id

    def _get_timebill_rows(self):
        """Rows of the ledger on these lines, whoever asks."""
        # sudo: a biller or an accountant outside a confidential team must not lose its rows silently
        return self.sudo().timebill_allocation_ids

    def _reverse_timebill_rows(self):
        """Give back on these lines of credit notes what their origin lines bill."""
        for line in self.filtered("timebill_origin_line_id"):
            line.timebill_origin_line_id._get_timebill_rows()._reverse_on(line)

    def _claim_timebill_rows(self):
        """Bill again on these lines of replacing invoices what their origin lines billed."""
        for line in self.filtered("timebill_origin_line_id"):
            line.timebill_origin_line_id._get_timebill_rows()._claim_on(line)
