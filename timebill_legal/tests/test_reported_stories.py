from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_credit_window import CreditCase


@tagged("post_install", "-at_install")
class TestReportedStories(CreditCase):
    """What users of other products reported of hours billed twice or lost, each as it happened to them."""

    def _bill_up_to(self, cutoff, post=True):
        """Invoice of what the matter has to bill up to ``cutoff``, as the to-bill list proposes it."""
        action = (
            self.env["timebill.bill"]
            .with_user(self.biller)
            .with_context(timebill_cutoff=cutoff)
            ._open([("matter_id", "=", self.matter.id)])
        )
        moves = self.env["timebill.bill"].with_user(self.biller).browse(action["res_id"])._create_invoices()
        if post:
            moves.action_post()
        return moves

    def _hours(self, move):
        return sum(move.timebill_allocation_ids.mapped("minutes")) / 60

    def _line_of(self, activity):
        return activity.allocation_ids.filtered(lambda row: not row.reversed_id).move_line_id[-1:]

    def test_a_credit_note_for_one_entry_then_billing_by_period(self):
        morning = self._time(270, date="2026-10-05")
        evening = self._time(210, date="2026-10-06")
        invoice = self._bill_up_to("2026-10-31")
        self.assertEqual(self._hours(invoice), 8)
        self._credit(invoice, {evening: None})
        self._time(60, date="2026-10-07")
        self.assertEqual(self._hours(self._bill_up_to("2026-10-31")), 4.5)
        self.assertStates(morning + evening, "billed", "billed")
        with self.assertRaises(UserError):
            self._bill_up_to("2026-10-31")

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

    def test_an_old_credit_note_does_not_distort_a_later_period(self):
        september = self._time(120, date="2026-09-10")
        self._credit(self._bill_up_to("2026-09-30"), {september: None})
        rebilled = self._bill_up_to("2026-09-30")
        october = self._time(60, date="2026-10-10")
        self.assertEqual(self._hours(self._bill_up_to("2026-10-31")), 1)
        self.assertEqual(self._hours(rebilled), 2)
        self.assertStates(september + october, "billed", "billed")

    def test_a_full_reversal_then_billing_by_period(self):
        first, second = self._time(60, date="2026-10-01"), self._time(30, date="2026-11-02")
        self._reverse(self._bill_up_to("2026-10-31")).action_post()
        self.assertEqual(self._hours(self._bill_up_to("2026-10-31")), 1)
        self.assertEqual(self._hours(self._bill_up_to("2026-11-30")), 0.5)
        self.assertStates(first + second, "billed", "billed")

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

    def test_the_replacement_keeps_its_entries(self):
        activities = self._time(60) + self._time(30)
        replacement = self._reverse(self._bill(activities, post=True), modify=True)
        self.assertEqual(replacement.timebill_allocation_ids.activity_id, activities)
        self.assertStates(activities, "draft", "draft")
        replacement.action_post()
        self.assertStates(activities, "billed", "billed")

    def _stored_values(self, activities):
        self.env.flush_all()
        self.cr.execute(
            "SELECT to_jsonb(a) - 'write_date' - 'write_uid' FROM timebill_activity a WHERE id = ANY(%s) ORDER BY id",
            [activities.ids],
        )
        return self.cr.fetchall()

    def test_deleting_a_draft_changes_nothing_but_its_rows(self):
        activities = self._time(55) + self._cost(self.stamp, 225) + self._cost(self.deed, 999.99, quantity=0.37)
        before = self._stored_values(activities)
        self._bill(activities).unlink()
        self.assertEqual(self._stored_values(activities), before)

    def test_a_draft_edited_to_fewer_hours_loses_no_later_hour(self):
        activity = self._time(300, date="2026-10-05")
        invoice = self._bill(activity)
        self._product_lines(invoice).write(
            {"quantity": 3, "timebill_reason_id": self.env.ref("timebill_legal.reason_goodwill").id}
        )
        invoice.action_post()
        self.assertEqual((activity.amount, activity.amount_revised, activity.amount_difference), (1000, 600, -400))
        later = self._time(60, date="2026-10-06")
        self.assertStates(activity + later, "billed", "to_bill")
        self.assertEqual(self._hours(self._bill_up_to("2026-10-31")), 1)

    def test_nothing_is_billed_when_creation_fails_half_way(self):
        """The second of two invoices cannot be posted: its client's account is closed."""
        activities = self._time(matter=self.joint_matter, partner_id=self.lys.id)
        activities += self._time(matter=self.joint_matter, partner_id=self.morel.id)
        closed = self.env["account.account"].create(
            {"name": "Closed", "code": "411CLOSED", "account_type": "asset_receivable", "reconcile": True}
        )
        self.morel.property_account_receivable_id = closed
        bill = self._open_bill(activities)
        closed.active = False
        before = self._stored_values(activities)
        with self.assertRaises(UserError):
            bill.action_save_and_send()
        self.assertEqual(self._stored_values(activities), before)
        self.assertFalse(activities.allocation_ids)

    def test_two_tabs(self):
        activity, other = self._time(60), self._time(30)
        first, second = self._open_bill(activity), self._open_bill(activity + other)
        first.action_save()
        with self.assertRefused(activity):
            second.action_save()
        self.assertStates(activity + other, "draft", "to_bill")

    def test_three_times_twenty_minutes_on_three_invoices_against_one_of_an_hour(self):
        thirds, whole = self._time(60), self._time(60)
        for minutes in (20, 20, 20):
            bill = self._open_bill(thirds)
            bill.line_ids.minutes = minutes
            bill._create_invoices().action_post()
        self._bill(whole, post=True)
        self.assertEqual(thirds.allocation_ids.mapped("billed"), [66.67, 66.67, 66.66])
        self.assertEqual(thirds.amount_billed, whole.amount_billed)
        self.assertStates(thirds + whole, "billed", "billed")

    def test_a_part_of_a_day_then_the_draft_of_the_first_part_is_deleted(self):
        activity = self._time(300)
        moves = self.env["account.move"]
        for minutes in (120, 60):
            bill = self._open_bill(activity)
            bill.line_ids.minutes = minutes
            moves += bill._create_invoices()
        moves[0].unlink()
        self.assertEqual((activity.covered, activity.amount_to_bill), (60, 800))
        rest = self._bill(activity, post=True)
        self.assertEqual((rest.amount_untaxed, activity.billing_state), (800, "draft"))
        moves[1].action_post()
        self.assertStates(activity, "billed")

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
