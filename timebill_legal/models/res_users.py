from odoo import api, fields, models


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

    @api.model
    def _get_invalidation_fields(self):
        """Record rules are cached with the people for whom their user enters activities."""
        return super()._get_invalidation_fields() | {"timebill_types_for_ids"}
