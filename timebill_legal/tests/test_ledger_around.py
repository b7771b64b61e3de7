from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .test_ledger import LedgerCase


@tagged("post_install", "-at_install")
class TestLedgerAround(LedgerCase):
    """What changes around work that is billed: payments, locked accounts, archived records, other matters."""

    def _pay(self, move, amount=None):
        values = {} if amount is None else {"amount": amount}
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        return wizard.create(values)._create_payments()

    def _assert_bills_once_more(self, activity):
        """The work is to bill, can be billed, and is billed then."""
        self.assertStates(activity, "to_bill")
        self._bill(activity, post=True)
        self.assertStates(activity, "billed")
        self.assertBilledFollowsLines(activity.allocation_ids.move_id)

    # Payments

    def test_work_on_a_paid_or_part_paid_invoice_stays_billed_until_it_is_credited(self):
        for paid in (None, 100):
            with self.subTest(paid=paid):
                activity = self._time()
                invoice = self._bill(activity, post=True)
                self._pay(invoice, paid)
                self.assertStates(activity, "billed")
                self._reverse(invoice).action_post()
                self._assert_bills_once_more(activity)

    def test_a_cancelled_payment_changes_nothing_in_the_ledger(self):
        activity = self._time()
        payment = self._pay(self._bill(activity, post=True))
        payment.action_cancel()
        self.assertStates(activity, "billed")

    def test_a_paid_invoice_back_to_draft_and_posted_again(self):
        activity = self._time()
        invoice = self._bill(activity, post=True)
        self._pay(invoice)
        invoice.button_draft()
        self.assertStates(activity, "draft")
        invoice.action_post()
        self.assertStates(activity, "billed")

    # Accounts that may not change any more

    def test_in_a_hashed_journal_only_a_credit_note_gives_back(self):
        activity = self._time()
        invoice = self._bill(activity)
        invoice.journal_id = self.env["account.journal"].create(
            {"name": "Hashed", "code": "TBHSH", "type": "sale", "restrict_mode_hash_table": True}
        )
        invoice.action_post()
        self.assertTrue(invoice.inalterable_hash)
        for step in (invoice.button_draft, invoice.button_cancel, invoice.unlink):
            with self.assertRefused():
                step()
        self.assertStates(activity, "billed")
        self._reverse(invoice).action_post()
        self._assert_bills_once_more(activity)

    def test_behind_a_lock_date_only_a_later_credit_note_gives_back(self):
        activity = self._time(date="2026-01-15")
        invoice = self._bill(activity, invoice_date="2026-01-31", post=True)
        self.company.sale_lock_date = "2026-01-31"
        with self.assertRefused():
            invoice.button_draft()
        self.assertStates(activity, "billed")
        credit = self._reverse(invoice, date=fields.Date.today())
        credit.action_post()
        self._assert_bills_once_more(activity)

    # People and catalogue

    def test_archived_clients_types_and_timekeepers_keep_their_history(self):
        activity = self._time(user_id=self.colleague.id)
        invoice = self._bill(activity, post=True)
        self.lys.active = self.phone.active = self.phone.product_id.active = self.colleague.active = False
        self._reverse(invoice).action_post()
        self.assertEqual(activity.allocation_ids.mapped("coverage"), [60, -60])
        self._assert_bills_once_more(activity)
        self.assertEqual(activity.allocation_ids.user_id, self.colleague)

    def test_the_contacts_of_an_invoice_are_merged(self):
        activity = self._time()
        invoice = self._bill(activity, post=True)
        twin = self.env["res.partner"].create({"name": "SCI des Lys", "is_company": True})
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": (self.lys + twin).ids, "dst_partner_id": twin.id}
        ).action_merge()
        self.env.invalidate_all()
        self.assertEqual((activity.partner_id, activity.allocation_ids.client_id), (twin, twin))
        self._reverse(invoice).action_post()
        self._assert_bills_once_more(activity)

    # Matters

    def test_a_client_who_pays_for_work_stays_on_its_matter(self):
        activity = self._time()
        self._bill(activity)
        self.matter.client_ids = [Command.create({"partner_id": self.dupont.id})]
        client = self.matter.client_ids.filtered(lambda client: client.partner_id == self.lys)
        with self.assertRefused(self.lys, self.matter):
            client.unlink()
        with self.assertRefused(self.lys, self.matter):
            client.partner_id = self.morel

    def test_the_payer_of_common_work_leaves_the_matter_while_it_is_on_a_draft(self):
        activity = self._time(matter=self.joint_matter)
        bill = self._open_bill(activity)
        bill.line_ids.payer_id = self.morel
        invoice = bill._create_invoices()
        self.joint_matter.client_ids.filtered(lambda client: client.partner_id == self.morel).unlink()
        with self.assertRefused(invoice, self.morel):
            invoice.action_post()
        invoice.unlink()
        self.assertStates(activity, "to_bill")

    def test_billed_work_goes_to_no_other_company_nor_currency(self):
        activity = self._time()
        invoice = self._bill(activity, post=True)
        self._reverse(invoice).action_post()
        dollar = self.env.ref("base.USD")
        dollar.active = True
        abroad = self._matter("New York", self.lys, currency_id=dollar.id)
        with self.assertRefused(abroad):
            activity.write({"matter_id": abroad.id, "price_unit": 220})
        with self.assertRefused(invoice):
            activity.write({"kind": "service", "type_id": self.deed.id, "quantity": 1})

    def test_a_matter_where_work_was_billed_keeps_its_currency_and_is_not_deleted(self):
        activity = self._time()
        self._reverse(self._bill(activity, post=True)).action_post()
        activity.matter_id = self._matter("The right one", self.lys)
        self.assertFalse(self.matter.billing_activity_ids)
        dollar = self.env.ref("base.USD")
        dollar.active = True
        with self.assertRefused(self.matter):
            self.matter.currency_id = dollar
        with self.assertRefused(self.matter):
            self.matter.unlink()

    def test_an_invoice_does_not_change_company(self):
        invoice = self._bill(self._time())
        other = self.env["res.company"].create({"name": "Other firm"})
        with self.assertRefused():
            invoice.sudo().company_id = other

    # Credit notes on another day

    def test_a_credit_note_that_posts_itself_later_gives_back_on_that_day(self):
        activity = self._time()
        invoice = self._bill(activity, post=True)
        tomorrow = fields.Date.today() + timedelta(days=1)
        credit = self._reverse(invoice, date=tomorrow)
        self.assertEqual((credit.auto_post, credit.state), ("at_date", "draft"))
        self.assertStates(activity, "billed")
        with self.assertRefused(activity):
            self.env["timebill.billing"]._create_all_invoices(self._choose(activity))
        credit.auto_post = "no"
        credit.action_post()
        self._assert_bills_once_more(activity)
