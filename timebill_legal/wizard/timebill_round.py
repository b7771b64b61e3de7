from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..lib.durations import format_duration
from ..lib.rounding import Rule
from .window import window_action


class TimebillRound(models.TransientModel):
    """The window *Round*: the billable time of a selection, rounded up; the time worked stays."""

    _name = "timebill.round"
    _description = "Rounding of a Selection"

    activity_ids = fields.Many2many("timebill.activity", required=True, readonly=True)
    increment = fields.Selection(
        [("5", "5 min"), ("6", "6 min"), ("10", "10 min"), ("15", "15 min")], "Up to", required=True, default="15"
    )
    summary = fields.Char(compute="_compute_summary", export_string_translation=False)
    left_out = fields.Text(readonly=True)

    @api.depends("increment", "activity_ids")
    @api.depends_context("lang")
    def _compute_summary(self):
        for window in self:
            before = sum(window.activity_ids.mapped("billable_duration"))
            after = sum(window._get_rounded().values())
            window.summary = self.env._(
                "%(work)s: billable %(before)s → %(after)s",
                work=window.activity_ids._get_count_label(),
                before=format_duration(before),
                after=format_duration(after),
            )

    @api.model
    def _open(self, activities):
        """Window on those of ``activities`` whose billable time can change.

        :raises UserError: none can, naming each
        """
        activities.check_access("read")
        fixed = activities._get_change_problems()
        problems = {
            activity: self.env._("no time") if not activity.is_timed else fixed[activity] for activity in activities
        }
        kept = activities.filtered(lambda activity: not problems[activity])
        left_out = "\n".join(
            self.env._("%(activity)s: %(problem)s", activity=activity.display_name, problem=problem)
            for activity, problem in problems.items()
            if problem
        )
        if not kept:
            raise UserError(self.env._("Nothing can be rounded here.\n%s", left_out))
        window = self.create({"activity_ids": [Command.set(kept.ids)], "left_out": left_out})
        return window_action(window, self.env._("Round the billable time"), "medium")

    def action_round(self):
        """
        :raises UserError: one of them was billed meanwhile
        """
        self.ensure_one()
        self.env["timebill.billing"]._lock(self.activity_ids)
        self.activity_ids._check_unbound()
        by_minutes = {}
        for activity, minutes in self._get_rounded().items():
            if minutes != activity.billable_duration:
                by_minutes[minutes] = by_minutes.get(minutes, self.env["timebill.activity"]) | activity
        for minutes, activities in by_minutes.items():
            activities.write({"billable_duration": minutes})
        return {"type": "ir.actions.act_window_close"}

    def _get_rounded(self):
        """
        :return: {timebill.activity: billable minutes, rounded}
        """
        rule = Rule(int(self.increment or 1))
        return {activity: rule.propose(activity.billable_duration) for activity in self.activity_ids}
