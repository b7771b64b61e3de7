from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Odoo's notification states, the worst first, and the sending state of an invoice that has one of them.
SENDING_STATE_OF_NOTIFICATION = {
    "bounce": "refused",
    "exception": "failed",
    "canceled": "failed",
    "ready": "queued",
    "process": "queued",
    "pending": "queued",
    "sent": "sent",
}


class AccountMove(models.Model):
    _inherit = "account.move"

    timebill_sending_message_id = fields.Many2one(
        "mail.message",
        "Message That Sent It",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_system",  # its subject is that of a message which accountants may not read
    )
    timebill_sending_state = fields.Selection(
        [
            ("to_send", "To Send"),
            ("queued", "Being Sent"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("refused", "Address Refused"),
        ],
        "Sending State",
        compute="_compute_timebill_sending_state",
        store=True,
        copy=False,
        groups="base.group_user",
        help="State of the e-mail of a customer invoice, whatever the state of its PDF. Empty for other entries, and"
        " for invoices that were sent before this state was recorded.",
    )

    #=== COMPUTE METHODS ===#

    @api.depends("move_type", "timebill_sending_message_id.notification_ids.notification_status")
    def _compute_timebill_sending_state(self):
        for move in self:
            # sudo: only the state of the e-mail is shown, to people who may read the invoice but did not send it
            message = move.sudo().timebill_sending_message_id
            emails = message.notification_ids.filtered(lambda n: n.notification_type == "email")
            # Followers get the message too, but only what the addressees got counts, if there are any.
            emails = emails.filtered(lambda n, message=message: n.res_partner_id in message.partner_ids) or emails
            statuses = set(emails.mapped("notification_status"))
            if not move.is_sale_document(include_receipts=True):
                move.timebill_sending_state = False
            elif not message:
                move.timebill_sending_state = "to_send"
            elif statuses:
                worst = next(status for status in SENDING_STATE_OF_NOTIFICATION if status in statuses)
                move.timebill_sending_state = SENDING_STATE_OF_NOTIFICATION[worst]
            elif move.timebill_sending_state != "sent":  # Odoo deletes the notifications of old e-mails
                move.timebill_sending_state = "failed"
            else:
                move.timebill_sending_state = "sent"

    @api.depends("timebill_sending_state")
    def _compute_status_in_payment(self):
        """An invoice whose e-mail did not leave is posted, not sent."""
        super()._compute_status_in_payment()
        for move in self:
            # sudo: customers see the status of their invoice, which does not hold more than Odoo's
            if move.status_in_payment == "sent" and move.sudo().timebill_sending_state not in ("sent", False):
                move.status_in_payment = move.state

    @api.depends("timebill_sending_state")
    def compute_move_sent_values(self):
        """Follow the sending state, where there is one."""
        super().compute_move_sent_values()
        for move in self:
            # sudo: as above
            if state := move.sudo().timebill_sending_state:
                move.move_sent_values = "sent" if state == "sent" else "not_sent"

    def _search_move_sent_values(self, operator, value):
        domain = super()._search_move_sent_values(operator, value)
        if domain is NotImplemented:
            return domain
        states = dict(self._fields["timebill_sending_state"].selection)
        wanted = [state for state in states if ("sent" if state == "sent" else "not_sent") in value]
        without_state = Domain("timebill_sending_state", "=", False)
        return Domain("timebill_sending_state", "in", wanted) | (without_state & Domain(domain))

    def _field_to_sql(self, alias, fname, query=None):
        """Group and sort by the values that ``move_sent_values`` shows: Odoo has an expression of its own for it."""
        sql = super()._field_to_sql(alias, fname, query=query)
        if fname != "move_sent_values":
            return sql
        return SQL(
            "CASE WHEN %(state)s = 'sent' THEN 'sent' WHEN %(state)s IS NULL THEN %(odoo)s ELSE 'not_sent' END",
            state=self._field_to_sql(alias, "timebill_sending_state", query),
            odoo=sql,
        )

    def button_draft(self):
        """What is confirmed again was not sent yet, whatever left before."""
        res = super().button_draft()
        sale_documents = self.filtered(lambda move: move.is_sale_document(include_receipts=True))
        # sudo: a technical field, which no user edits; the user was allowed to reset the invoice
        sale_documents.sudo().timebill_sending_message_id = False
        # Also of those that were sent before this state was recorded.
        self.env.add_to_compute(self._fields["timebill_sending_state"], sale_documents)
        return res
