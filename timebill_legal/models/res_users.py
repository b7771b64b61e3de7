from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    timebill_grade_id = fields.Many2one("timebill.grade", "Grade")
    timebill_types_for_ids = fields.Many2many(
        "res.users",
        "timebill_types_for_rel",
        "user_id",
        "timekeeper_id",
        string="Enters Activities for",
        domain=[("share", "=", False)],
        help="Colleagues whose activities this user may enter and edit.",
    )
