from odoo import fields, models


class CalendarEventType(models.Model):
    _inherit = "calendar.event.type"

    timebill_type_id = fields.Many2one(
        "timebill.activity.type",
        "Category of Activities",
        index="btree_not_null",
        ondelete="set null",
        groups="timebill_legal.group_user",
        help="Meetings with this tag are converted into activities of this category.",
    )
