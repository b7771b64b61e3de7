from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_ledger import LedgerCase


@tagged("post_install", "-at_install")
class TestLedgerRefusals(LedgerCase):
    """What would bill work twice, lose it, or tell of it, by roads that no button offers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["timebill.reason"].search([], limit=1)

    def _window(self, invoice):
        return (
            self.env["account.move.reversal"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )

    def _work_line(self, move):
        return move.invoice_line_ids.filtered("timebill_allocation_ids")

    def test_work_of_one_client_is_not_billed_to_another_client_of_the_matter(self):
        activity = self._time(matter=self.joint_matter, partner_id=self.lys.id)
        invoice = self._bill(activity)
        with self.assertRaises(UserError):
            invoice.partner_id = self.morel
            invoice.action_post()

    def test_line_of_work_does_not_move_to_another_kind_of_document(self):
        for move_type in ("out_refund", "out_receipt"):
            invoice = self._bill(self._time())
            other = self.env["account.move"].with_user(self.biller).create(
                {
                    "move_type": move_type,
                    "partner_id": self.lys.id,
                    "invoice_line_ids": [Command.create({"name": "x", "price_unit": 500})],
                }
            )
            with self.subTest(move_type), self.assertRaises(UserError), self.env.cr.savepoint():
                self._work_line(invoice).with_user(self.biller).move_id = other
                other.action_post()

    def test_taking_off_a_negative_line_keeps_its_sign(self):
        first, second = self._time(), self._time()
        invoice = self._bill(first + second)
        invoice.write(
            {"invoice_line_ids": [Command.update(self._work_line(invoice).id, {"quantity": 2, "price_unit": -25})]}
        )
        first.with_user(self.biller).action_take_off_draft()
        self.assertEqual((self._work_line(invoice).price_subtotal, second.amount_billed), (-25, -25))

    def test_huge_figures_are_refused(self):
        activity = self._time()
        action = activity.with_user(self.biller).action_adjust()
        adjust = self.env["timebill.adjust"].with_user(self.biller).browse(action["res_id"])
        with self.assertRaises(UserError), self.env.cr.savepoint():
            adjust.write({"percent": 1e30, "reason_id": self.reason.id})
            adjust.action_apply()
        window = self._window(self._bill(activity, post=True))
        with self.assertRaises(UserError):
            window.timebill_line_ids.amount = 1e30
            window.refund_moves()

    def test_invoice_bills_what_the_window_shows(self):
        for amount in (150, -50):
            bill = self._open_bill(self._cost(self.deed, 100))
            with Form(bill) as form:
                with form.line_ids.edit(0) as line:
                    line.amount = amount
                form.reason_id = self.reason
            with self.subTest(amount):
                try:
                    with self.env.cr.savepoint():
                        invoice = bill._create_invoices()
                except UserError:
                    continue
                self.assertEqual(invoice.amount_untaxed, bill.line_ids.revised_amount)

    def test_negative_instalment_is_refused(self):
        bill = self._open_bill(self._cost(self.deed, 100))
        bill.line_ids.quantity = 0.5
        bill.line_ids.write({"amount": -50, "revised_amount": -50})
        with self.assertRaises(UserError):
            bill._create_invoices()

    def test_activity_twice_in_the_window_invents_no_cent(self):
        activity = self._time(60, price_unit=100.01)
        bill = self._open_bill(activity)
        names = ("opening_quantity", "opening_amount", "opening_revised", "opening_description", "description")
        values = {name: bill.line_ids[name] for name in names}
        values.update(activity_id=activity.id, included=True, minutes=30, payer_id=self.lys.id)
        bill.write({"line_ids": [Command.update(bill.line_ids.id, {"minutes": 30}), Command.create(values)]})
        move = bill._create_invoices()
        self.assertEqual((move.amount_untaxed, activity.amount_billed, activity.covered), (100.01, 100.01, 60))
        self.assertEqual(sorted(move.timebill_allocation_ids.mapped("billed")), [50, 50.01])

    def test_undoing_the_same_row_twice_at_once(self):
        activity = self._time()
        Allocation = self.env["timebill.allocation"].with_user(self.biller)
        row = Allocation._adjust({activity: -50}, self.reason)
        Allocation.browse([row.id, row.id]).action_undo()
        self.assertEqual(activity.amount_to_bill, 200)

    def test_reason_of_a_posted_invoice_stays(self):
        invoice = self._bill(self._time())
        line = self._work_line(invoice)
        line.write({"price_unit": 100, "timebill_reason_id": self.reason.id})
        invoice.action_post()
        with self.assertRaises(UserError):
            line.with_user(self.biller).timebill_reason_id = False

    def test_what_a_posted_line_bills_stays(self):
        """Odoo would change the line, and with it what the ledger says, and not the entries."""
        invoice = self._bill(self._time() + self._cost(self.stamp, 225))
        invoice.action_post()
        for line in self._work_line(invoice):
            for values in (
                {"price_unit": 1},
                {"quantity": 2},
                {"discount": 10},
                {"price_subtotal": 1},
                {"product_id": self.hearing.product_id.id},
                {"tax_ids": [Command.clear()]},
            ):
                with self.subTest(**values):
                    with self.assertRefused(invoice):
                        line.with_user(self.biller).write(values)
                    with self.assertRefused():
                        invoice.with_user(self.biller).write({"invoice_line_ids": [Command.update(line.id, values)]})
            line.with_user(self.biller).write({"price_unit": line.price_unit, "name": "The same"})
        self.assertEqual(invoice.amount_untaxed, 425)

    def test_billing_window_opened_with_defaults_shows_nothing_confidential(self):
        secret = self._time(matter=self.secret_matter)
        Line, Bill = (self.env[name].with_user(self.biller) for name in ("timebill.bill.line", "timebill.bill"))
        opened = Line.with_context(default_activity_id=secret.id)
        for spec in ({"activity_id": {}, "price_unit": {}, "date": {}}, {"price_unit": {}, "date": {}}):
            with self.assertRaises(AccessError):
                opened.onchange({}, [], spec)
        lines = [Command.create({"activity_id": secret.id, "included": True, "payer_id": self.dupont.id})]
        with self.assertRaises(AccessError):
            spec = {"line_ids": {"fields": {"date": {}}}, "amount_untaxed": {}}
            Bill.with_context(default_line_ids=lines).onchange({}, [], spec)

    def test_history_keeps_the_timekeeper_of_what_was_printed(self):
        activity = self._time(user_id=self.colleague.id)
        self._reverse(self._bill(activity, post=True)).action_post()
        activity.user_id = self.lawyer
        self.matter.member_ids -= self.colleague
        try:
            with self.env.cr.savepoint():
                self.colleague.unlink()
        except Exception:  # whatever refuses it
            self.env.invalidate_all()
        self.assertTrue(all(row.user_id for row in activity.allocation_ids))

    def test_two_taxes_included_in_the_price_invent_no_cent(self):
        values = {"price_include_override": "tax_included", "country_id": self.company.account_fiscal_country_id.id}
        self.phone.product_id.taxes_id = self.env["account.tax"].create(
            [{"name": f"{rate} % included", "amount": rate, **values} for rate in (5.5, 20)]
        )
        wrong = []
        for minutes in range(1, 30):
            activity = self._time(minutes, price_unit=193.37)
            invoice = self._bill(activity)
            if self.env.company.currency_id.compare_amounts(invoice.amount_untaxed, activity.amount):
                wrong.append((minutes, invoice.amount_untaxed, activity.amount))
        self.assertFalse(wrong)

    def test_the_window_bills_what_it_shows(self):
        activity = self._time(75)
        bill = self._open_bill(activity)
        activity.write({"description": "Corrected meanwhile", "duration": 60})
        with self.assertRaisesRegex(UserError, self.matter.reference):
            bill._create_invoices()
        self.assertEqual((activity.description, activity.billing_state), ("Corrected meanwhile", "to_bill"))

    def test_two_tabs(self):
        activity, other = self._time(60), self._time(30)
        first, second = self._open_bill(activity), self._open_bill(activity + other)
        first.action_save()
        with self.assertRefused(activity):
            second.action_save()
        self.assertStates(activity + other, "draft", "to_bill")
