from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    timebill_expense_auto = fields.Boolean(
        "Convert Expenses Automatically",
        groups="base.group_user",
        default=True,
        help="Expenses on matters are converted into activities when they are approved; otherwise they are proposed.",
    )
