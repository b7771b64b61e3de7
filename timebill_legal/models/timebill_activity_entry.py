from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..lib.durations import format_duration

#: The latest entries of a user say what she is likely to enter next.
LATEST = 100
MAX_MATTERS = 5
MAX_TYPES = 4


class TimebillActivity(models.Model):
    """What the entry dialog proposes at a click, and what the day comes to so far."""

    _inherit = "timebill.activity"

    recent_matter_ids = fields.Many2many(
        "timebill.matter", compute="_compute_recent_choices", export_string_translation=False
    )
    recent_type_ids = fields.Many2many(
        "timebill.activity.type", compute="_compute_recent_choices", export_string_translation=False
    )
    day_total = fields.Char(compute="_compute_day_total", export_string_translation=False)

    _create_uid_idx = models.Index("(create_uid, id)")

    @api.depends("kind")
    @api.depends_context("uid", "timebill_partner_ids")
    def _compute_recent_choices(self):
        """Those of the latest work that the user did or typed for somebody, and that she may still choose."""
        latest = self.search_fetch(
            ["|", ("user_id", "=", self.env.uid), ("create_uid", "=", self.env.uid)],
            ["matter_id", "type_id", "kind"],
            order="id desc",
            limit=LATEST,
        )
        offered = self._get_offered_matters_domain() & Domain("id", "in", latest.matter_id.ids)
        matters = (latest.matter_id & self.env["timebill.matter"].search(offered))[:MAX_MATTERS]
        types = latest.type_id._filtered_access("read").filtered("active")
        for activity in self:
            activity.recent_matter_ids = matters
            activity.recent_type_ids = types.filtered(lambda t, kind=activity.kind: t.kind == kind)[:MAX_TYPES]

    @api.depends("user_id", "date")
    @api.depends_context("lang", "tz")
    def _compute_day_total(self):
        """“Today 5 h 20”: the time that the timekeeper has entered for the day, without this activity."""
        totals = {
            (user, day): minutes
            for user, day, minutes in self._read_group(
                [
                    ("user_id", "in", self.user_id.ids),
                    ("date", "in", self.mapped("date")),
                    ("id", "not in", self._origin.ids),
                ],
                ["user_id", "date:day"],
                ["duration:sum"],
            )
        }
        today = fields.Date.context_today(self)
        for activity in self:
            day = self.env._("Today") if activity.date == today else format_date(self.env, activity.date)
            total = format_duration(totals.get((activity.user_id._origin, activity.date), 0))
            activity.day_total = f"{day} {total}"
