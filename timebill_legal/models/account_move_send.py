from odoo import api, fields, models
from odoo.tools import email_normalize, format_date

from ..tools.creating import create_sudo

#: Key of who asked for sending, in the data of queued invoices and in those of each sending.
ASKED = "timebill_asked"


class AccountMoveSend(models.AbstractModel):
    """Send the annexes of confidential matters with the invoices that bill them."""

    _inherit = "account.move.send"

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        """Hand the annexes of confidential matters (``timebill_annex_ids``) on to the e-mail of the addressees."""
        annex_ids = kwargs.pop("timebill_annex_ids", ())
        return super()._send_mail(move.with_context(timebill_annex_ids=annex_ids), mail_template, **kwargs)

    @api.model
    def _get_alerts(self, moves, moves_data):
        """Warn that the annex is not attached: a user outside the team cannot send it."""
        alerts = super()._get_alerts(moves, moves_data)
        left_out = moves._timebill_get_annex_matters_sudo().filtered(
            lambda matter: not self._timebill_can_send_annex(matter, self.env.user)
        )
        if left_out:
            alerts["timebill_annex_left_out"] = {
                "level": "warning",
                "message": self.env._(
                    "The detail of work of %s is confidential: you are not in the team, so it is not attached to"
                    " this e-mail. It is stored on the matter, where the team finds it.",
                    ", ".join(sorted(left_out.mapped("reference"))),
                ),
            }
        return alerts

    @api.model
    def _get_default_mail_attachments_widget(
        self, move, mail_template, invoice_edi_format=None, extra_edis=None, pdf_report=None
    ):
        """Show the annexes among the attachments, where the sender can leave them out."""
        widget = super()._get_default_mail_attachments_widget(
            move, mail_template, invoice_edi_format=invoice_edi_format, extra_edis=extra_edis, pdf_report=pdf_report
        )
        return widget + [
            {
                "id": f"placeholder_{name}",
                "name": name,
                "mimetype": "application/pdf",
                "placeholder": True,
            }
            for matter in move._timebill_get_annex_matters_sudo()
            if self._timebill_can_send_annex(matter, self.env.user)
            and (name := self._timebill_get_annex_name(move, matter))
        ]

    @api.model
    def _hook_if_success(self, moves_data, from_cron=False):
        for move, move_data in moves_data.items():
            move_data["timebill_annexes"] = {
                matter: self._timebill_create_annex_sudo(move, matter)
                for matter in move._timebill_get_annex_matters_sudo()
            }
        return super()._hook_if_success(moves_data, from_cron=from_cron)

    @api.model
    def _get_default_sending_settings(self, move, from_cron=False, **custom_settings):
        """Remember who asked: the author of queued sending is a value that anybody with the invoice may write."""
        settings = super()._get_default_sending_settings(move, from_cron=from_cron, **custom_settings)
        asked = (move.sending_data or {}).get(ASKED, {}) if from_cron else {"user_id": self.env.uid}
        return {**settings, ASKED: asked}

    @api.model
    def _get_mail_params(self, move, move_data):
        params = super()._get_mail_params(move, move_data)
        annexes = move_data.get("timebill_annexes")
        if not params or not annexes:
            return params
        skipped = {data["name"] for data in move_data.get("mail_attachments_widget") or () if data.get("skip")}
        annex_ids = []
        for matter, annex in annexes.items():
            if annex.name in skipped:
                continue
            problem = self._timebill_get_annex_problem(matter, params["partner_ids"], move_data[ASKED])
            if not problem:
                annex_ids.append(annex.id)
            elif "emails" in move_data[ASKED]:
                # Nobody sees a dialog: the team must learn that the annex did not leave.
                # sudo: the sender may not be able to read the matter any more; what is said names no work
                matter.sudo()._message_log(
                    body=self.env._(
                        "The detail of work of the invoice %(invoice)s was not sent: %(problem)s. Send the invoice"
                        " again.",
                        invoice=move.name,
                        problem=problem,
                    )
                )
        return {**params, "timebill_annex_ids": annex_ids} if annex_ids else params

    @api.model
    def _timebill_get_annex_problem(self, matter, partner_ids, asked):
        """Why the annex of ``matter`` does not leave, or False.

        :param partner_ids: ids of the addressees
        :param asked: {"user_id": who asked, "emails": the addresses then, if that was before}
        """
        user = self.env["res.users"].browse(asked.get("user_id")).exists()
        if not user or not user.active:
            return self.env._("it is not known who asked for it")
        if not self._timebill_can_send_annex(matter, user):
            return self.env._("%s is not in the team of the matter any more", user.name)
        emails = self._timebill_get_emails(self.env["res.partner"].browse(partner_ids))
        if asked.get("emails", emails) != emails:
            return self.env._(
                "the addresses have changed since it was asked for (then %(then)s, now %(now)s)",
                then=", ".join(asked["emails"]) or "–",
                now=", ".join(emails) or "–",
            )
        return False

    @api.model
    def _timebill_get_emails(self, partners):
        return sorted({email_normalize(partner.email) or "" for partner in partners})

    @api.model
    def _timebill_sign(self, move, sending_data):
        """``sending_data`` with who asks for it now, and the addresses now, which the client cannot choose."""
        emails = ()
        if move._timebill_get_annex_matters_sudo():
            template = self._get_default_mail_template_id(move)
            lang = self._get_default_mail_lang(move, template)
            emails = self._timebill_get_emails(self._get_default_mail_partner_ids(move, template, lang))
        return {**sending_data, ASKED: {"user_id": self.env.uid, "emails": list(emails)}}

    @api.model
    def _timebill_can_send_annex(self, matter, user):
        return matter.with_user(user).has_access("read")

    @api.model
    def _timebill_get_annex_name(self, move, matter):
        return self.with_context(lang=move.partner_id.lang or self.env.lang).env._(
            "Detail of work %(matter)s %(invoice)s.pdf",
            matter=matter.reference,
            invoice=(move.name or "").replace("/", "-"),
        )

    @api.model
    def _timebill_create_annex_sudo(self, move, matter):
        """File the annex of ``move`` in the matter, whose rules protect it: accountants read what hangs on invoices.

        :return: ir.attachment
        """
        # sudo: the annex is stored on the matter, which the sender may not read; it is not shown to her
        content, _type = (
            self.env["ir.actions.report"]
            .sudo()
            .with_company(move.company_id)
            .with_context(timebill_move_id=move.id)
            ._render_qweb_pdf("timebill_legal.timebill_matter_report_annex", matter.ids)
        )
        Attachment = self.env["ir.attachment"].sudo()  # sudo: see above
        values = {
            "name": self._timebill_get_annex_name(move, matter),
            "res_model": matter._name,
            "res_id": matter.id,
        }
        annex = Attachment.search([(name, "=", value) for name, value in values.items()], limit=1)
        annex = annex or create_sudo(Attachment, {**values, "mimetype": "application/pdf"})
        annex.raw = content
        return annex

    @api.model
    def _timebill_keep_sent_annexes(self, moves):
        """Rename the annexes of ``moves``, which are reset to draft: another one will have their name."""
        kept = [
            (matter.id, self._timebill_get_annex_name(move, matter))
            for move in moves
            for matter in move._timebill_get_annex_matters_sudo()
        ]
        if not kept:
            return
        today = format_date(self.env, fields.Date.context_today(self))
        # sudo: only the name changes, of a document that the invoice made
        for annex in self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", "timebill.matter"),
                ("res_id", "in", [matter_id for matter_id, _name in kept]),
                ("name", "in", [name for _matter_id, name in kept]),
            ]
        ):
            annex.name = self.env._(
                "%(annex)s (replaced, invoice reset to draft on %(date)s).pdf",
                annex=annex.name.removesuffix(".pdf"),
                date=today,
            )


class AccountMove(models.Model):
    """Whoever queues the sending of an invoice is who asks for it, whatever author she names."""

    _inherit = "account.move"

    @api.model_create_multi
    def create(self, vals_list):
        send = self.env["account.move.send"]
        return super().create(
            [
                {**vals, "sending_data": send._timebill_sign(self.browse(), vals["sending_data"])}
                if isinstance(vals.get("sending_data"), dict)
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if not isinstance(vals.get("sending_data"), dict):
            return super().write(vals)
        send = self.env["account.move.send"]
        for move in self:
            signed = send._timebill_sign(move, vals["sending_data"])
            super(AccountMove, move).write({**vals, "sending_data": signed})
        return True
