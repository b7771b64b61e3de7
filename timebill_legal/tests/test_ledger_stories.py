from datetime import timedelta

from odoo import fields
from odoo.tests import Form, tagged

from .test_ledger import LedgerCase


@tagged("post_install", "-at_install")
class TestLedgerStories(LedgerCase):
    def _reverse_as(self, user, moves, modify=False, **values):
        """What Odoo's own window *Credit note* makes, used by ``user``."""
        wizard = (
            self.env["account.move.reversal"]
            .with_user(user)
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"journal_id": moves.journal_id.id, **values})
        )
        wizard.modify_moves() if modify else wizard.refund_moves()
        return wizard.new_move_ids.sudo()

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

    # Odoo's *Reverse and create invoice* moves the work to the new draft, whoever presses it.

    def test_replacing_moves_the_work_to_the_new_draft(self):
        activities = self._time(60) + self._time(20) + self._cost(self.stamp, 225)
        move = self._bill(activities, post=True)
        replacement = self._reverse(move, modify=True)
        credit = move.reversal_move_ids
        self.assertEqual((credit.state, replacement.state), ("posted", "draft"))
        self.assertStates(activities, "draft", "draft", "draft")
        self.assertEqual(replacement.timebill_allocation_ids.mapped("billed"), [200, 66.67, 225])
        self.assertBilledFollowsLines(move + credit + replacement)
        replacement.action_post()
        self.assertStates(activities, "billed", "billed", "billed")

    def test_a_credit_note_born_posted_prints_what_it_reverses(self):
        activity = self._time(description="As billed")
        move = self._bill(activity, post=True)
        self._reverse(move, modify=True)
        printed = move.reversal_move_ids.timebill_allocation_ids
        self.assertEqual(
            (printed.description, str(printed.date), printed.user_id, printed.price_unit),
            ("As billed", "2026-10-12", self.lawyer, 200),
        )

    def test_an_accountant_without_any_right_on_the_work_loses_none_of_it(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        replacement = self._reverse_as(self.accountant, move, modify=True)
        self.assertStates(activity, "draft")
        self.assertEqual(replacement.timebill_allocation_ids.activity_id, activity)
        self.assertCovered(activity, 60)

    def test_a_biller_outside_the_team_of_a_confidential_matter_loses_none_of_it(self):
        activity = self._time(matter=self.secret_matter, partner_id=self.dupont.id)
        self.secret_matter.member_ids += self.biller
        move = self._bill(activity, post=True)
        self.secret_matter.member_ids -= self.biller
        self.assertFalse(move.with_user(self.biller).timebill_allocation_ids)
        replacement = self._reverse_as(self.biller, move, modify=True)
        self.assertStates(activity, "draft")
        self.assertEqual(replacement.timebill_allocation_ids.activity_id, activity)
        replacement.with_user(self.biller).action_post()
        self.assertStates(activity, "billed")

    def test_several_invoices_are_replaced_at_once(self):
        activities = self._time(60) + self._time(matter=self.joint_matter, partner_id=self.morel.id)
        moves = self._bill(activities, post=True)
        replacements = self._reverse_as(self.accountant, moves, modify=True)
        self.assertEqual(len(replacements), 2)
        self.assertStates(activities, "draft", "draft")

    def test_replacing_on_a_future_date_is_refused_with_the_reason(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        with self.assertRefused(move):
            self._reverse(move, modify=True, date=fields.Date.today() + timedelta(days=10))
        self.assertStates(activity, "billed")

    def test_the_work_taken_off_a_replacement_is_to_bill(self):
        kept, taken_off = self._time(60), self._time(30)
        replacement = self._reverse(self._bill(kept + taken_off, post=True), modify=True)
        rows = replacement.timebill_allocation_ids.filtered(lambda row: row.activity_id == taken_off)
        rows.with_user(self.biller).action_take_off()
        self.assertStates(kept + taken_off, "draft", "to_bill")
        self.assertEqual(replacement.amount_untaxed, 200)

    # Other copies of an invoice bill no work.

    def test_a_duplicate_bills_no_activity(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        self.assertFalse(move.copy().timebill_allocation_ids)
        self.assertCovered(activity, 60)

    def test_a_debit_note_bills_no_activity(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        for copy_lines in (True, False):
            wizard = (
                self.env["account.debit.note"]
                .with_user(self.biller)
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({"copy_lines": copy_lines})
            )
            debit_note = self.env["account.move"].browse(wizard.create_debit()["res_id"])
            self.assertFalse(debit_note.timebill_allocation_ids)
        self.assertCovered(activity, 60)

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

    # In each of them the sum of the coverage alone would let the work be billed twice.

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
