from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Keep the matters of merged contacts, and each client once per matter."""
        super()._update_foreign_keys(src_partners, dst_partner)
        # sudo: matters that the user cannot read are merged as well, as Odoo does by SQL; nothing of them is shown
        of_contact = [("partner_id", "=", dst_partner.id)]
        clients = self.env["timebill.matter.client"].sudo().search(of_contact)
        parties = self.env["timebill.matter.party"].sudo().search(of_contact)
        matters = clients.matter_id | parties.matter_id
        for same_matter in clients.grouped("matter_id").values():
            # The active one stays, or the merged contact could no longer be billed.
            same_matter = same_matter.sorted("inactive")
            same_matter[0].reference = next(filter(None, same_matter.mapped("reference")), False)
            same_matter[1:].unlink()
        # Odoo updates the rows by SQL, which does not trigger computed fields.
        self.env.add_to_compute(matters._fields["search_text"], matters)
