from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .test_ledger import LedgerCase


@tagged("post_install", "-at_install")
class TestLedgerCost(LedgerCase):
    """Work that changed while its invoice did not count is billed at what it costs now, or somebody is asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("timebill_legal.reason_agreement")

    def _discount(self, activity, amount):
        Allocation = self.env["timebill.allocation"].with_user(self.biller)
        return Allocation._adjust({activity.with_user(self.biller): -amount}, self.reason)

    def assertAgrees(self, activity, amount):
        """The activity, its claim and the printed line say the same."""
        row = activity._get_holding_rows_sudo()
        self.assertEqual(
            (row.standard_amount + row.adjustment, row.billed, activity.amount_billed, activity.amount_revised),
            (amount,) * 4,
        )
        self.assertEqual(row.history_difference, 0)
        self.assertEqual(row.move_line_id.price_subtotal, amount)
        self.assertEqual(row.price_unit, activity.price_unit)

    def _change(self, activity, change):
        change(activity)
        self.env.flush_all()

    CHANGES = (
        ("lower price", lambda self, a: a.write({"price_unit": 100}), 100),
        ("price a little lower", lambda self, a: a.write({"price_unit": 195}), 195),
        ("higher price", lambda self, a: a.write({"price_unit": 300}), 300),
        ("price of 0", lambda self, a: a.write({"price_unit": 0}), 0),
        ("discount", lambda self, a: self._discount(a, 50), 150),
        ("small discount", lambda self, a: self._discount(a, 5), 195),
    )

    def test_a_cancelled_draft_that_is_reopened_bills_what_its_work_costs_now(self):
        for posted in (False, True):
            for reopen in (lambda move: move.button_draft(), lambda move: move.write({"state": "draft"})):
                for what, change, cost in self.CHANGES:
                    with self.subTest(what, posted=posted):
                        activity = self._time()
                        move = self._bill(activity, post=posted)
                        move.button_cancel()
                        change(self, activity)
                        reopen(move)
                        self.assertAgrees(activity, cost)
                        move.action_post()
                        self.assertAgrees(activity, cost)
                        self.assertEqual(move.amount_total, round(cost * 1.2, 2))

    def test_the_change_is_logged_on_the_draft(self):
        activity = self._time()
        move = self._bill(activity)
        move.button_cancel()
        activity.price_unit = 100
        move.button_draft()
        self.assertIn("100,00", move.message_ids[0].body)
        self.assertIn("200,00", move.message_ids[0].body)

    def test_an_amount_that_was_agreed_on_needs_a_reason_again(self):
        activity = self._time()
        move = self._bill(activity)
        line = activity.allocation_ids.move_line_id
        line.write({"price_unit": 150, "timebill_reason_id": self.reason.id})
        move.button_cancel()
        activity.price_unit = 100
        move.button_draft()
        self.assertEqual((line.price_subtotal, activity.allocation_ids.standard_amount), (150, 100))
        self.assertFalse(line.timebill_reason_id)
        with self.assertRefused(move):
            move.action_post()
        line.timebill_reason_id = self.reason
        move.action_post()
        self.assertEqual(activity.amount_difference, 50)

    def test_reopening_what_did_not_change_restores_everything(self):
        activities = self._time(60) + self._time(20) + self._cost(self.deed, 999.99, quantity=0.37)
        self._discount(activities[0], 30)
        bill = self._open_bill(activities)
        bill.line_ids[1].minutes = 7
        bill.line_ids[2].write({"quantity": 0.1, "amount": 100.01})
        move = bill._create_invoices().sudo()
        line = move.invoice_line_ids.filtered(lambda line: line.timebill_row_ids.activity_id == activities[0])
        line.write({"price_unit": 111, "timebill_reason_id": self.reason.id, "name": "Forfait"})
        before = [move.timebill_allocation_ids.read(), self._product_lines(move).read(), activities.read()]
        move.button_cancel()
        move.button_draft()
        after = [move.timebill_allocation_ids.read(), self._product_lines(move).read(), activities.read()]
        self.assertEqual(*([{k: v for k, v in values.items() if k != "write_date"} for records in side
                            for values in records] for side in (before, after)))

    def test_parts_of_one_activity_share_its_new_cost(self):
        activity = self._time(60)
        bills = []
        for minutes in (30, 30):
            bill = self._open_bill(activity)
            bill.line_ids.minutes = minutes
            bills.append(bill._create_invoices())
        moves = bills[0] + bills[1]
        moves.button_cancel()
        activity.price_unit = 100.01
        moves.button_draft()
        self.assertEqual(sorted(activity.allocation_ids.mapped("standard_amount")), [50, 50.01])
        self.assertEqual(sorted(moves.mapped("amount_untaxed")), [50, 50.01])

    def test_a_reopened_part_leaves_the_rest_at_the_new_price(self):
        activity = self._time(60)
        bill = self._open_bill(activity)
        bill.line_ids.minutes = 30
        move = bill._create_invoices()
        move.button_cancel()
        activity.price_unit = 100
        move.button_draft()
        self.assertEqual((move.amount_untaxed, activity.amount_to_bill), (50, 50))

    def test_another_category_gives_the_reopened_line_its_product_and_text(self):
        activity = self._time()
        move = self._bill(activity)
        line = activity.allocation_ids.move_line_id
        move.button_cancel()
        activity.type_id = self.hearing
        move.button_draft()
        self.assertEqual((line.product_id, line.price_subtotal), (self.hearing.product_id, 200))
        self.assertIn(self.hearing.name, line.name)
        self.assertEqual(line.tax_ids, self.hearing.product_id.taxes_id)

    def test_work_without_a_price_is_not_taken_again(self):
        activity = self._time(price_unit=200)
        move = self._bill(activity)
        move.button_cancel()
        self.company.timebill_rate_list_id = False
        activity.write({"date": "2026-10-13", "price_unit": False})
        self.assertFalse(activity.has_price)
        with self.assertRefused(activity, move):
            move.button_draft()

    def test_reversing_a_credit_note_bills_what_its_work_costs_now(self):
        for what, change, cost in self.CHANGES:
            with self.subTest(what):
                activity = self._time()
                credit = self._reverse(self._bill(activity, post=True))
                credit.action_post()
                change(self, activity)
                again = self._reverse(credit)
                self.assertAgrees(activity, cost)
                again.action_post()
                self.assertAgrees(activity, cost)

    # A posted invoice cannot follow: its credit note stays.

    def test_a_credit_note_is_not_taken_back_once_its_work_changed(self):
        for what, change, _cost in self.CHANGES:
            for step in ("button_draft", "button_cancel"):
                with self.subTest(what, step=step):
                    activity = self._time()
                    invoice = self._bill(activity, post=True)
                    credit = self._reverse(invoice)
                    credit.action_post()
                    change(self, activity)
                    name, facts = credit.display_name, (activity.amount_to_bill, activity.amount_billed)
                    with self.assertRefused(activity, invoice) as refusal:
                        getattr(credit, step)()
                    self.assertIn(name, str(refusal.exception))
                    self.assertEqual((activity.amount_to_bill, activity.amount_billed), facts)

    def test_a_credit_note_is_taken_back_once_the_change_is_undone(self):
        activity = self._time()
        credit = self._reverse(self._bill(activity, post=True))
        credit.action_post()
        self._discount(activity, 50).action_undo()
        activity.price_unit = 100
        activity.price_unit = 200
        credit.button_draft()
        self.assertStates(activity, "billed")
        self.assertAgrees(activity, 200)

    def test_a_part_credited_and_discounted_since_stays_credited(self):
        activity = self._time()
        invoice = self._bill(activity, post=True)
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"journal_id": invoice.journal_id.id})
        wizard.timebill_line_ids.amount = 100
        wizard.refund_moves()
        wizard.new_move_ids.action_post()
        self._discount(activity, 20)
        self.assertEqual(activity.amount_to_bill, 80)
        with self.assertRefused(activity, invoice):
            wizard.new_move_ids.button_draft()

    def test_an_instalment_of_all_that_is_left_costs_all_that_is_left(self):
        """Otherwise it would lower the price of the whole without a reason."""
        activity = self._time()
        choice = self._choose(activity, quantity=60, amount=198)
        with self.assertRefused(activity):
            self.env["timebill.billing"]._create_all_invoices(choice)

    # The document that replaces another one

    def test_a_justified_difference_keeps_its_reason_on_the_replacing_invoice(self):
        activity = self._time()
        invoice = self._bill(activity)
        line = activity.allocation_ids.move_line_id
        line.write({"price_unit": 100, "timebill_reason_id": self.reason.id})
        invoice.action_post()
        replacement = self._reverse(invoice, modify=True)
        self.assertEqual(self._product_lines(replacement).timebill_reason_id, self.reason)
        replacement.action_post()
        self.assertEqual((activity.amount_billed, activity.amount_difference), (100, -100))
        credit = self._reverse(replacement)
        credit.action_post()
        again = self._reverse(credit)
        again.action_post()
        self.assertEqual(activity.amount_billed, 100)

    def test_a_line_that_was_reopened_and_edited_in_the_form_is_compared_with_the_new_cost(self):
        activity = self._time()
        move = self._bill(activity)
        move.button_cancel()
        activity.price_unit = 100
        move.button_draft()
        line = activity.allocation_ids.move_line_id
        move.with_user(self.biller).write({"invoice_line_ids": [Command.update(line.id, {"price_unit": 200})]})
        with self.assertRaises(UserError):
            move.action_post()
