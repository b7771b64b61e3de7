from odoo import fields, models
from odoo.exceptions import UserError


class TimebillBreakGlass(models.TransientModel):
    """Wizard by which managers join the team of a confidential matter; the reason is logged."""

    _name = "timebill.break.glass"
    _description = "Enter a Confidential Matter"

    reference = fields.Char("Matter Reference", required=True)
    reason = fields.Char(
        required=True, help="Kept in the log of the matter with your name; its team is notified."
    )

    def action_enter(self):
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Enter a reason: it is kept in the log of the matter."))
        # sudo: the manager cannot read the matter yet; only her companies are searched, and joining the team is checked
        # and logged by _enter_by_breaking_glass()
        matter = self.env["timebill.matter"].sudo().search(
            [
                ("reference", "=", self.reference.strip()),
                ("company_id", "in", self.env.companies.ids),
                ("confidential", "=", True),
            ]
        )
        if not matter:
            raise UserError(self.env._("There is no confidential matter with the reference %s.", self.reference))
        if len(matter) > 1:
            raise UserError(
                self.env._(
                    "Several of your companies have a confidential matter with the reference %s. Choose one company in"
                    " the menu at the top right.",
                    self.reference,
                )
            )
        matter.sudo(False)._enter_by_breaking_glass(self.reason)
        return matter.sudo(False)._get_records_action(context={})
