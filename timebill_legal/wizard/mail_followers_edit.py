from odoo import models
from odoo.addons.mail.tools.parser import parse_res_ids
from odoo.exceptions import UserError


class MailFollowersEdit(models.TransientModel):
    _inherit = "mail.followers.edit"

    def edit_followers(self):
        """Say who cannot follow a confidential matter, instead of leaving him out."""
        for wizard in self.filtered(lambda w: w.operation == "add"):
            ids = parse_res_ids(wizard.res_ids, self.env)
            for matter in self.env["timebill.matter"]._get_confidential_of_sudo(wizard.res_model, ids).values():
                if outsiders := wizard.partner_ids - matter.member_ids.partner_id:
                    raise UserError(matter._get_outsider_message(outsiders))
        return super().edit_followers()
