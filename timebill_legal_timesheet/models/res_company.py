from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    timebill_timesheet_auto = fields.Boolean(
        "Convert Timesheets Automatically",
        groups="base.group_user",
        help="Timesheets on projects of matters are converted into activities on entry; otherwise they are proposed.",
    )
