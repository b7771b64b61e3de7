from odoo import api, models
from odoo.exceptions import ValidationError


class TimebillActivity(models.Model):
    _inherit = "timebill.activity"

    @api.constrains("duration", "date", "user_id", "matter_id", "source_id")
    def _check_agrees_with_timesheet(self):
        """The timesheet is authoritative for matter, timekeeper, date and time worked."""
        of_timesheets = self.filtered(lambda activity: activity.source_model == "account.analytic.line")
        # sudo: the user may not read the timesheets; their values are compared, not shown
        lines = self.env["account.analytic.line"].sudo().browse(of_timesheets.mapped("source_id")).exists()
        line_of = {line.id: line for line in lines}
        for activity in of_timesheets:
            line = line_of.get(activity.source_id)
            if line and (
                activity.duration != line._timebill_get_minutes()
                or activity.date != line.date
                or activity.user_id != line.user_id
                or activity.matter_id != line.project_id.timebill_matter_id
            ):
                raise ValidationError(
                    self.env._(
                        "%s comes from a timesheet: change matter, timekeeper, date and time worked there. To change"
                        " what the client pays, edit the billable time.",
                        activity.display_name,
                    )
                )
