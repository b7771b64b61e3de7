from odoo import SUPERUSER_ID, api, models

from ..tools.creating import NO_PERSONAL_DEFAULTS


class IrDefault(models.Model):
    _inherit = "ir.default"

    @api.model
    def _get_model_defaults(self, model_name, condition=False):
        """Leave out the defaults of the user where the program creates records, see ``tools/creating.py``."""
        defaults = self
        if self.env.context.get(NO_PERSONAL_DEFAULTS):
            # Those for all users, and for all of the company, apply.
            defaults = self.with_user(SUPERUSER_ID).with_company(self.env.company)
        return super(IrDefault, defaults)._get_model_defaults(model_name, condition)
