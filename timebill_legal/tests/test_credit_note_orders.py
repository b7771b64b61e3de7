from odoo.exceptions import UserError
from odoo.tests import tagged

from .credit_case import CreditCase


@tagged("post_install", "-at_install")
class TestCreditNoteOrders(CreditCase):
    """Credit notes in unusual orders: the state before is restored, or the step is refused by name."""

    def setUp(self):
        super().setUp()
        self.activity = self._time(60)
        self.invoice = self._bill(self.activity, post=True)

    def _credit_amount(self, amount):
        credit = self._reverse(self.invoice)
        self._product_line(credit).write({"quantity": 1, "price_unit": amount})
        credit.action_post()
        return credit

    def _product_line(self, move):
        return move.invoice_line_ids.filtered(lambda line: line.display_type == "product")

    def test_a_rebate_that_completes_a_credit_cannot_be_taken_away(self):
        rebate = self._credit_amount(60)
        self.assertEqual(self.activity.billing_state, "billed")
        rest = self._credit_amount(140)
        self.assertEqual(self.activity.billing_state, "to_bill")
        for step in (rebate.button_draft, rebate.button_cancel):
            with self.assertRefused(self.activity, rest, self.invoice):
                step()
        rest.button_draft()
        rebate.button_draft()
        rebate.button_cancel()
        self.assertEqual(self.activity.billing_state, "billed")

    def test_a_rebate_may_become_a_full_credit(self):
        credit = self._credit_amount(60)
        credit.button_draft()
        self._product_line(credit).price_unit = 200
        credit.action_post()
        self.assertEqual(self.activity.billing_state, "to_bill")

    def test_work_that_stays_billed_for_nothing_is_given_back_for_nothing(self):
        """The second credit note credits nothing, hence its tax lines go while its rows are written."""
        claim = self.activity.allocation_ids
        credit = self._reverse(self.invoice)
        self._product_line(credit)._timebill_choose_credits([(claim, 200, "none")])
        credit.action_post()
        self.assertEqual((self.activity.billing_state, self.activity.amount_billed), ("billed", 0))
        again = self._reverse(self.invoice)
        self.assertEqual(again.amount_total, 0)
        again.action_post()
        self.assertEqual(self.activity.billing_state, "to_bill")

    def test_a_credited_invoice_is_not_posted_again_at_another_price(self):
        credit = self._credit_amount(200)
        self.invoice.button_draft()
        self._product_line(self.invoice).write(
            {"quantity": 1, "price_unit": 500, "timebill_reason_id": self.env.ref("timebill_legal.reason_agreement").id}
        )
        with self.assertRefused(self.activity, credit):
            self.invoice.action_post()
        self._product_line(self.invoice).price_unit = 200
        self.invoice.action_post()
        self.assertEqual(self.activity.billing_state, "to_bill")

    def test_a_rebate_and_the_rest_posted_together_give_the_work_back(self):
        rebate, rest = self._reverse(self.invoice), self._reverse(self.invoice)
        self._product_line(rebate).write({"quantity": 1, "price_unit": 60})
        self._product_line(rest).write({"quantity": 1, "price_unit": 140})
        (rebate + rest).action_post()
        self.assertStates(self.activity, "to_bill")
        self.assertEqual(self.activity.amount_billed, 0)

    def test_two_full_credit_notes_posted_together(self):
        first, second = self._reverse(self.invoice), self._reverse(self.invoice)
        with self.assertRefused(self.activity, self.invoice):
            (first + second).action_post()
        self.assertStates(self.activity, "billed")

    def test_a_credit_note_is_not_taken_back_once_its_work_went_to_another_matter(self):
        credit = self._credit_amount(200)
        self.activity.matter_id = self.joint_matter
        with self.assertRefused(self.activity, self.invoice):
            credit.button_draft()
        self.activity.matter_id = self.matter
        credit.button_draft()
        self.assertStates(self.activity, "billed")

    def test_a_cancelled_invoice_is_not_reopened_once_its_work_went_to_another_client(self):
        activity = self._time(matter=self.joint_matter, partner_id=self.lys.id)
        cancelled = self._bill(activity)
        cancelled.button_cancel()
        activity.partner_id = self.morel
        with self.assertRefused(activity, self.lys):
            cancelled.button_draft()
        activity.partner_id = self.lys
        cancelled.button_draft()
        self.assertStates(activity, "draft")

    def test_the_rest_of_a_line_is_credited_once_a_part_of_its_work_went_to_another_matter(self):
        moved, other = self._time(60), self._time(90)
        self.invoice = self._bill(moved + other, post=True)
        claim = self.invoice.timebill_allocation_ids.filtered(lambda row: row.activity_id == moved)
        credit = self._reverse(self.invoice)
        self._product_line(credit)._timebill_choose_credits([(claim, 200, "share")])
        credit.action_post()
        moved.matter_id = self.joint_matter
        rest = self._reverse(self.invoice)
        self.assertIn(self.matter.reference, self._product_line(rest).name)
        self.assertNotIn(self.joint_matter.reference, self._product_line(rest).name)
        rest.action_post()
        self.assertStates(other, "to_bill")

    def test_an_invoice_is_opened_again_although_its_credited_work_went_to_another_matter(self):
        moved, stamp = self._cost(self.deed, 300), self._cost(self.stamp, 100)
        invoice = self._bill(self._time(60) + stamp + moved, post=True)
        credit = self._reverse(invoice)
        self._product_line(credit).filtered(lambda line: line.price_subtotal == 100).discount = 100
        credit.action_post()
        moved.matter_id = self.joint_matter
        self.env.flush_all()
        self._reverse(invoice).action_post()
        self.env.flush_all()
        invoice.with_user(self.biller).button_cancel()
        self.env.flush_all()
        invoice.with_user(self.biller).button_draft()
        self.env.flush_all()
        self.assertStates(moved, "to_bill")

    def test_cancelling_an_invoice_whose_credit_note_was_billed_again(self):
        """60 billed, 60 credited, 60 billed again; then the first invoice disappears: −60 + 60 = 0."""
        activity = self._time()
        first = self._bill(activity, post=True)
        self._reverse(first).action_post()
        second = self._bill(activity, post=True)
        first.button_draft()
        first.button_cancel()
        self.assertStates(activity, "billed")
        self.assertEqual(activity._get_holding_rows_sudo().move_id, second)

    def test_a_second_full_credit_note_after_the_work_was_billed_again(self):
        """60 billed, two credit notes made, one posted, 60 billed again, the other posted: 60 − 60 + 60 − 60 = 0."""
        activity = self._time()
        first = self._bill(activity, post=True)
        credit, twin = self._reverse(first), self._reverse(first)
        credit.action_post()
        second = self._bill(activity, post=True)
        with self.assertRefused(activity, first):
            twin.action_post()
        self.assertStates(activity, "billed")
        self.assertEqual(activity._get_holding_rows_sudo().move_id, second)

    def test_deleting_the_line_of_an_invoice_that_a_credit_note_reverses(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        credit = self._reverse(move)
        credit.action_post()
        move.button_draft()
        with self.assertRefused(move, credit):
            self._product_lines(move).unlink()
        self.assertStates(activity, "to_bill")

    def test_an_invoice_and_its_credit_note_are_deleted_together(self):
        activity = self._time()
        self.company.restrictive_audit_trail = False
        move = self._bill(activity, post=True)
        credit = self._reverse(move)
        credit.action_post()
        (move + credit).button_draft()
        (move + credit).unlink()
        self.assertStates(activity, "to_bill")
        self.assertFalse(activity.allocation_ids)

    def test_credited_activity_taken_off_its_reset_invoice_is_refused_by_name(self):
        first, second = self._time(), self._time()
        invoice = self._bill(first + second, post=True)
        self._credit(invoice, {first: 50})
        invoice.button_draft()
        with self.assertRaises(UserError):
            first.with_user(self.biller).action_take_off_draft()
