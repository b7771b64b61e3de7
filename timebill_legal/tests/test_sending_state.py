from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.mail.tests.common import MailCase
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestSendingState(RpcCommon, MailCase):
    """An invoice is sent when its e-mail is; what Odoo calls sent is that its PDF exists."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.mail_server"].search([]).active = False
        cls.biller.company_id.external_report_layout_id = cls.env.ref("web.external_layout_standard")

    def _posted(self, **values):
        return self._bill(self._time(**values), post=True)

    def _send(self, move, partner=None, sending_methods=("email",), **context):
        wizard = (
            self.env["account.move.send.wizard"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=move.ids, discard_logo_check=True, **context)
            .create({"move_id": move.id, "sending_methods": list(sending_methods)})
        )
        if partner is not None:
            wizard.mail_partner_ids = partner
        wizard.action_send_and_print()
        self.env.flush_all()
        self.env.invalidate_all()

    @contextmanager
    def _no_mail_server(self):
        with (
            self.mock_mail_gateway(),
            patch("smtplib.SMTP", side_effect=ConnectionRefusedError("Connection refused")),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            yield

    def assertState(self, move, state):
        Move = self.env["account.move"]
        sent = state == "sent"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(move.sending_state, state)
        self.assertEqual(move.move_sent_values, "sent" if sent else "not_sent")
        self.assertEqual(move.status_in_payment, "sent" if sent else "posted")
        for value, expected in (("sent", sent), ("not_sent", not sent)):
            found = Move.search([("id", "=", move.id), ("move_sent_values", "=", value)])
            self.assertEqual(bool(found), expected, value)
            found = Move.search([("id", "=", move.id), ("move_sent_values", "!=", value)])
            self.assertEqual(bool(found), not expected, value)
        groups = Move._read_group([("id", "=", move.id)], ["move_sent_values"], ["__count"])
        self.assertEqual(groups, [("sent" if sent else "not_sent", 1)])

    def test_nothing_sent(self):
        self.assertState(self._posted(), "to_send")

    def test_the_e_mail_left(self):
        move = self._posted()
        with self.mock_mail_gateway():
            self._send(move)
        self.assertTrue(self._mails)
        self.assertState(move, "sent")

    def test_no_mail_server(self):
        move = self._posted()
        with self._no_mail_server():
            self._send(move)
        self.assertTrue(move.is_move_sent)  # what Odoo would show
        self.assertState(move, "failed")
        with self.mock_mail_gateway():
            self._send(move)
        self.assertState(move, "sent")

    def test_no_address(self):
        self.lys.email = False
        move = self._posted()
        with self.mock_mail_gateway(), self.assertRaises(UserError):
            self._send(move, partner=self.lys)
        self.assertState(move, "to_send")

    def test_printed_only(self):
        move = self._posted()
        with self.mock_mail_gateway():
            self._send(move, sending_methods=["manual"])
        self.assertTrue(move.is_move_sent)
        self.assertState(move, "to_send")

    def test_waiting_then_leaving_then_refused(self):
        move = self._posted()
        with self.mock_mail_gateway():
            self._send(move, mail_notify_force_send=False)
            self.assertState(move, "queued")
            self.env["mail.mail"].sudo().search([("mail_message_id", "=", move.sending_message_id.id)]).send()
        self.assertState(move, "sent")
        # What Odoo writes when the message of a mail server comes back.
        move.sending_message_id.notification_ids.sudo().write(
            {"notification_status": "bounce", "failure_type": "mail_bounce"}
        )
        self.assertState(move, "refused")

    def test_what_followers_get_says_nothing_of_the_client(self):
        move = self._posted()
        self.colleague.notification_type = "email"
        move.message_subscribe(self.colleague.partner_id.ids)
        with self.mock_mail_gateway():
            self._send(move)
        self.assertIn(self.colleague.partner_id, move.sending_message_id.notified_partner_ids)
        to_colleague = move.sending_message_id.notification_ids.filtered(
            lambda n: n.res_partner_id == self.colleague.partner_id
        )
        to_colleague.sudo().notification_status = "bounce"
        self.assertState(move, "sent")
        (move.sending_message_id.notification_ids - to_colleague).sudo().notification_status = "exception"
        to_colleague.sudo().notification_status = "sent"
        self.assertState(move, "failed")

    def test_old_notifications_go_and_the_state_stays(self):
        move = self._posted()
        with self.mock_mail_gateway():
            self._send(move)
        move.sending_message_id.notification_ids.sudo().unlink()
        self.assertState(move, "sent")

    def test_entries_that_are_never_sent_have_no_state(self):
        bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.lys.id})
        self.assertFalse(bill.sending_state)
