from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    timebill_expense_auto = fields.Boolean(
        "Expenses Become Activities at Once",
        default=True,
        help="Expenses on matters are charged to the client when they are approved; otherwise they are proposed.",
    )
