from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: What an expense says of its activity.
SAID_BY_EXPENSE = ("matter_id", "kind", "date", "quantity", "price_unit", "unit_cost")


class TimebillActivity(models.Model):
    _inherit = "timebill.activity"

    receipt_ids = fields.Many2many("ir.attachment", string="Receipts", compute="_compute_receipt_ids")

    #=== COMPUTE METHODS ===#

    @api.depends("source_model", "source_id")
    def _compute_receipt_ids(self):
        """Attachments of the expense, which whoever reads the activity may open: see ir.attachment."""
        of_expenses = self._filter_of_expenses()
        # sudo: as said
        receipts = self.env["ir.attachment"].sudo().search(
            [("res_model", "=", "hr.expense"), ("res_id", "in", of_expenses.mapped("source_id"))]
        )
        receipts_of = receipts.grouped("res_id")
        for activity in self:
            activity.receipt_ids = receipts_of.get(activity.source_id) if activity in of_expenses else False

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._filter_of_expenses()._check_agrees_with_expense()
        return activities

    def write(self, vals):
        changed = self._filter_of_expenses().filtered(
            lambda activity: any(activity._has_other_value(name, vals) for name in SAID_BY_EXPENSE)
        )
        res = super().write(vals)
        changed._check_agrees_with_expense()
        return res

    #=== BUSINESS METHODS ===#

    def _filter_of_expenses(self):
        return self.filtered(lambda activity: activity.source_model == "hr.expense")

    def _check_agrees_with_expense(self):
        """What was paid is said once: on the expense.

        No constraint: a rate of exchange that is corrected later does not make an old activity wrong.
        """
        expenses = self.env["hr.expense"].browse(self.mapped("source_id")).exists()
        charges = expenses._prepare_charges()
        for activity in self:
            values = charges.get(expenses.browse(activity.source_id), {})
            if any(activity._has_other_value(name, values) for name in values):
                raise ValidationError(
                    self.env._(
                        "%s comes from an expense: matter, kind, date and amount are changed there. To charge less, or"
                        " more, grant a discount or a surcharge.",
                        activity.display_name,
                    )
                )
