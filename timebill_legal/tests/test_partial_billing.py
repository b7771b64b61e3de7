from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .test_adjustments import AdjustCase


@tagged("post_install", "-at_install")
class TestPartialBilling(AdjustCase):
    def _bill_part(self, activity, post=False, **values):
        """Bill a part in the window as a person types it."""
        window = self._open_bill(activity)
        with Form(window) as form, form.line_ids.edit(0) as line:
            for name, value in values.items():
                line[name] = value
        moves = window._create_invoices()
        if post:
            moves.action_post()
        return moves

    # Time.

    def test_two_of_five_hours_are_billed_and_the_rest_stays(self):
        activity = self._time(300)
        move = self._bill_part(activity, minutes=120)
        line = self._product_lines(move)
        self.assertEqual((line.quantity, line.price_unit, line.price_subtotal), (2, 200, 400))
        self.assertStates(activity, "to_bill")
        self.assertEqual((activity.amount_to_bill, activity.amount_billed), (600, 400))
        rest = self._bill(activity)
        self.assertEqual((self._product_lines(rest).quantity, rest.amount_untaxed), (3, 600))
        self.assertStates(activity, "draft")

    def test_parts_add_up_to_the_cent(self):
        activity = self._time(7, price_unit=199.99)  # 23.33
        parts = [self._bill_part(activity, minutes=minutes).amount_untaxed for minutes in (1, 1, 2)]
        parts.append(self._bill(activity).amount_untaxed)
        self.assertAlmostEqual(sum(parts), activity.amount, 6)
        self.assertStates(activity, "draft")

    def test_a_part_takes_its_share_of_a_discount(self):
        activity = self._time(300)
        self._adjust(activity, percent=10)
        move = self._bill_part(activity, minutes=120)
        self.assertEqual((move.amount_untaxed, activity.amount_to_bill), (360, 540))
        self._bill(activity)
        self.assertEqual((activity.amount_billed, activity.amount_difference), (900, -100))

    def test_the_window_says_what_is_left(self):
        activity = self._time(300)
        with Form(self._open_bill(activity)) as form:
            self.assertFalse(form.left_to_bill)
            with form.line_ids.edit(0) as line:
                line.minutes = 120
                self.assertEqual((line.amount, line.revised_amount), (400, 400))
            self.assertIn("3 h 00", form.left_to_bill)
            self.assertEqual(form.amount_untaxed, 400)

    def test_no_more_and_no_less_than_what_is_left(self):
        activity = self._time(300)
        for minutes in (0, 301, -5):
            bill = self._open_bill(activity)
            bill.line_ids.minutes = minutes
            with self.subTest(minutes), self.assertRefused(activity):
                bill._create_invoices()
        self.assertEqual(activity.covered, 0)

    def test_the_window_says_at_once_that_there_is_no_more(self):
        bill = self._open_bill(self._time(300))
        with self.assertLogs("odoo.tests.form.onchange", "WARNING"), Form(bill) as form:
            with form.line_ids.edit(0) as line:
                line.minutes = 301
                self.assertEqual(line.minutes, 300)

    def test_the_rest_keeps_its_price_when_the_rate_lists_change(self):
        activity = self._time(300)
        self._bill_part(activity, minutes=120)
        self.rate_list.rate_ids.price = 500
        with Form(activity.with_user(self.lawyer)) as form:
            form.note = "Opened since"
        self.assertEqual((activity.price_unit, activity.amount_to_bill), (200, 600))
        self.assertEqual(self._bill(activity).amount_untaxed, 600)

    def test_a_part_billed_activity_is_locked(self):
        activity = self._time(300)
        move = self._bill_part(activity, minutes=120, post=True)
        self.assertIn(move.name, activity.billing_message)
        self.assertIn("3 h 00", activity.billing_message)
        with self.assertRefused(activity, move):
            activity.with_user(self.lawyer).billable_duration = 600
        with Form(activity.with_user(self.lawyer)) as form, self.assertRaises(AssertionError):
            form.billable_duration = 600  # what the form does not let one type

    def test_a_part_comes_back_with_its_draft(self):
        activity = self._time(300)
        self._bill_part(activity, minutes=120).unlink()
        self.assertEqual((activity.covered, activity.amount_to_bill), (0, 1000))

    # Instalments of a fixed amount.

    def test_a_fixed_amount_in_three_instalments(self):
        service = self._cost(self.deed, 3000)
        for number in (1, 2, 3):
            move = self._bill_part(service, amount=1000, post=True)
            self.assertEqual((move.amount_untaxed, service.amount_billed), (1000, 1000 * number))
        self.assertStates(service, "billed")
        self.assertEqual(service.amount_difference, 0)

    def test_instalments_are_exact_however_large_the_amount(self):
        for price, instalments in (
            (100_000_000, (33_333_333.33, 33_333_333.33, 33_333_333.34)),
            (98_765_432.1, (0.01, 98_765_432.08, 0.01)),
            (50_000_000, (49_999_999.99, 0.01)),
            (0.03, (0.01, 0.01, 0.01)),
        ):
            with self.subTest(price):
                service = self._cost(self.deed, price)
                for instalment in instalments:
                    self.assertEqual(self._bill_part(service, amount=instalment).amount_untaxed, instalment)
                self.assertStates(service, "draft")
                self.assertEqual((service.amount_billed, service.amount_to_bill), (price, 0))

    def test_a_quantity_of_units_is_billed_in_part(self):
        copies = self._cost(self.copies, 0.35, quantity=100)
        move = self._bill_part(copies, quantity=30)
        self.assertEqual((move.amount_untaxed, copies.amount_to_bill), (10.5, 24.5))
        self.assertEqual(self._product_lines(move).quantity, 30)

    def test_a_disbursement_is_recovered_in_part_at_its_cost(self):
        stamp = self._cost(self.stamp, 225)
        self.assertEqual(self._bill_part(stamp, amount=100).amount_untaxed, 100)
        self.assertEqual(self._bill(stamp).amount_untaxed, 125)

    # A revised amount has a reason.

    def test_a_large_difference_needs_a_reason_in_the_window(self):
        activity = self._time(60)
        window = self._open_bill(activity)
        with Form(window) as form:
            with form.line_ids.edit(0) as line:
                line.revised_amount = 195
            self.assertEqual((form.is_revised, form.needs_reason), (True, False))
            with form.line_ids.edit(0) as line:
                line.revised_amount = 150
            self.assertTrue(form.needs_reason)
            with self.assertRaises(AssertionError):
                form.save()
            form.reason_id = self.goodwill
        move = window._create_invoices()
        move.action_post()
        self.assertEqual((activity.amount_difference, activity.billing_state), (-50, "billed"))
        self.assertIn(self.goodwill.name, activity.allocation_ids.explanation)

    # Odoo's buttons ask for the reasons that are missing.

    def _edited(self, *prices):
        """Draft invoices whose lines somebody edited to these prices, of work at 200."""
        moves = self.env["account.move"]
        for price in prices:
            move = self._bill(self._time(60))
            self._product_lines(move).price_unit = price
            moves += move
        return moves.with_user(self.biller)

    def _press(self, moves, method="action_post"):
        """Press a button of Odoo, with what it sends along."""
        return getattr(moves.with_context(disable_abnormal_invoice_detection=False), method)()

    def test_confirming_asks_for_the_reason_then_validates(self):
        move = self._edited(150)
        action = self._press(move)
        self.assertEqual((action["res_model"], move.state), ("timebill.post.reason", "draft"))
        window = self.env["timebill.post.reason"].with_user(self.biller).browse(action["res_id"])
        self.assertEqual((window.line_ids.expected, window.line_ids.difference), (200, -50))
        with self.assertRaises(UserError):
            window.action_validate()
        with Form(window) as form:
            form.reason_id = self.goodwill
        window.action_validate()
        self.assertEqual((move.state, self._product_lines(move).timebill_reason_id), ("posted", self.goodwill))

    def test_a_list_of_invoices_is_confirmed_with_a_reason_for_each_line(self):
        moves = self._edited(150, 195, 250)
        action = self._press(moves, "action_validate_moves_with_confirmation")
        window = self.env["timebill.post.reason"].with_user(self.biller).browse(action["res_id"])
        self.assertEqual(window.line_ids.mapped("difference"), [-50, 50])  # within the threshold, nobody asks
        with Form(window) as form:
            form.reason_id = self.goodwill
            with form.line_ids.edit(1) as line:
                line.reason_id = self.mistake
        window.action_validate()
        self.assertEqual(moves.mapped("state"), ["posted"] * 3)
        self.assertEqual(
            [self._product_lines(move).timebill_reason_id for move in moves],
            [self.goodwill, self.env["timebill.reason"], self.mistake],
        )

    def test_other_callers_are_refused_by_name(self):
        move = self._edited(150)
        for post in (move.action_post, move._post):
            with self.assertRefused(move):
                post()
        self.assertEqual(move.state, "draft")

    def test_the_threshold_is_that_of_the_company(self):
        self.company.timebill_reason_threshold = 0.3
        move = self._edited(150)
        self._press(move)
        self.assertEqual(move.state, "posted")

    # The list of activities.

    def test_activities_are_taken_off_their_drafts_from_their_own_list(self):
        first, second, other = self._time(60), self._time(30), self._time(15)
        move = self._bill(first + second)
        self._bill(other)
        (first + other).with_user(self.biller).action_take_off_draft()
        self.assertStates(first + second + other, "to_bill", "draft", "to_bill")
        self.assertEqual(move.amount_untaxed, 100)
        with self.assertRaises(UserError):
            first.with_user(self.biller).action_take_off_draft()
        with self.assertRaises(AccessError):
            second.with_user(self.lawyer).action_take_off_draft()

    def test_only_the_part_on_the_draft_is_taken_off(self):
        activity = self._time(300)
        self._bill_part(activity, minutes=120, post=True)
        self._bill(activity)
        self.assertTrue(activity.is_on_draft)
        activity.with_user(self.biller).action_take_off_draft()
        self.assertEqual((activity.covered, activity.is_on_draft), (120, False))

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
