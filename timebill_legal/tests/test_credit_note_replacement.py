from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_ledger import LedgerCase


@tagged("post_install", "-at_install")
class TestCreditNoteReplacement(LedgerCase):
    """Odoo's *Reverse and Create Invoice* moves the work to the new draft, whoever presses it."""

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

    def test_the_replacement_keeps_its_entries(self):
        activities = self._time(60) + self._time(30)
        replacement = self._reverse(self._bill(activities, post=True), modify=True)
        self.assertEqual(replacement.timebill_allocation_ids.activity_id, activities)
        self.assertStates(activities, "draft", "draft")
        replacement.action_post()
        self.assertStates(activities, "billed", "billed")

    def test_a_credit_note_is_not_replaced(self):
        activity = self._time()
        credit = self._reverse(self._bill(activity, post=True))
        credit.action_post()
        with self.assertRefused(credit):
            self._reverse(credit, modify=True)
        self.assertStates(activity, "to_bill")
