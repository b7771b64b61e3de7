from odoo import models
from odoo.exceptions import AccessError


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        """In a law firm, secrets are no joke: a plain refusal of our records, which names none of them."""
        error = super()._make_access_error(operation, records)
        is_explained = getattr(error, "context", None) or self.env.user.has_group("base.group_no_one")
        if not records._name.startswith("timebill.") or is_explained:
            return error
        env = self.with_context(**self.env.user.context_get()).env
        # sudo: what a sort of record is called is no secret
        label = env["ir.model"].sudo()._get(records._name).name
        refusals = {
            "read": env._("You may not see this: %s.", label),
            "write": env._("You may not change this: %s.", label),
            "create": env._("You may not create this: %s.", label),
            "unlink": env._("You may not delete this: %s.", label),
        }
        way_out = env._("Ask the team of the matter, or a manager of the firm.")
        return AccessError(f"{refusals[operation]} {way_out}")
