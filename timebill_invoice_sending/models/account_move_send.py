from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        """Remember which message carried the invoice: its notifications give the sending state."""
        before = move.message_ids
        super()._send_mail(move, mail_template, **kwargs)
        # sudo: a technical field, which no user edits; the user was allowed to send the invoice
        move.sudo().timebill_sending_message_id = (move.message_ids - before)[:1]
