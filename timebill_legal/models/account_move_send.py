from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        """Remember which message carried the invoice: its state is the invoice's sending state."""
        before = move.message_ids
        super()._send_mail(move, mail_template, **kwargs)
        # sudo: sending_message_id is no field that a user edits
        move.sudo().sending_message_id = (move.message_ids - before)[:1]
