from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..lib.reasons import tally


class TimebillHold(models.TransientModel):
    """Wizard *Bill later*: put activities on hold until a date, or for a reason."""

    _name = "timebill.hold"
    _description = "Bill Later"

    activity_ids = fields.Many2many("timebill.activity", required=True)
    hold_until = fields.Date("Until", help="On that day, the activities are put back to bill automatically.")
    hold_note = fields.Char(
        "Reason to Wait", help="Without a date, the activities stay on hold until somebody puts them back to bill."
    )
    summary = fields.Char(readonly=True)
    left_out = fields.Char(readonly=True)

    @api.model
    def _open(self, activities):
        """Open the wizard on the activities that are to bill or already on hold.

        :return: action
        :raises UserError: when none of them can be put on hold
        """
        activities.check_access("read")
        kept = activities.filtered(lambda activity: not activity._get_closed_problem())
        left_out = tally(activity._get_closed_problem() for activity in activities - kept)
        if not kept:
            raise UserError(
                self.env._("Nothing here can be billed later: %s.", left_out or self.env._("nothing is to bill"))
            )
        kept._check_may_hold()
        wizard = self.create(
            {
                "activity_ids": [Command.set(kept.ids)],
                "hold_until": kept.hold_until if len(kept) == 1 else False,
                "hold_note": kept.hold_note if len(kept) == 1 else False,
                "summary": kept.display_name if len(kept) == 1 else self.env._("%s activities", len(kept)),
                "left_out": left_out,
            }
        )
        return wizard._get_records_action(
            name=self.env._("Bill later"), target="new", context={"dialog_size": "medium"}
        )

    def action_hold(self):
        self.ensure_one()
        note = (self.hold_note or "").strip()
        if not self.hold_until and not note:
            raise UserError(self.env._("Enter a date or a reason."))
        if self.hold_until and self.hold_until <= fields.Date.context_today(self):
            raise UserError(self.env._("Choose a date in the future, on which the activities are put back to bill."))
        activities = self.activity_ids
        if problems := activities._format_problems(lambda activity: activity._get_closed_problem()):
            raise UserError("\n".join([self.env._("Nothing was changed."), *problems]))
        activities._hold(self.hold_until, note)
        return {"type": "ir.actions.act_window_close"}
