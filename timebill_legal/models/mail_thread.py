from odoo import models
from odoo.exceptions import UserError


class MailThread(models.AbstractModel):
    """Colleagues outside the team of a confidential matter receive no message of its records."""

    _inherit = "mail.thread"

    def message_post(self, *, partner_ids=None, message_type="notification", **kwargs):
        """Refuse to mention colleagues outside the team; an e-mail from outside is never refused, see below."""
        if partner_ids and message_type != "email" and not self.env.su and (matter := self._timebill_get_secret_sudo()):
            # sudo: only names of partners whom the user has chosen
            partners = self.env["res.partner"].sudo().browse(partner_ids)
            if outsiders := matter._get_outsiders(partners):
                raise UserError(matter._get_outsider_message(outsiders))
        return super().message_post(partner_ids=partner_ids, message_type=message_type, **kwargs)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if recipients and (matter := self._timebill_get_secret_sudo()):
            # sudo: compared, not shown
            partners = self.env["res.partner"].sudo().browse([data["id"] for data in recipients if data["id"]])
            outsiders = set(matter._get_outsiders(partners).ids)
            recipients = [data for data in recipients if data["id"] not in outsiders]
        return recipients

    def _timebill_get_secret_sudo(self):
        """The confidential matter to which this record belongs, if there is one."""
        if len(self.ids) != 1:
            return self.env["timebill.matter"]
        return self.env["timebill.matter"]._get_confidential_of_sudo(self._name, self.ids).get(
            self.id, self.env["timebill.matter"]
        )
