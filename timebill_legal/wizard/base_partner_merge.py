from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Keep every matter of merged contacts, each client once."""
        super()._update_foreign_keys(src_partners, dst_partner)
        # sudo: a merge concerns every matter of the contacts, also those that the user cannot read
        of_contact = [("partner_id", "=", dst_partner.id)]
        clients = self.env["timebill.matter.client"].sudo().search(of_contact)
        parties = self.env["timebill.matter.party"].sudo().search(of_contact)
        matters = clients.matter_id | parties.matter_id
        for same_matter in clients.grouped("matter_id").values():
            same_matter[1:].unlink()
        # Odoo moved the rows behind the back of what is computed from them.
        self.env.add_to_compute(matters._fields["search_text"], matters)
