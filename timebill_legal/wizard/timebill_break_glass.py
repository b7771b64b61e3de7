from odoo import fields, models
from odoo.exceptions import UserError


class TimebillBreakGlass(models.TransientModel):
    """Lets a manager into a confidential matter whose team she is not in, on record."""

    _name = "timebill.break.glass"
    _description = "Enter a Confidential Matter"

    reference = fields.Char("Matter Reference", required=True)
    reason = fields.Char(required=True, help="Written in the matter's log, with your name; its team is told.")

    def action_enter(self):
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Say why you enter this matter: the reason is written in its log."))
        # sudo: the point is to find a matter that the manager cannot read; only the user's companies are searched
        matter = self.env["timebill.matter"].sudo().search(
            [("reference", "=", self.reference.strip()), ("company_id", "in", self.env.companies.ids)], limit=1
        )
        if not matter:
            raise UserError(self.env._("There is no matter with the reference %s.", self.reference))
        matter.sudo(False)._enter_by_breaking_glass(self.reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": "timebill.matter",
            "res_id": matter.id,
            "views": [(False, "form")],
        }
