from contextlib import contextmanager
from unittest.mock import patch

from lxml import etree
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.mail.tests.common import MailCase
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..hooks import pre_init_hook


@tagged("post_install", "-at_install")
class TestSendingState(AccountTestInvoicingCommon, MailCase):
    """An invoice is sent when its e-mail is; Odoo marks it as sent when its PDF exists."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.mail_server"].sudo().search([]).active = False
        cls.env.company.external_report_layout_id = cls.env.ref("web.external_layout_standard")
        cls.partner_a.email = "client@example.com"
        cls.follower = new_test_user(
            cls.env,
            "follower",
            "base.group_user,account.group_account_readonly",
            company_id=cls.env.company.id,
            email="follower@example.com",
            notification_type="email",
        )

    def _posted(self):
        return self._create_invoice_one_line(product_id=self.product_a, partner_id=self.partner_a, post=True)

    def _send(self, move, partner=None, sending_methods=("email",), **context):
        wizard = (
            self.env["account.move.send.wizard"]
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
        self.assertEqual(move.timebill_sending_state, state)
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
        self.partner_a.email = False
        move = self._posted()
        with self.mock_mail_gateway(), self.assertRaises(UserError):
            self._send(move, partner=self.partner_a)
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
            self.env["mail.mail"].sudo().search([("mail_message_id", "=", move.timebill_sending_message_id.id)]).send()
        self.assertState(move, "sent")
        # What Odoo writes when the message of a mail server comes back.
        move.timebill_sending_message_id.notification_ids.sudo().write(
            {"notification_status": "bounce", "failure_type": "mail_bounce"}
        )
        self.assertState(move, "refused")

    def test_what_was_reset_to_draft_is_to_send_again(self):
        """Also a credit note, and what was sent before this state was recorded."""
        invoice = self._posted()
        credit = invoice._reverse_moves()
        credit.action_post()
        for move in (invoice, credit):
            with self.mock_mail_gateway():
                self._send(move)
            self.assertEqual(move.timebill_sending_state, "sent")
            sent = move.timebill_sending_message_id
            move.button_draft()
            move.invoice_line_ids.price_unit = 50
            move.action_post()
            self.assertEqual((move.timebill_sending_state, move.move_sent_values), ("to_send", "not_sent"))
            self.assertIn(sent, move.message_ids)
            self.assertTrue(sent.attachment_ids, "what left is kept")
            with self.mock_mail_gateway():
                self._send(move)
            self.assertEqual(move.timebill_sending_state, "sent")
            self.assertFalse(sent.attachment_ids & move.timebill_sending_message_id.attachment_ids)
        before = self._posted()
        before.is_move_sent = True
        self.env.flush_all()
        self.cr.execute("UPDATE account_move SET timebill_sending_state = NULL WHERE id = %s", [before.id])
        self.env.invalidate_all()
        self.assertEqual(before.move_sent_values, "sent")
        before.button_draft()
        before.action_post()
        self.assertState(before, "to_send")

    def test_what_followers_get_says_nothing_of_the_client(self):
        move = self._posted()
        move.message_subscribe(self.follower.partner_id.ids)
        with self.mock_mail_gateway():
            self._send(move)
        self.assertIn(self.follower.partner_id, move.timebill_sending_message_id.notified_partner_ids)
        to_follower = move.timebill_sending_message_id.notification_ids.filtered(
            lambda n: n.res_partner_id == self.follower.partner_id
        )
        to_follower.sudo().notification_status = "bounce"
        self.assertState(move, "sent")
        (move.timebill_sending_message_id.notification_ids - to_follower).sudo().notification_status = "exception"
        to_follower.sudo().notification_status = "sent"
        self.assertState(move, "failed")

    def test_old_notifications_go_and_the_state_stays(self):
        move = self._posted()
        with self.mock_mail_gateway():
            self._send(move)
        move.timebill_sending_message_id.notification_ids.sudo().unlink()
        self.assertState(move, "sent")

    def test_entries_that_are_never_sent_have_no_state(self):
        bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.partner_a.id})
        self.assertFalse(bill.timebill_sending_state)

    def test_invoices_that_were_sent_before_the_addon_keep_the_signs_of_odoo(self):
        sent, waiting = self._posted(), self._posted()
        sent.is_move_sent = True
        bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.partner_a.id})
        self.env.flush_all()
        self.cr.execute("ALTER TABLE account_move DROP COLUMN timebill_sending_state")
        pre_init_hook(self.env)
        self.env.invalidate_all()
        self.assertFalse(bill.timebill_sending_state)
        self.assertState(waiting, "to_send")
        self.assertFalse(sent.timebill_sending_state)
        self.assertEqual((sent.move_sent_values, sent.status_in_payment), ("sent", "sent"))
        Move = self.env["account.move"]
        both = Domain("id", "in", (sent + waiting).ids)
        self.assertEqual(Move.search(both & Domain("move_sent_values", "=", "sent")), sent)
        self.assertEqual(Move.search(both & Domain("move_sent_values", "!=", "sent")), waiting)
        groups = Move._read_group(both, ["move_sent_values"], ["id:recordset"])
        self.assertEqual(dict(groups), {"sent": sent, "not_sent": waiting})
        with self.mock_mail_gateway():
            self._send(sent)
        self.assertState(sent, "sent")

    def test_the_filters_of_the_list(self):
        """To send, and what did not arrive; vendor bills have neither."""
        arch = etree.fromstring(self.env["account.move"].get_view(view_type="search")["arch"])
        domains = {
            name: Domain(safe_eval(arch.xpath(f"//filter[@name='{name}']/@domain")[0]))
            for name in ("timebill_to_send", "timebill_sending_failed")
        }
        to_send, failed = self._posted(), self._posted()
        with self._no_mail_server():
            self._send(failed)
        draft = self._create_invoice_one_line(product_id=self.product_a, partner_id=self.partner_a)
        among = Domain("id", "in", (to_send + failed + draft).ids)
        found = {name: self.env["account.move"].search(among & domain) for name, domain in domains.items()}
        self.assertEqual(found, {"timebill_to_send": to_send, "timebill_sending_failed": failed})
