from odoo import models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _inaccessible_comodel_records(self, model_and_ids, operation):
        """Who may read an activity may see the receipts of the expense from which it comes."""
        closed = list(super()._inaccessible_comodel_records(model_and_ids, operation))
        expense_ids = [res_id for model, res_id in closed if model == "hr.expense"] if operation == "read" else []
        if expense_ids and self.env["timebill.activity"].has_access("read"):
            charged = self.env["timebill.activity"].search(
                [("source_model", "=", "hr.expense"), ("source_id", "in", expense_ids)]
            )
            readable = {("hr.expense", res_id) for res_id in charged.mapped("source_id")}
            closed = [reference for reference in closed if reference not in readable]
        yield from closed
