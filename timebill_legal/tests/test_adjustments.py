from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..models import timebill_activity_billing
from .rpc import RpcCommon
from .test_ledger import LedgerCase


class AdjustCase(LedgerCase):
    """Windows that decide about an activity before its invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goodwill = cls.env.ref("timebill_legal.reason_goodwill")
        cls.mistake = cls.env.ref("timebill_legal.reason_mistake")

    def _open_adjust(self, activities, user=None):
        action = activities.with_user(user or self.biller).action_adjust()
        return self.env[action["res_model"]].with_user(user or self.biller).browse(action["res_id"])

    def _adjust(self, activities, user=None, **values):
        """What the window does, after showing it: the preview and the result agree."""
        window = self._open_adjust(activities, user)
        window.write({"reason_id": self.goodwill.id, **values})
        preview = {line.activity_id: line.after for line in window.line_ids if not line.problem}
        window.action_apply()
        for activity, after in preview.items():
            self.assertEqual(activity.amount_to_bill, after)
        return window


@tagged("post_install", "-at_install")
class TestAdjustments(AdjustCase):
    # A discount is spread in proportion to what is left to bill, to the cent.

    def test_a_percentage_is_taken_of_the_total(self):
        activities = self._time(5) + self._time(5) + self._time(5)  # 16.67 each
        window = self._adjust(activities, percent=10)
        self.assertEqual((window.amount_before, window.amount_difference, window.amount_after), (50.01, -5, 45.01))
        self.assertEqual(activities.mapped("amount_difference"), [-1.67, -1.67, -1.66])
        self.assertEqual(activities.mapped("amount"), [16.67] * 3)  # what the work costs stays
        self.assertEqual(self._bill(activities).amount_untaxed, 45.01)

    def test_an_amount_and_a_new_total_are_spread_by_weight(self):
        activities = self._time(60) + self._cost(self.deed, 600)
        self._adjust(activities, method="amount", amount=100)
        self.assertEqual(activities.mapped("amount_to_bill"), [175, 525])
        self._adjust(activities, method="total", total=350.01)
        self.assertEqual(activities.mapped("amount_to_bill"), [87.5, 262.51])
        self.assertEqual(activities.mapped("amount_revised"), [87.5, 262.51])

    def test_a_surcharge_is_billed_as_well(self):
        activity = self._time(60)
        self._adjust(activity, operation="write_up", percent=25)
        move = self._bill(activity)
        self.assertEqual((move.amount_untaxed, activity.amount_difference), (250, 50))

    def test_the_window_shows_at_once_what_it_would_do(self):
        activities = self._time(60) + self._time(30)
        window = self._open_adjust(activities)
        with Form(window) as form:
            self.assertTrue(form.problem)
            form.percent = 50
            self.assertFalse(form.problem)
            self.assertEqual((form.amount_before, form.amount_after), (300, 150))
            form.method = "total"
            self.assertEqual(form.total, 300)
            form.total = 301
            self.assertIn("Majoration", form.problem)
            form.operation = "write_off"
            self.assertEqual((form.problem, form.amount_after), (False, 0))
            form.reason_id = self.goodwill
        self.assertEqual(window.line_ids.mapped("after"), [0, 0])

    def test_offered_work_stays_to_bill_and_is_printed_with_its_value(self):
        """Unlike work that is written off, or not billable, which is on no invoice."""
        offered, paid = self._time(60), self._time(30)
        self._adjust(offered, operation="offer", percent=10)
        self.assertEqual((offered.billing_state, offered.amount_to_bill), ("to_bill", 0))
        self.assertEqual(self._open_bill(offered).line_ids.is_offered, True)
        move = self._bill(offered + paid, post=True)
        rows = move.timebill_allocation_ids.grouped("activity_id")
        self.assertEqual((rows[offered]._get_offered_amount(), rows[paid]._get_offered_amount()), (200, 0))
        self.assertEqual((move.amount_untaxed, offered.billing_state), (100, "billed"))

    def test_nothing_is_billed_below_zero(self):
        activity = self._time(60)
        for values in (
            {"percent": 101},
            {"percent": -1},
            {"percent": float("nan")},
            {"method": "amount", "amount": 200.01},
            {"method": "amount", "amount": -10},
            {"method": "total", "total": -1},
            {"operation": "write_up", "method": "amount", "amount": 1e12},
            {"percent": 0},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                self._adjust(activity, **values)
        self.assertEqual(activity.amount_to_bill, 200)
        self._adjust(activity, method="amount", amount=200)
        self.assertEqual((activity.amount_to_bill, activity.billing_state), (0, "to_bill"))

    def test_a_disbursement_is_given_up_but_never_discounted(self):
        stamp, call = self._cost(self.stamp, 225), self._time(60)
        window = self._adjust(stamp + call, percent=50)
        self.assertEqual((stamp.amount_to_bill, call.amount_to_bill), (225, 100))
        self.assertIn("(1)", window.left_out)
        with self.assertRefused(stamp):
            self.env["timebill.allocation"].with_user(self.biller)._adjust({stamp: -1.0}, self.goodwill)
        alone = self._open_adjust(stamp)
        self.assertEqual(alone.operation, "write_off")
        alone.reason_id = self.goodwill
        alone.action_apply()
        self.assertStates(stamp, "written_off")

    def test_what_cannot_change_is_left_out_with_its_reason(self):
        call, billed = self._time(60), self._time(30)
        training = self._time(matter=self.internal_matter)
        self._bill(billed)
        window = self._open_adjust(call + billed + training)
        problems = {line.activity_id: line.problem for line in window.line_ids}
        self.assertEqual(problems[call], False)
        self.assertIn("brouillon", problems[billed])
        self.assertIn("interne", problems[training])
        window.write({"reason_id": self.goodwill.id, "percent": 10})
        message = window.action_apply()["params"]["message"]
        self.assertRegex(message, r"^Remise.: -.20,00.€ \(activités.: 1\)$")
        self.assertEqual((call.amount_difference, billed.amount_difference), (-20, 0))
        with self.assertRaisesRegex(UserError, "brouillon"):
            billed.with_user(self.biller).action_adjust()

    def test_several_currencies_take_a_percentage_only(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        matter = self._matter("New York", self.lys, currency_id=dollar.id)
        activities = self._time(60) + self._time(60, matter=matter, price_unit=300)
        with self.assertRaisesRegex(UserError, "devises"):
            self._adjust(activities, method="amount", amount=10)
        self._adjust(activities, percent=10)
        self.assertEqual(activities.mapped("amount_to_bill"), [180, 270])

    def test_a_matter_is_adjusted_as_a_whole(self):
        self._adjust(self._time(60) + self._time(30), percent=10)
        window = self._open_adjust(self.matter)
        self.assertEqual((len(window.line_ids), window.amount_before), (2, 270))

    def test_a_window_left_open_changes_nothing_that_changed_meanwhile(self):
        activity = self._time(60)
        first, second = self._open_adjust(activity), self._open_adjust(activity)
        (first + second).write({"reason_id": self.goodwill.id, "percent": 10})
        first.action_apply()
        with self.assertRefused(activity):
            second.action_apply()
        with self.assertRefused(activity):
            first.action_apply()  # a double click
        self.assertEqual(activity.amount_to_bill, 180)

    # All of it can be undone, until it is billed.

    def test_a_discount_is_undone_from_the_history(self):
        activity = self._time(60)
        self._adjust(activity, percent=10, note="Fidélité")
        row = activity.allocation_ids
        self.assertEqual((row.operation, row.is_undoable), ("write_down", True))
        self.assertIn("Fidélité", row.explanation)
        row.with_user(self.biller).action_undo()
        self.assertEqual((activity.amount_to_bill, activity.amount_difference), (200, 0))
        self.assertEqual(activity.allocation_ids.mapped("is_undoable"), [False, False])
        with self.assertRefused(activity):
            row.with_user(self.biller).action_undo()

    def test_a_discount_that_is_billed_is_undone_once_the_invoice_is_gone(self):
        activity = self._time(60)
        self._adjust(activity, percent=10)
        move = self._bill(activity, post=True)
        row = activity.allocation_ids[0]
        with self.assertRefused(activity, move):
            row.with_user(self.biller).action_undo()
        move.button_draft()
        move.button_cancel()
        row.with_user(self.biller).action_undo()
        self.assertEqual(activity.amount_to_bill, 200)

    def test_a_write_off_is_undone_with_the_discount_that_it_took(self):
        activity = self._time(60)
        self._adjust(activity, percent=10)
        self._adjust(activity, operation="write_off", reason_id=self.mistake.id)
        self.assertStates(activity, "written_off")
        self.assertEqual((activity.amount_difference, activity.amount_revised), (-200, 0))
        activity.allocation_ids[-1].with_user(self.biller).action_undo()
        self.assertStates(activity, "to_bill")
        self.assertEqual(activity.amount_to_bill, 180)

    def test_the_rest_of_a_part_is_given_up(self):
        activity = self._time(300)
        bill = self._open_bill(activity)
        bill.line_ids.minutes = 120
        bill._create_invoices()
        self._adjust(activity, operation="write_off")
        self.assertStates(activity, "draft")
        self.assertEqual((activity.amount_billed, activity.amount_difference), (400, -600))

    # Rights.

    def test_a_lawyer_adjusts_own_work_only(self):
        own, others = self._time(60), self._time(60, user_id=self.colleague.id)
        window = self._adjust(own + others, user=self.lawyer, percent=50)
        self.assertEqual((own.amount_to_bill, others.amount_to_bill), (100, 200))
        self.assertIn("(1)", window.left_out)
        with self.assertRaises(UserError):
            others.with_user(self.lawyer).action_adjust()
        with self.assertRaises(AccessError):
            own.with_user(self.assistant).action_adjust()

    def test_a_window_shows_nothing_of_a_confidential_matter(self):
        secret = self._time(matter=self.secret_matter, partner_id=self.dupont.id)
        with self.assertRaises(AccessError):
            secret.with_user(self.biller).action_adjust()
        window = self._open_adjust(self._time())
        with self.assertRaises(AccessError):
            window.write({"line_ids": [Command.create({"activity_id": secret.id})]})
            window.line_ids.mapped("description")


@tagged("post_install", "-at_install")
class TestBillLater(AdjustCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env["timebill.activity"])

    def _hold(self, activities, user=None, **values):
        action = activities.with_user(user or self.biller).action_hold()
        window = self.env["timebill.hold"].with_user(user or self.biller).browse(action["res_id"])
        window.write(values)
        window.action_hold()

    def _run_daily_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("timebill_legal.ir_cron_release_due").method_direct_trigger()
        self.env.invalidate_all()

    def test_held_work_waits_and_is_put_back(self):
        activity = self._time(60)
        self._hold(activity, user=self.lawyer, hold_note="Après l'audience")
        self.assertStates(activity, "on_hold")
        self.assertIn("Après l'audience", activity.billing_message)
        self.assertIn("200", self.matter.with_user(self.lawyer).on_hold_label)
        self.assertNotIn("200", self.matter.with_user(self.assistant).on_hold_label)
        activity.with_user(self.lawyer).action_release()
        self.assertStates(activity, "to_bill")
        self.assertEqual((activity.hold_note, self.matter.on_hold_label), (False, ""))
        with self.assertRaises(UserError):
            activity.with_user(self.lawyer).action_release()

    def test_a_date_or_a_remark_is_needed(self):
        activity = self._time(60)
        for values in ({}, {"hold_note": "  "}, {"hold_until": self.today}):
            with self.subTest(values), self.assertRaises(UserError):
                self._hold(activity, **values)
        self.assertStates(activity, "to_bill")

    def test_the_billing_window_says_what_waits(self):
        held, ready = self._time(60), self._time(30)
        self._hold(held, hold_until=self.today + timedelta(days=30))
        with self.assertRaisesRegex(UserError, "facturer plus tard"):
            self._open_bill(held)
        bill = self._open_bill(held + ready)
        self.assertIn("facturer plus tard (1)", bill.left_out)
        self.assertEqual(bill._create_invoices().amount_untaxed, 100)
        self.assertStates(held, "on_hold")

    def test_the_day_come_work_is_to_bill_by_itself(self):
        due, later, without_date = self._time(60), self._time(60), self._time(60)
        self._hold(due, hold_until=self.today + timedelta(days=1))
        self._hold(later, hold_until=self.today + timedelta(days=2))
        self._hold(without_date, hold_note="Accord du client attendu")
        due.hold_until = self.today
        self._run_daily_job()
        self.assertStates(due + later + without_date, "to_bill", "on_hold", "on_hold")
        # A job that did not run yet keeps nobody from billing.
        later.hold_until = self.today
        self._bill(later)
        self.assertStates(later, "draft")

    def test_the_daily_job_works_in_batches(self):
        activities = self._time(60) + self._time(30) + self._time(15)
        self._hold(activities, hold_note="x")
        activities.hold_until = self.today
        self.patch(timebill_activity_billing, "RELEASE_BATCH", 2)
        self._run_daily_job()
        self.assertStates(activities, "to_bill", "to_bill", "to_bill")

    def test_only_what_is_to_bill_can_wait(self):
        billed = self._time(60)
        self._bill(billed)
        with self.assertRaisesRegex(UserError, "brouillon"):
            billed.with_user(self.biller).action_hold()

    def test_the_team_and_billing_people_hold_work_back(self):
        activity = self._time(60)
        with self.assertRaises(AccessError):
            activity.with_user(self.colleague).action_hold()
        self._hold(activity, hold_note="x")
        with self.assertRaises(AccessError):
            activity.with_user(self.colleague).action_release()


@tagged("post_install", "-at_install")
class TestRemoteAdjustments(RpcCommon):
    def test_nobody_writes_what_the_windows_write(self):
        activity = self._time(60)
        for values in ({"on_hold": True}, {"hold_until": "2030-01-01"}, {"hold_note": "x"}):
            self.assertRefused(AccessError, "", self.lawyer, "timebill.activity", "write", activity.ids, values)
