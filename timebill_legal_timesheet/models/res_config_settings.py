from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    timebill_timesheet_auto = fields.Boolean(related="company_id.timebill_timesheet_auto", readonly=False)
