from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..lib.durations import format_duration
from ..lib.rounding import Rule


class TimebillRound(models.TransientModel):
    """Wizard *Round*: round the billable time of several activities up; the time worked does not change."""

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
        for wizard in self:
            before = sum(wizard.activity_ids.mapped("billable_duration"))
            after = sum(wizard._get_rounded_minutes().values())
            wizard.summary = self.env._(
                "%(work)s: billable %(before)s → %(after)s",
                work=wizard.activity_ids._get_count_label(),
                before=format_duration(before),
                after=format_duration(after),
            )

    @api.model
    def _open(self, activities):
        """Open the wizard on the activities whose billable time can be changed.

        :return: action
        :raises UserError: when none of them can be changed
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
        wizard = self.create({"activity_ids": [Command.set(kept.ids)], "left_out": left_out})
        return wizard._get_records_action(
            name=self.env._("Round the billable time"), target="new", context={"dialog_size": "medium"}
        )

    def action_round(self):
        """
        :raises UserError: when one of them was billed meanwhile
        """
        self.ensure_one()
        self.env["timebill.billing"]._lock(self.activity_ids)
        self.activity_ids._check_unbound()
        by_minutes = {}
        for activity, minutes in self._get_rounded_minutes().items():
            if minutes != activity.billable_duration:
                by_minutes[minutes] = by_minutes.get(minutes, self.env["timebill.activity"]) | activity
        for minutes, activities in by_minutes.items():
            activities.write({"billable_duration": minutes})
        return {"type": "ir.actions.act_window_close"}

    def _get_rounded_minutes(self):
        """Rounded billable time of each activity.

        :return: {timebill.activity: minutes}
        """
        rule = Rule(int(self.increment or 1))
        return {activity: rule.propose(activity.billable_duration) for activity in self.activity_ids}
