from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    timebill_timesheet_auto = fields.Boolean(
        "Time-sheets Become Activities at Once",
        help="Time-sheets on the projects of matters are converted when they are entered; otherwise they are proposed.",
    )
