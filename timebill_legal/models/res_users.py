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
    timebill_timekeeper_id = fields.Many2one(
        "res.users",
        "Usual Timekeeper",
        domain="[('id', 'in', timebill_types_for_ids)]",
        help="The colleague whose activities this user enters unless another one is chosen.",
    )
    timebill_auto_timer = fields.Boolean(
        "Automatic Chronometer", help="It starts when a matter is opened, and pauses when the matter is left."
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + [
            "timebill_auto_timer",
            "timebill_timekeeper_id",
            "timebill_types_for_ids",
        ]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["timebill_auto_timer", "timebill_timekeeper_id"]

    @api.model
    def _get_invalidation_fields(self):
        """Record rules are cached with the people for whom their user enters activities."""
        return super()._get_invalidation_fields() | {"timebill_types_for_ids"}

    def _filter_typed_for(self):
        """Those of these users for whom the current one may enter activities: herself, her colleagues, or anybody."""
        user = self.env.user
        if user.has_group("timebill_legal.group_billing"):
            return self
        return self & (user | user.sudo().timebill_types_for_ids)  # sudo: one's own

    def _get_default_timekeeper(self):
        """Whose activities this user enters unless somebody else is chosen."""
        self.ensure_one()
        user = self.sudo()  # sudo: one's own preference, and for whom one enters activities
        return self.browse((user.timebill_timekeeper_id & user.timebill_types_for_ids).id or self.id)
