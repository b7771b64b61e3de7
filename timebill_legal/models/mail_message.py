from textwrap import shorten

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ..tools.threads import THREADS
from .timebill_source_mixin import DOCUMENT_MODELS

#: Maximum number of characters of a message used as description of an activity.
MAX_TEXT = 250


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["mail.message", "timebill.source.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        messages.filtered(lambda message: message.model in THREADS)._timebill_leave_out_outsiders()
        return messages

    def write(self, vals):
        res = super().write(vals)
        if "partner_ids" in vals:
            self.filtered(lambda message: message.model in THREADS)._timebill_leave_out_outsiders()
        return res

    def _timebill_leave_out_outsiders(self):
        """Recipients may read a message: not those outside the team of a confidential matter."""
        # sudo: recipients are only taken away
        for message in self.sudo().filtered("partner_ids"):
            matter = self.env["timebill.matter"]._get_confidential_of_sudo(message.model, [message.res_id])
            for outsiders in (matter[message.res_id]._get_outsiders(message.partner_ids) for _id in matter):
                if outsiders:
                    message.partner_ids -= outsiders

    def _timebill_prepare_source_values(self):
        self.ensure_one()
        return {"description": self._timebill_get_source_title(), "date": self._timebill_get_day(self.date)}

    def _timebill_get_document_reference(self):
        return self.model, self.res_id

    def _timebill_get_workers(self):
        """The author, if she is an internal user."""
        return self.author_id.user_ids.filtered(lambda user: not user.share)

    @api.model
    def _timebill_get_work_domain(self, user, date_from, date_to):
        """Messages that ``user`` wrote on matters, their projects and tasks on these days."""
        first, end = self._timebill_get_moments(user, date_from, date_to)
        of_matters = Domain("model", "=", "timebill.matter")
        for model in DOCUMENT_MODELS[1:]:
            documents = self.env[model]._search([("timebill_matter_id", "!=", False)])
            of_matters |= Domain("model", "=", model) & Domain("res_id", "in", documents)
        return (
            Domain("author_id", "in", user.partner_id.ids)
            & Domain("date", ">=", first)
            & Domain("date", "<", end)
            & Domain("message_type", "in", ("comment", "email_outgoing"))
            & of_matters
        )

    def _timebill_get_work_moments(self):
        return (self.date,)

    def _timebill_get_source_title(self):
        self.ensure_one()
        text = self.subject or shorten(html2plaintext(self.body), MAX_TEXT, placeholder="…")
        return text or ", ".join(self.attachment_ids.mapped("name")) or super()._timebill_get_source_title()

    def _timebill_get_source_action(self):
        """Open the document of the message: messages have no form."""
        self.ensure_one()
        return self.env[self.model].browse(self.res_id)._get_records_action(context={})
