from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class TimebillActivity(models.Model):
    """The timer whose time an activity has entered: its own user's, and once."""

    _inherit = "timebill.activity"

    timer_id = fields.Many2one("timebill.timer", copy=False, ondelete="set null")

    _one_per_timer = models.UniqueIndex(
        "(timer_id) WHERE timer_id IS NOT NULL", "The time of this timer is already entered."
    )

    #=== BUSINESS METHODS ===#

    @api.model
    def _check_timers(self, timer_ids):
        """Check that the timers are those of the user and that their time is not entered yet.

        :raises AccessError: of somebody else
        :raises UserError: entered or deleted already
        """
        # sudo: only compared, the values are not shown
        timers = self.env["timebill.timer"].sudo().browse(filter(None, timer_ids))
        if not timers:
            return
        timers._begin_change()
        if timers.exists() != timers:
            raise UserError(self.env._("This timer was deleted on another device."))
        if timers.user_id - self.env.user:
            raise AccessError(self.env._("Only the user who started a timer can enter its time."))
        if "done" in timers.mapped("state"):
            raise UserError(self.env._("The time of this timer is already entered."))

    def _filter_newly_timed(self, vals):
        """Activities to which ``vals`` assigns another timer, after checking that they can have it."""
        if "timer_id" not in vals:
            return self.browse()
        timer = self.env["timebill.timer"].browse(vals["timer_id"])
        timed = self.filtered(lambda activity: activity.timer_id != timer)
        if timed:
            timed._check_timers(timer.ids)
        return timed

    def _finish_timers(self):
        # sudo: timers of the user herself, see _check_timers
        timers = self.timer_id.sudo()
        for timer in timers:
            timer._finish(fields.Datetime.now())
        if timers:
            timers._end_change()
