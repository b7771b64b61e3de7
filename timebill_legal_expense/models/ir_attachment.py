from odoo import models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _inaccessible_comodel_records(self, model_and_ids, operation):
        """Let users who may read an activity read the attachments of its expense."""
        inaccessible = list(super()._inaccessible_comodel_records(model_and_ids, operation))
        expense_ids = [res_id for model, res_id in inaccessible if model == "hr.expense"] if operation == "read" else []
        if expense_ids and self.env["timebill.activity"].has_access("read"):
            charged = self.env["timebill.activity"].search(
                [("source_model", "=", "hr.expense"), ("source_id", "in", expense_ids)]
            )
            readable = {("hr.expense", res_id) for res_id in charged.mapped("source_id")}
            inaccessible = [reference for reference in inaccessible if reference not in readable]
        yield from inaccessible
