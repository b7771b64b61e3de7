from odoo import fields, models


class TimebillMatterParty(models.Model):
    """Party to a matter other than a client: opponent, court, expert…"""

    _name = "timebill.matter.party"
    _description = "Party to a Matter"
    _order = "matter_id, id"
    _check_company_auto = True

    matter_id = fields.Many2one("timebill.matter", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="matter_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", "Party", required=True, ondelete="restrict", index=True, check_company=True
    )
    role_id = fields.Many2one("timebill.party.role", required=True, ondelete="restrict", index=True)
    reference = fields.Char("Party's Reference")

    def write(self, vals):
        self._timebill_check_client_values([vals], is_form=False)
        res = super().write(vals)
        if "matter_id" in vals:
            self.check_access("write")  # Odoo has checked the former matter only
        return res
