from odoo import api, fields, models


class CalendarEventType(models.Model):
    _inherit = "calendar.event.type"

    timebill_type_id = fields.Many2one(
        "timebill.activity.type",
        "Activity Type",
        index="btree_not_null",
        ondelete="set null",
        copy=False,  # copy_data reads copied fields with the rights of the user, who may not belong to the groups
        groups="timebill_legal.group_user",
        help="Meetings with this tag are converted into activities of this type.",
    )

    @api.model
    def _timebill_create_for_categories(self, types):
        """Create a meeting tag for each of these activity types, unless a tag of that name exists.

        Names of tags are not translatable: they are created in the language of the administrator.
        """
        types = types.with_context(lang=self.env.ref("base.user_admin").lang)
        known = self.search([("name", "in", types.mapped("name"))]).mapped("name")
        self.create(
            [
                {"name": activity_type.name, "timebill_type_id": activity_type.id}
                for activity_type in types
                if activity_type.name not in known
            ]
        )
