from odoo import fields, models


class MailMail(models.Model):
    _inherit = "mail.mail"

    # Not among the attachments of the message: whoever reads the invoice could read those in its chatter.
    timebill_annex_ids = fields.Many2many(
        "ir.attachment", string="Annexes for the Addressees", export_string_translation=False
    )

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Send the annexes to the people whom the message was written to, not to its followers."""
        emails = super()._prepare_outgoing_list(mail_server, doc_to_followers)
        # sudo: a matter protects its annexes; the sender was checked when they were put in this e-mail
        annexes = [(annex.name, annex.raw, annex.mimetype) for annex in self.sudo().timebill_annex_ids]
        for email in emails if annexes else ():
            if email["partner_id"] and email["partner_id"] in self.partner_ids:
                email["attachments"] = [*email["attachments"], *annexes]
        return emails
