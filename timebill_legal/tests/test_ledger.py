from contextlib import contextmanager
from itertools import product

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..models.timebill_activity import BILLED_FIELDS
from .common import TimebillCommon


class LedgerCase(TimebillCommon):
    """What every test of the ledger says: states of activities, refusals by name."""

    def assertStates(self, activities, *states):
        self.assertEqual(tuple(activities.mapped("billing_state")), states)

    def assertCovered(self, activities, *minutes):
        self.assertEqual(tuple(activities.mapped("covered")), minutes)

    @contextmanager
    def assertRefused(self, *records):
        """Refused with a message that names ``records``, and nothing is half done."""
        with self.assertRaises(UserError) as refusal:
            yield refusal
            self.env.flush_all()
        for record in records:
            self.assertIn(record.display_name, str(refusal.exception))

    def assertBilledFollowsLines(self, moves):
        """For each line with rows, the rows bill what the line prints, to the cent."""
        for line in moves.invoice_line_ids.filtered("timebill_allocation_ids"):
            sign = -1 if line.move_type == "out_refund" else 1
            self.assertAlmostEqual(
                sum(line.timebill_allocation_ids.mapped("billed")), sign * line.price_subtotal, places=6
            )

    def _product_lines(self, move):
        return move.invoice_line_ids.filtered(lambda line: line.display_type == "product")


