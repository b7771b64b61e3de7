from odoo.exceptions import UserError
from odoo.tests import tagged

from .credit_case import CreditCase


@tagged("post_install", "-at_install")
class TestBillingByPeriod(CreditCase):
    """Billing all of a matter up to a day, after credit notes and edited drafts: no hour twice, none lost."""

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
