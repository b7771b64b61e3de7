from odoo import api, fields, models


class TimebillActivity(models.Model):
    _inherit = "timebill.activity"

    receipt_ids = fields.Many2many("ir.attachment", string="Receipts", compute="_compute_receipt_ids")

    #=== COMPUTE METHODS ===#

    @api.depends("source_model", "source_id")
    def _compute_receipt_ids(self):
        """Attachments of the expense."""
        of_expenses = self._filter_of_expenses()
        # sudo: users who may read the activity may read the receipts of its expense, see ir.attachment
        receipts = self.env["ir.attachment"].sudo().search(
            [("res_model", "=", "hr.expense"), ("res_id", "in", of_expenses.mapped("source_id"))]
        )
        receipts_of = receipts.grouped("res_id")
        for activity in self:
            activity.receipt_ids = receipts_of.get(activity.source_id) if activity in of_expenses else False

    #=== BUSINESS METHODS ===#

    def _filter_of_expenses(self):
        return self.filtered(lambda activity: activity.source_model == "hr.expense")
