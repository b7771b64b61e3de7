from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, tagged

from .credit_case import CreditCase


@tagged("post_install", "-at_install")
class TestCreditNoteRows(CreditCase):
    """What a credit note gives back: the rows of the ledger that it writes, and what they do to the work."""

    def _messages(self, move):
        return " ".join(move.message_ids.mapped("body"))

    # A full credit note gives back, a rebate does not, whatever the road.

    def test_a_credit_note_gives_back_once_posted_not_before(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        credit = self._reverse(move)
        self.assertEqual((credit.state, credit.move_type), ("draft", "out_refund"))
        self.assertStates(activity, "billed")
        credit.action_post()
        self.assertStates(activity, "to_bill")
        self.assertEqual(sum(activity.allocation_ids.mapped("billed")), 0)
        self.assertBilledFollowsLines(move + credit)

    def test_work_given_back_is_billed_again_and_keeps_its_history(self):
        activity = self._time()
        credit = self._reverse(self._bill(activity, post=True))
        credit.action_post()
        self._bill(activity, post=True)
        self.assertStates(activity, "billed")
        self.assertEqual(activity.allocation_ids.mapped("coverage"), [60, -60, 60])

    def test_deleting_or_cancelling_a_draft_credit_note_changes_nothing(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        self._reverse(move).unlink()
        self._reverse(move).button_cancel()
        self.assertStates(activity, "billed")

    def test_a_credit_note_back_to_draft_takes_the_work_back(self):
        activity = self._time()
        credit = self._reverse(self._bill(activity, post=True))
        credit.action_post()
        credit.button_draft()
        self.assertStates(activity, "billed")

    def test_a_credit_note_does_not_go_back_to_draft_once_its_work_was_billed_again(self):
        activity = self._time()
        credit = self._reverse(self._bill(activity, post=True))
        credit.action_post()
        again = self._bill(activity)
        with self.assertRefused(activity, again):
            credit.button_draft()
        self.assertEqual(credit.state, "posted")

    def test_a_draft_credit_note_of_a_recorded_text_prints_what_the_invoice_printed(self):
        activity = self._time(description="As billed")
        move = self._bill(activity, post=True)
        credit = self._reverse(move)
        credit.action_post()
        activity.with_user(self.lawyer).write({"description": "Rewritten since", "date": "2026-10-20"})
        for printed in (move.timebill_allocation_ids, credit.timebill_allocation_ids):
            self.assertEqual((printed.description, str(printed.date)), ("As billed", "2026-10-12"))

    def test_lines_taken_off_a_credit_note_stay_billed(self):
        call, stamp = self._time(), self._cost(self.stamp, 225)
        credit = self._reverse(self._bill(call + stamp, post=True))
        call.allocation_ids.reversal_ids.move_line_id.unlink()
        credit.action_post()
        self.assertStates(call + stamp, "billed", "to_bill")
        self.assertEqual(credit.amount_total, 225)

    def test_one_activity_of_a_shared_line_is_credited_alone(self):
        first, second = self._time(60), self._time(30)
        move = self._bill(first + second, post=True)
        credit = self._reverse(move)
        first.allocation_ids.reversal_ids.with_user(self.biller).action_take_off()
        self.assertEqual(credit.amount_untaxed, 100)
        credit.action_post()
        self.assertStates(first + second, "billed", "to_bill")
        self.assertBilledFollowsLines(move + credit)

    def test_a_second_credit_note_proposes_what_the_first_left(self):
        first, second = self._time(60), self._time(30)
        move = self._bill(first + second, post=True)
        credit = self._reverse(move)
        first.allocation_ids.reversal_ids.with_user(self.biller).action_take_off()
        credit.action_post()
        rest = self._reverse(move)
        self.assertEqual(rest.amount_untaxed, 200)
        rest.action_post()
        self.assertStates(first + second, "to_bill", "to_bill")

    def test_a_rebate_leaves_its_work_billed_and_says_so(self):
        """Odoo's ordinary partial refund: it lowers the price, it gives no work back."""
        for values in ({"quantity": 0.5}, {"price_unit": 150}):
            with self.subTest(**values):
                activity = self._time()
                credit = self._reverse(self._bill(activity, post=True))
                self._product_lines(credit).write(values)
                # Whoever posts it, rights on the work or not.
                credit.with_user(self.accountant).action_post()
                self.assertEqual(credit.state, "posted")
                self.assertStates(activity, "billed")
                self.assertEqual(credit.timebill_allocation_ids.release, "unsaid")
                self.assertEqual(activity.amount_billed, 200 - credit.amount_untaxed)
                self.assertIn(activity.display_name, self._messages(credit))
                credit.button_cancel()

    def test_a_rebate_on_one_line_does_not_hold_back_the_others(self):
        call, stamp = self._time(), self._cost(self.stamp, 225)
        credit = self._reverse(self._bill(call + stamp, post=True))
        call.allocation_ids.reversal_ids.move_line_id.price_unit = 50
        credit.action_post()
        self.assertStates(call + stamp, "billed", "to_bill")

    def test_rebates_that_make_up_the_whole_line_give_its_work_back(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        rebate = self._reverse(move)
        self._product_lines(rebate).price_unit = 50
        rebate.action_post()
        rest = self._reverse(move)
        self._product_lines(rest).price_unit = 150
        rest.action_post()
        self.assertStates(activity, "to_bill")

    def test_a_rebate_that_posts_itself_later_is_judged_then(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        credit = self._reverse(move, date=fields.Date.today() + timedelta(days=10))
        self._product_lines(credit).price_unit = 50
        credit._post(soft=True)
        self.assertEqual((credit.state, len(credit.timebill_allocation_ids)), ("draft", 1))

    def test_reversing_a_credit_note_bills_its_work_again(self):
        activity = self._time()
        credit = self._reverse(self._bill(activity, post=True))
        credit.action_post()
        again = self._reverse(credit)
        self.assertEqual(again.move_type, "out_invoice")
        again.action_post()
        self.assertStates(activity, "billed")
        self.assertEqual(sum(activity.allocation_ids.mapped("billed")), 200)

    def test_a_credit_note_typed_by_hand_gives_nothing_back(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        with Form(self.env["account.move"].with_user(self.biller).with_context(default_move_type="out_refund")) as form:
            form.partner_id = self.lys
            with form.invoice_line_ids.new() as line:
                line.name = "Rebate"
                line.price_unit = move.amount_untaxed
        form.record.action_post()
        self.assertStates(activity, "billed")

    def test_a_credit_on_one_line_does_not_bring_back_another(self):
        call, hearing = self._time(60), self._time(90, type_id=self.hearing.id)
        invoice = self._bill(call + hearing, post=True)
        self.assertEqual(len(self._product_lines(invoice)), 2)
        self._credit(invoice, {call: None})
        self.assertStates(call + hearing, "to_bill", "billed")

    def test_a_credit_on_a_product_that_is_no_work_frees_nothing(self):
        activity = self._time()
        invoice = self._bill(activity)
        book = self.env["product.product"].create({"name": "Code civil", "list_price": 60})
        invoice.write({"invoice_line_ids": [(0, 0, {"product_id": book.id, "quantity": 1, "price_unit": 60})]})
        invoice.action_post()
        line = invoice.invoice_line_ids.filtered(lambda line: line.product_id == book)
        credit = self._credit(invoice, {line: None})
        self.assertEqual(credit.amount_untaxed, 60)
        self.assertStates(activity, "billed")
        by_hand = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.lys.id,
                "reversed_entry_id": invoice.id,
                "invoice_line_ids": [(0, 0, {"product_id": book.id, "price_unit": 60})],
            }
        )
        by_hand.action_post()
        self.assertStates(activity, "billed")

    def test_the_entries_of_a_reversed_invoice_are_editable_again(self):
        activity = self._time(60)
        self._reverse(self._bill(activity, post=True)).action_post()
        activity.with_user(self.lawyer).write({"duration": 45, "description": "Shorter", "matter_id": self.matter.id})
        self.assertEqual((activity.billable_duration, activity.amount_to_bill), (45, 150))
        self.assertEqual(self._hours(self._bill(activity, post=True)), 0.75)

    def test_the_entries_of_a_reversed_invoice_may_go_to_the_matter_that_they_belong_to(self):
        activity = self._time(60, partner_id=self.lys.id)
        wrong = self._bill(activity, post=True)
        self._reverse(wrong).action_post()
        activity.with_user(self.lawyer).write({"matter_id": self.joint_matter.id, "partner_id": self.lys.id})
        right = self._bill(activity, post=True)
        # What was printed of the work on the wrong matter stays there.
        self.assertEqual(wrong.timebill_allocation_ids.matter_id, self.matter)
        self.assertEqual(right.timebill_allocation_ids.matter_id, self.joint_matter)

    def test_a_line_billed_at_a_discount_is_credited_at_what_it_was_billed(self):
        activity = self._time(60)
        invoice = self._bill(activity)
        self._product_lines(invoice).write(
            {"discount": 25, "timebill_reason_id": self.env.ref("timebill_legal.reason_goodwill").id}
        )
        invoice.action_post()
        half = self._credit(invoice, {activity: 75})
        self.assertEqual((half.amount_untaxed, activity.covered), (75, 30))
        self.assertEqual(activity.amount_to_bill, 100)
        rest = self._reverse(invoice)
        self.assertEqual(rest.amount_untaxed, 75)
        rest.action_post()
        self.assertEqual((activity.amount_billed, activity.amount_to_bill), (0, 200))

    def test_a_credit_note_of_a_paid_invoice_gives_back_as_well(self):
        activity = self._time(60)
        invoice = self._bill(activity, post=True)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertEqual(invoice.payment_state, self.env["account.move"]._get_invoice_in_payment_state())
        self._reverse(invoice).action_post()
        self.assertStates(activity, "to_bill")

    def test_a_note_of_what_was_billed_credited_and_billed_again_adds_up(self):
        activity = self._time(60)
        self._reverse(self._bill(activity, post=True)).action_post()
        self._bill(activity, post=True)
        self.assertEqual(activity.allocation_ids.mapped("billed"), [200, -200, 200])
        self.assertEqual(activity.allocation_ids.mapped("coverage"), [60, -60, 60])
        self.assertEqual((activity.amount_billed, activity.amount_difference), (200, 0))

    def test_work_billed_below_zero_comes_back_when_credited_in_full(self):
        activity = self._time()
        invoice = self._bill(activity)
        reason = self.env.ref("timebill_legal.reason_goodwill")
        line = Command.update(self._product_lines(invoice).id, {"price_unit": -25, "timebill_reason_id": reason.id})
        invoice.write({"invoice_line_ids": [line, Command.create({"name": "x", "price_unit": 500})]})
        invoice.action_post()
        self._reverse(invoice).action_post()
        self.assertEqual(activity.billing_state, "to_bill")