@tagged("post_install", "-at_install")
class TestLedger(LedgerCase):
    # A draft invoice holds its activities, and lets go of exactly those that leave it.

    def test_deleting_a_draft_frees_its_activities_and_no_others(self):
        mine, others = self._time(60) + self._time(20), self._time(30)
        move = self._bill(mine)
        self._bill(others)
        move.unlink()
        self.assertStates(mine + others, "to_bill", "to_bill", "draft")
        self.assertFalse(mine.allocation_ids)

    def test_deleting_several_drafts_frees_the_activities_of_all(self):
        activities = self._time(60) + self._time(matter=self.joint_matter, partner_id=self.morel.id)
        moves = self._bill(activities)
        self.assertEqual(len(moves), 2)
        moves.unlink()
        self.assertStates(activities, "to_bill", "to_bill")

    def test_deleting_one_line_frees_the_activities_of_that_line(self):
        call, hearing = self._time(60), self._time(30, type_id=self.hearing.id)
        move = self._bill(call + hearing)
        line = hearing.allocation_ids.move_line_id
        move.write({"invoice_line_ids": [Command.delete(line.id)]})  # what the browser sends
        self.assertStates(call + hearing, "draft", "to_bill")
        self.assertEqual(move.amount_untaxed, 200)

    def test_taking_one_activity_off_a_shared_line_leaves_the_others_on_it(self):
        first, second, third = self._time(60), self._time(30), self._time(15)
        move = self._bill(first + second + third)
        second.allocation_ids.with_user(self.biller).action_take_off()
        self.assertStates(first + second + third, "draft", "to_bill", "draft")
        self.assertEqual(move.amount_untaxed, 250)
        self.assertBilledFollowsLines(move)

    def test_a_line_still_prints_hours_and_rate_after_one_activity_was_taken_off(self):
        first, second = self._time(60), self._time(30, date="2026-10-14")
        line = self._product_lines(self._bill(first + second))
        second.allocation_ids.with_user(self.biller).action_take_off()
        self.assertEqual((line.quantity, line.price_unit), (1, 200))
        self.assertEqual(line.product_uom_id, self.env.ref("uom.product_uom_hour"))
        self.assertNotIn("14/10/2026", line.name)

    def test_a_line_prints_one_amount_when_what_is_left_is_not_exact(self):
        odd, even = self._time(20), self._time(40)
        line = self._product_lines(self._bill(odd + even))
        even.allocation_ids.with_user(self.biller).action_take_off()
        self.assertEqual((line.quantity, line.price_unit, line.price_subtotal), (1, 66.67, 66.67))
        self.assertEqual(line.product_uom_id, self.env.ref("uom.product_uom_unit"))
        self.assertIn("(20 min)", line.name)

    def test_taking_an_activity_off_keeps_the_text_and_the_rebate_that_somebody_wrote(self):
        first, second = self._time(60), self._time(60)
        line = self._product_lines(self._bill(first + second))
        line.write({"name": "Forfait convenu", "price_unit": 100})
        second.allocation_ids.with_user(self.biller).action_take_off()
        self.assertEqual((line.name, line.price_subtotal), ("Forfait convenu", 100))

    def test_taking_off_the_last_activity_of_a_line_deletes_the_line(self):
        call, stamp = self._time(60), self._cost(self.stamp, 225)
        move = self._bill(call + stamp)
        stamp.allocation_ids.with_user(self.biller).action_take_off()
        self.assertEqual(self._product_lines(move).timebill_allocation_ids.activity_id, call)
        self.assertEqual(move.amount_total, 240)
        self.assertEqual(len(move.invoice_line_ids), 2, "the title of the disbursements goes with them")

    def test_nothing_is_taken_off_a_posted_invoice(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        with self.assertRefused(move):
            activity.allocation_ids.with_user(self.biller).action_take_off()

    def test_editing_a_line_moves_what_its_activities_are_billed_at_to_the_cent(self):
        activities = self._time(20) + self._time(20) + self._time(20)
        move = self._bill(activities)
        line = self._product_lines(move)
        self.assertEqual(activities.allocation_ids.mapped("billed"), [66.67] * 3)
        for values, billed in (
            ({"price_unit": 200}, [66.67, 66.67, 66.66]),
            ({"quantity": 2}, [133.34, 133.33, 133.33]),
            ({"discount": 25}, [100, 100, 100]),
            ({"price_unit": 0.01, "quantity": 1, "discount": 0}, [0.01, 0, 0]),
            ({"price_unit": 0}, [0, 0, 0]),
        ):
            with self.subTest(**values):
                line.write(values)
                self.assertEqual(activities.allocation_ids.mapped("billed"), billed)
                self.assertBilledFollowsLines(move)
        self.assertCovered(activities, 20, 20, 20)

    def test_editing_a_line_in_the_form_keeps_its_activities(self):
        activity = self._time()
        move = self._bill(activity)
        with Form(move.with_user(self.biller)) as form, form.invoice_line_ids.edit(1) as line:
            line.price_unit = 150
        self.assertStates(activity, "draft")
        self.assertEqual(activity.allocation_ids.billed, 150)

    def test_what_an_invoice_shows_of_an_activity_cannot_be_edited_elsewhere(self):
        activity = self._time()
        move = self._bill(activity)
        changes = {
            "matter_id": self.joint_matter.id,
            "partner_id": self.morel.id,
            "kind": "service",
            "type_id": self.hearing.id,
            "user_id": self.colleague.id,
            "date": "2026-10-15",
            "description": "Something else",
            "billable": False,
            "billable_duration": 30,
            "quantity": 2,
            "price_unit": 150,
            "price_is_typed": True,
        }
        self.assertEqual(set(changes), BILLED_FIELDS)
        for name, value in changes.items():
            with self.subTest(name), self.assertRefused(activity, move):
                activity.with_user(self.biller).write({name: value})

    def test_the_internal_note_of_a_billed_activity_stays_free(self):
        activity = self._time()
        self._bill(activity, post=True)
        activity.with_user(self.lawyer).note = "Call him back"
        self.assertEqual(activity.note, "Call him back")

    def test_saving_a_form_that_changed_nothing_is_no_edit(self):
        activity = self._time()
        self._bill(activity)
        activity.with_user(self.lawyer).write(
            {"date": "2026-10-12", "billable_duration": 60, "price_unit": 200.0, "matter_id": self.matter.id}
        )

    def test_an_activity_in_the_billing_history_cannot_be_deleted(self):
        activity = self._time()
        move = self._bill(activity)
        with self.assertRefused(activity, move):
            activity.with_user(self.lawyer).unlink()

    def test_an_activity_on_a_draft_cannot_be_billed_again(self):
        activity = self._time()
        bill = self._open_bill(activity)
        move = self._bill(activity)
        with self.assertRefused(activity):
            bill._create_invoices()
        self.assertEqual(activity.allocation_ids.move_id, move)

    def test_the_printed_text_is_corrected_on_the_draft(self):
        activity = self._time()
        move = self._bill(activity)
        row = move.timebill_allocation_ids
        move.with_user(self.biller).write(
            {"timebill_allocation_ids": [Command.update(row.id, {"description": "Call with the court"})]}
        )
        self.assertEqual((activity.description, row.description), ("Call with the court",) * 2)

    def test_the_rest_of_the_ledger_is_written_by_nobody(self):
        row = self._bill(self._time()).timebill_allocation_ids
        for values in ({"coverage": 30}, {"move_line_id": False, "reason": "gift"}, {"client_id": self.morel.id}):
            with self.subTest(**values), self.assertRaises(AccessError):
                row.with_user(self.manager).write(values)
        with self.assertRaises(AccessError):
            row.with_user(self.manager).unlink()
        with self.assertRaises(AccessError):
            row.with_user(self.manager).copy()

    def test_an_invoice_with_activities_keeps_its_type_and_its_currency(self):
        activity = self._time()
        move = self._bill(activity)
        dollar = self.env.ref("base.USD")
        dollar.active = True
        dollar_journal = self.env["account.journal"].create(
            {"name": "Dollars", "code": "TBUSD", "type": "sale", "currency_id": dollar.id}
        )
        with self.assertRefused(activity) as refusal:
            move.action_switch_move_type()
        self.assertIn("Facture brouillon (SCI des Lys)", str(refusal.exception))
        self.assertNotIn("Avoir", str(refusal.exception))
        with self.assertRefused(move):
            move.currency_id = dollar
        with self.assertRefused(move):
            move.journal_id = dollar_journal
        with self.assertRefused(move):
            move.auto_post = "monthly"
        self.assertStates(activity, "draft")

    def test_an_invoice_without_activities_is_as_free_as_ever(self):
        move = self._bill(self._time())
        move.invoice_line_ids.unlink()
        move.action_switch_move_type()
        self.assertEqual(move.move_type, "out_refund")

    def test_nobody_but_a_client_of_the_matter_is_billed(self):
        activity = self._time()
        move = self._bill(activity)
        move.partner_id = self.morel
        with self.assertRefused(move, self.morel):
            move.action_post()
        self.assertStates(activity, "draft")

    def test_the_invoicing_address_of_a_client_is_the_client(self):
        address = self.env["res.partner"].create({"parent_id": self.lys.id, "type": "invoice", "name": "Accounts"})
        move = self._bill(self._time(), post=True)
        self.assertEqual((move.partner_id, move.state), (address, "posted"))

    # A posted invoice keeps its activities until a credit note or a cancellation gives them back.

    def test_a_billed_activity_cannot_be_changed_deleted_or_billed_again(self):
        activity = self._time()
        bill = self._open_bill(activity)
        move = self._bill(activity, post=True)
        with self.assertRefused(activity, move):
            activity.with_user(self.lawyer).billable_duration = 30
        with self.assertRefused(activity, move):
            activity.with_user(self.lawyer).unlink()
        with self.assertRefused(activity):
            bill._create_invoices()

    def test_the_printed_text_is_frozen_by_posting(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        with self.assertRefused(activity, move):
            move.timebill_allocation_ids.with_user(self.biller).description = "Something else"

    def test_back_to_draft_and_posted_again_is_as_before(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        move.button_draft()
        self.assertStates(activity, "draft")
        move.action_post()
        self.assertStates(activity, "billed")
        self.assertCovered(activity, 60)

    def test_cancelling_gives_the_activities_back(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        move.button_cancel()
        self.assertStates(activity, "to_bill")

    def test_reopening_a_cancelled_invoice_takes_its_activities_again(self):
        activity = self._time()
        move = self._bill(activity)
        move.button_cancel()
        move.button_draft()
        self.assertStates(activity, "draft")

    def test_a_cancelled_invoice_is_not_reopened_once_its_work_was_billed_elsewhere(self):
        activity = self._time()
        cancelled = self._bill(activity)
        cancelled.button_cancel()
        live = self._bill(activity, post=True)
        with self.assertRefused(activity, live):
            cancelled.button_draft()
        self.assertEqual(cancelled.state, "cancel")
        self.assertStates(activity, "billed")

    def test_writing_the_state_directly_is_no_way_round(self):
        activity = self._time()
        cancelled = self._bill(activity)
        cancelled.button_cancel()
        self._bill(activity)
        with self.assertRefused(activity):
            cancelled.state = "draft"

    def test_work_stands_on_no_other_document_than_an_invoice(self):
        activity = self._time()
        vendor_bill = self.env["account.move"].create(
            {"move_type": "in_invoice", "partner_id": self.lys.id, "invoice_line_ids": [Command.create({"name": "x"})]}
        )
        with self.assertRefused(activity):
            self.env["timebill.allocation"].create(
                {"activity_id": activity.id, "move_line_id": vendor_bill.invoice_line_ids.id, "coverage": 60}
            )

    # The database itself refuses what no code should ever try.

    def _assert_violates(self, constraint, query, *args):
        self.env.flush_all()
        with self.assertRaises(CheckViolation) as violation, self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.cr.execute(query, args)
        self.assertEqual(violation.exception.diag.constraint_name, constraint)

    def test_coverage_stays_between_nothing_and_what_is_billable(self):
        activity = self._time()
        for covered in (-1, 61):
            self._assert_violates(
                "timebill_activity_covered_within_billable",
                "UPDATE timebill_activity SET covered = %s WHERE id = %s",
                covered,
                activity.id,
            )
        self._assert_violates(
            "timebill_activity_covered_within_billable",
            "UPDATE timebill_activity SET covered = 60, billable_quantity = 30 WHERE id = %s",
            activity.id,
        )

    def test_durations_are_those_of_one_day(self):
        activity = self._time()
        for column, minutes in product(("duration", "billable_duration"), (-1, 1441)):
            self._assert_violates(
                "timebill_activity_duration_sane",
                f"UPDATE timebill_activity SET {column} = %s WHERE id = %s",
                minutes,
                activity.id,
            )

    def test_only_a_reversal_gives_back(self):
        activity = self._time()
        self._bill(activity, post=True)
        claim = activity.allocation_ids
        self._reverse(claim.move_id)
        reversal = claim.reversal_ids
        for row, coverage in ((claim, -60), (reversal, 60)):
            self._assert_violates(
                "timebill_allocation_coverage_signed",
                "UPDATE timebill_allocation SET coverage = %s WHERE id = %s",
                coverage,
                row.id,
            )

    def test_no_more_is_given_back_than_was_billed(self):
        activity = self._time()
        self._bill(activity)
        self._assert_violates(
            "timebill_allocation_net_not_negative",
            "UPDATE timebill_allocation SET net = -1 WHERE activity_id = %s",
            activity.id,
        )

    def test_a_row_stands_on_a_line_or_has_a_reason(self):
        activity = self._time()
        self._bill(activity)
        self._assert_violates(
            "timebill_allocation_has_line_or_reason",
            "UPDATE timebill_allocation SET move_line_id = NULL WHERE activity_id = %s",
            activity.id,
        )

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
