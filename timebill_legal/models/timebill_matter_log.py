from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.creating import create_sudo


class TimebillMatterLog(models.Model):
    """Who got or lost access to a confidential matter, by whom and why. Rows are appended by the program alone, and
    nobody changes or deletes them; messages of the chatter can be deleted by their author.
    """

    _name = "timebill.matter.log"
    _description = "Log of Access to a Matter"
    _order = "date desc, id desc"
    _rec_name = "event"

    matter_id = fields.Many2one("timebill.matter", required=True, ondelete="restrict", index=True, readonly=True)
    company_id = fields.Many2one(related="matter_id.company_id", store=True, index=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    event = fields.Selection(
        [
            ("entered", "Entered without being in the team"),
            ("joined", "Joined the team"),
            ("left", "Left the team"),
            ("responsible", "Became responsible"),
            ("closed", "Became confidential"),
            ("opened", "No longer confidential"),
        ],
        required=True,
        readonly=True,
    )
    concerned_id = fields.Many2one("res.users", "User Concerned", ondelete="restrict", readonly=True)
    user_id = fields.Many2one("res.users", "Changed by", required=True, ondelete="restrict", readonly=True)
    reason = fields.Text(readonly=True)

    @api.model
    def _append(self, entries, reason=False):
        """
        :param entries: list of (matter, event, user concerned)
        """
        # sudo: nobody may write the log; its rows say what the program has just done for the user
        return create_sudo(
            self,
            [
                {
                    "matter_id": matter.id,
                    "event": event,
                    "concerned_id": user.id,
                    "user_id": self.env.uid,
                    "reason": reason,
                }
                for matter, event, user in entries
            ],
        )

    def write(self, vals):  # pylint: disable=method-required-super
        self.check_access("write")
        raise UserError(self.env._("The log of access to confidential matters cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of access to confidential matters cannot be deleted."))
