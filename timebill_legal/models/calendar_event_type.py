from odoo import api, fields, models


class CalendarEventType(models.Model):
    _inherit = "calendar.event.type"

    timebill_type_id = fields.Many2one(
        "timebill.activity.type",
        "Category of Activities",
        index="btree_not_null",
        ondelete="set null",
        copy=False,  # Odoo reads what it copies with the rights of the user, who need not be of the firm
        groups="timebill_legal.group_user",
        help="Meetings with this tag are converted into activities of this category.",
    )

    @api.model
    def _timebill_create_for_categories(self, types):
        """A tag for the meetings of each of these categories, unless the firm has one of that name.

        Odoo does not translate the names of tags: they are in the language of who looks after the database.
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
