from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    timebill_expense_auto = fields.Boolean(related="company_id.timebill_expense_auto", readonly=False)
