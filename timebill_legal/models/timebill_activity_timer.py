from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class TimebillActivity(models.Model):
    _inherit = "timebill.activity"  # pylint: disable=consider-merging-classes-inherited

    timer_id = fields.Many2one("timebill.timer", "Chronometer", copy=False, ondelete="set null")

    _one_per_timer = models.UniqueIndex(
        "(timer_id) WHERE timer_id IS NOT NULL", "The time of this chronometer is entered already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_timers({vals.get("timer_id", self.env.context.get("default_timer_id")) for vals in vals_list})
        activities = super().create(vals_list)
        activities._finish_timers()
        return activities

    def write(self, vals):
        timer = self.env["timebill.timer"].browse(vals.get("timer_id"))
        changed = self.filtered(lambda a: a.timer_id != timer) if "timer_id" in vals else self.browse()
        if changed:
            self._check_timers(timer.ids)
        res = super().write(vals)
        changed._finish_timers()
        return res

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
