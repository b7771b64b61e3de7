from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Keep every matter of merged contacts, each client once."""
        super()._update_foreign_keys(src_partners, dst_partner)
        # sudo: a merge concerns every matter of the contacts, also those that the user cannot read
        clients = self.env["timebill.matter.client"].sudo().search([("partner_id", "=", dst_partner.id)])
        for same_matter in clients.grouped("matter_id").values():
            same_matter[1:].unlink()
