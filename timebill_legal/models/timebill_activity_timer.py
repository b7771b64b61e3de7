from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class TimebillActivityTimer(models.AbstractModel):
    """The chronometer whose time an activity has entered: its own user's, and once."""

    _name = "timebill.activity.timer"
    _description = "Activity with a Chronometer"

    timer_id = fields.Many2one("timebill.timer", "Chronometer", copy=False, ondelete="set null")

    _one_per_timer = models.UniqueIndex(
        "(timer_id) WHERE timer_id IS NOT NULL", "The time of this chronometer is entered already."
    )

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        self._check_timers({vals.get("timer_id", self.env.context.get("default_timer_id")) for vals in vals_list})
        activities = super().create(vals_list)
        activities._finish_timers()
        return activities

    def write(self, vals):
        timed = self._filter_newly_timed(vals)
        res = super().write(vals)
        timed._finish_timers()
        return res

    #=== BUSINESS METHODS ===#

    @api.model
    def _check_timers(self, timer_ids):
        """Only one's own chronometer can be entered, and only once.

        :raises AccessError: of somebody else
        :raises UserError: entered or deleted already
        """
        # sudo: compared, not shown
        timers = self.env["timebill.timer"].sudo().browse(filter(None, timer_ids))
        if not timers:
            return
        timers._begin_change()
        if timers.exists() != timers:
            raise UserError(self.env._("This chronometer was deleted on another device."))
        if timers.user_id - self.env.user:
            raise AccessError(self.env._("A chronometer is entered by the user who started it."))
        if "done" in timers.mapped("state"):
            raise UserError(self.env._("The time of this chronometer is entered already."))

    def _finish_timers(self):
        # sudo: of the user herself, see _check_timers
        timers = self.timer_id.sudo()
        for timer in timers:
            timer._finish(fields.Datetime.now())
        if timers:
            timers._end_change()

    def _filter_newly_timed(self, vals):
        """Activities to which ``vals`` gives the time of a chronometer, once it is checked that they may have it."""
        if "timer_id" not in vals:
            return self.browse()
        timer = self.env["timebill.timer"].browse(vals["timer_id"])
        timed = self.filtered(lambda activity: activity.timer_id != timer)
        if timed:
            timed._check_timers(timer.ids)
        return timed
