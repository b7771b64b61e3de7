from odoo import fields, models


class MailMail(models.Model):
    _inherit = "mail.mail"

    # Not attachments of the message, which all readers of the invoice could open in its chatter.
    timebill_annex_ids = fields.Many2many(
        "ir.attachment",
        string="Annexes for the Addressees",
        export_string_translation=False,
        groups="base.group_user",
    )
    timebill_annex_emails = fields.Char(
        "Addresses for the Annexes", export_string_translation=False, groups="base.group_user"
    )

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Attach the annexes for the recipients of the message, but not for followers, nor for another address than
        when it was sent: an e-mail that failed can be sent again.
        """
        emails = super()._prepare_outgoing_list(mail_server, doc_to_followers)
        # sudo: annexes are attachments of the matter, which the user who runs the mail queue may not be able to read;
        # the sender's right on them was checked when they were added to this e-mail
        annexes = [(annex.name, annex.raw, annex.mimetype) for annex in self.sudo().timebill_annex_ids]
        # None: from before addresses were kept
        known = self.timebill_annex_emails and set(self.timebill_annex_emails.split(","))
        for email in emails if annexes else ():
            if known and not known.issuperset(email["email_to_normalized"]):
                continue
            if email["partner_id"] and email["partner_id"] in self.partner_ids:
                email["attachments"] = [*email["attachments"], *annexes]
        return emails
