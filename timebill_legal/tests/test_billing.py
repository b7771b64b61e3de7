from odoo.tests import tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestBilling(TimebillCommon):
    def test_an_invoice_bills_what_the_window_shows(self):
        activities = self._time(60) + self._time(30) + self._cost(self.stamp, 225)
        bill = self._open_bill(activities)
        self.assertEqual((bill.amount_untaxed, bill.amount_tax, bill.amount_total), (525, 60, 585))
        move = bill._create_invoices()
        self.assertEqual((move.amount_untaxed, move.amount_tax, move.amount_total), (525, 60, 585))
        self.assertEqual(activities.mapped("billing_state"), ["draft"] * 3)
        self.assertEqual(move.timebill_allocation_ids.mapped("billed"), [200, 100, 225])

    def test_posting_then_replacing_then_deleting_frees(self):
        activities = self._time(60) + self._time(20)
        move = self._bill(activities, post=True)
        self.assertEqual(activities.mapped("billing_state"), ["billed", "billed"])
        replacement = self._reverse(move, modify=True)
        self.assertEqual(activities.mapped("billing_state"), ["draft", "draft"])
        replacement.unlink()
        self.assertEqual(activities.mapped("billing_state"), ["to_bill", "to_bill"])
