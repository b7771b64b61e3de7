from odoo import api, models
from odoo.exceptions import AccessError


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        """Short message for records of this add-on that names no record: those of Odoo could reveal a confidential one.

        Messages that suggest another company of the user stay as in Odoo.
        """
        error = super()._make_access_error(operation, records)
        if not records._name.startswith("timebill.") or getattr(error, "context", None):
            return error
        return self._timebill_make_access_error(operation, records._name)

    @api.model
    def _timebill_make_access_error(self, operation, model_name):
        """The refusal of an operation on a record of a matter: it names the model, not the record."""
        env = self.with_context(**self.env.user.context_get()).env
        # sudo: ir.model is readable by administrators only; model names are shown to every user
        label = env["ir.model"].sudo()._get(model_name).name
        refusals = {
            "read": env._("You are not allowed to read this: %s.", label),
            "write": env._("You are not allowed to edit this: %s.", label),
            "create": env._("You are not allowed to create this: %s.", label),
            "unlink": env._("You are not allowed to delete this: %s.", label),
        }
        way_out = env._("Ask the team of the matter, or a manager of the firm.")
        return AccessError(f"{refusals[operation]} {way_out}")
