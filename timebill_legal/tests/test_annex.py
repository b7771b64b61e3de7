from odoo.addons.mail.tests.common import MailCase
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestAnnex(TimebillCommon, MailCase):
    """The work of a confidential matter reaches its client and its team, and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dupont.lang = "fr_FR"
        cls.secret_matter.member_ids += cls.biller
        cls.accountant.notification_type = "email"

    def setUp(self):
        super().setUp()
        self.move = self._bill(self._time(matter=self.secret_matter, description="Projet de fusion"), post=True)
        # She gets the messages of the invoice by e-mail, without being an addressee.
        self.move.message_subscribe(self.accountant.partner_id.ids)
        number = self.move.name.replace("/", "-")
        self.annex_name = f"Détail des diligences {self.secret_matter.reference} {number}.pdf"

    def _get_wizard(self, user):
        return self.env["account.move.send.wizard"].with_user(user).create({"move_id": self.move.id})

    def _send(self, user, **values):
        """{e-mail address: names of what it got} of the invoice sent by ``user``."""
        wizard = self._get_wizard(user)
        wizard.write(values)
        with self.mock_mail_gateway():
            wizard.action_send_and_print()
        self.env.invalidate_all()
        return {mail["email_to"][0]: [name for name, *_rest in mail["attachments"]] for mail in self._mails}

    def _get_annexes(self):
        return self.env["ir.attachment"].search(
            [("res_model", "=", "timebill.matter"), ("res_id", "=", self.secret_matter.id)]
        )

    def test_the_addressee_gets_it_and_followers_do_not(self):
        names = self._send(self.biller)
        to_client = next(names[address] for address in names if "dupont@" in address)
        self.assertEqual(len(to_client), 2)
        self.assertEqual(to_client[1], self.annex_name)
        to_follower = next(names[address] for address in names if "tb_accountant@" in address)
        self.assertNotIn(self.annex_name, to_follower)

    def test_the_matter_keeps_it(self):
        self._send(self.biller)
        annex = self._get_annexes()
        self.assertEqual(annex.name, self.annex_name)
        self.assertIn("Projet de fusion", annex.with_user(self.lawyer).raw.decode())
        self._send(self.biller)
        self.assertEqual(self._get_annexes(), annex)  # sent again, filed once

    def test_what_left_is_kept_when_the_invoice_is_changed_and_sent_again(self):
        self._send(self.biller)
        first = self._get_annexes()
        self.move.button_draft()
        self.move.timebill_allocation_ids.description = "Projet de scission"
        self.move.action_post()
        self._send(self.biller)
        second = self._get_annexes() - first
        self.assertEqual(second.name, self.annex_name)
        self.assertIn(self.annex_name.removesuffix(".pdf"), first.name)
        self.assertNotEqual(first.name, self.annex_name)
        for annex, text in ((first, "Projet de fusion"), (second, "Projet de scission")):
            self.assertIn(text, annex.with_user(self.lawyer).raw.decode())

    def test_who_reads_the_invoice_does_not_read_it(self):
        self._send(self.biller)
        annex = self._get_annexes()
        move = self.move.with_user(self.accountant)
        for reader in (self.accountant, self.colleague):
            with self.assertRaises(AccessError):
                annex.with_user(reader).read(["raw"])
        self.assertNotIn(annex, move.message_ids.sudo().attachment_ids)
        readable = self.env["ir.attachment"].with_user(self.accountant).search([])
        self.assertNotIn(annex, readable)
        for attachment in move.message_ids.attachment_ids + move.invoice_pdf_report_id:
            self.assertNotIn("fusion", attachment.raw.decode())
        self.assertNotIn("fusion", str(move.message_ids.mapped("body")))

    def test_the_sender_sees_it_and_may_leave_it_out(self):
        wizard = self._get_wizard(self.biller)
        self.assertFalse(wizard.alerts)
        widget = wizard.mail_attachments_widget
        self.assertIn(self.annex_name, [data["name"] for data in widget])
        names = self._send(
            self.biller,
            mail_attachments_widget=[{**data, "skip": data["name"] == self.annex_name} for data in widget],
        )
        self.assertNotIn(self.annex_name, str(names))

    def test_who_is_not_in_the_team_sends_the_invoice_alone_and_knows(self):
        self.secret_matter.member_ids -= self.biller
        wizard = self._get_wizard(self.biller)
        self.assertIn(self.secret_matter.reference, wizard.alerts["timebill_annex_left_out"]["message"])
        self.assertNotIn(self.annex_name, str(wizard.mail_attachments_widget))
        self.assertNotIn(self.annex_name, str(self._send(self.biller)))
        self.assertEqual(self._get_annexes().name, self.annex_name)  # for the team to send
        # Nor does it leave because the request says so.
        forged = {"id": f"placeholder_{self.annex_name}", "name": self.annex_name, "placeholder": True}
        names = self._send(self.biller, mail_attachments_widget=[*wizard.mail_attachments_widget, forged])
        self.assertNotIn(self.annex_name, str(names))

    def test_a_forged_context_sends_nothing(self):
        self._send(self.biller)
        with self.mock_mail_gateway():
            self.move.with_user(self.accountant).with_context(timebill_annex_ids=self._get_annexes().ids).message_post(
                body="Please", partner_ids=self.lys.ids
            )
        self.assertTrue(self._mails)
        self.assertNotIn(self.annex_name, str(self._mails))

    def _send_later(self, asking, author=None, before_sending=lambda: None):
        """Names of the files that leave when ``asking`` queues the invoice and names ``author``."""
        author = author or asking
        data = {"author_user_id": author.id, "author_partner_id": author.partner_id.id}
        data["timebill_asked"] = {"user_id": author.id, "emails": ["dupont@example.com", "elsewhere@example.com"]}
        self.move.with_user(asking).write({"sending_data": data})
        before_sending()
        self.env.flush_all()
        self.env.invalidate_all()
        move = self.move.with_user(self.env.ref("base.user_root"))
        with self.mock_mail_gateway():
            move.env["account.move.send"]._generate_and_send_invoices(move, from_cron=True)
        self.assertFalse(self.move.sending_data)
        return [name for mail in self._mails for name, *_rest in mail["attachments"]]

    def test_the_scheduled_action_sends_for_who_asked(self):
        self.assertIn(self.annex_name, self._send_later(self.biller))
        for asking, author in ((self.accountant, self.biller), (self.accountant, self.env.ref("base.user_root"))):
            names = self._send_later(asking, author)
            self.assertTrue(names)
            self.assertNotIn(self.annex_name, names)
        self.assertIn(self.annex_name, self._send_later(self.biller, self.accountant))

    def test_rights_and_addresses_are_those_of_the_moment(self):
        def leave():
            self.secret_matter.member_ids -= self.biller

        def archive():
            self.biller.active = False

        def change_address():
            self.dupont.email = "elsewhere@example.com"

        cases = ((leave, "Brigitte Biller"), (archive, self.move.name), (change_address, "elsewhere@example.com"))
        for change, problem in cases:
            with self.subTest(change=change.__name__):
                self.secret_matter.member_ids += self.biller
                self.biller.active = True
                before = self.secret_matter.message_ids
                names = self._send_later(self.biller, before_sending=change)
                self.assertTrue(names)
                self.assertNotIn(self.annex_name, names)
                # The team knows it
                [message] = self.secret_matter.message_ids - before
                self.assertIn(self.move.name, message.body)
                self.assertIn(problem, message.body)

    def test_an_e_mail_that_failed_goes_to_no_other_address(self):
        with self.mock_mail_gateway(mail_unlink_sent=False):
            self._get_wizard(self.biller).action_send_and_print()
        mail = self.env["mail.mail"].search(
            [("timebill_annex_ids", "!=", False), ("recipient_ids", "in", self.dupont.ids)]
        )
        self.assertEqual(len(mail), 1)
        for address, leaves in (("elsewhere@example.com", False), ("dupont@example.com", True)):
            self.dupont.email = address
            self.env.flush_all()
            self.env.invalidate_all()
            files = [
                name
                for email in mail._prepare_outgoing_list()
                if email["partner_id"] == self.dupont
                for name, *_rest in email["attachments"]
            ]
            self.assertEqual(self.annex_name in files, leaves, address)

    def test_the_report_is_no_way_around(self):
        """Opened by its address: not for readers of the invoice, nor for the team without rights on invoices."""
        report = self.env["ir.actions.report"].with_context(timebill_move_id=self.move.id)
        for user in (self.accountant, self.colleague, self.lawyer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                report.with_user(user)._render_qweb_html("timebill_legal.report_matter_annex", self.secret_matter.ids)
