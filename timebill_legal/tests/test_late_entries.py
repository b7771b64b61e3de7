from odoo.tests import tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestLateEntries(TimebillCommon):
    """Work of a period that was billed already when it was entered."""

    def _late(self):
        self.env.invalidate_all()  # as another request reads it
        domain = [("matter_id", "in", (self.matter + self.joint_matter).ids)]
        activities = self.env["timebill.activity"].search(domain)
        found = activities.search([*domain, ("is_late_entry", "=", True)])
        self.assertEqual(found, activities.filtered("is_late_entry"), "the search finds what the field says")
        self.assertEqual(activities - found, activities.search([*domain, ("is_late_entry", "=", False)]))
        return found

    def test_work_up_to_the_last_day_billed_is_late_and_later_work_is_not(self):
        self._bill(self._time(60, date="2026-09-15"), post=True)
        late = self._time(60, date="2026-09-14") + self._time(60, date="2026-09-15")
        self._time(60, date="2026-09-16")
        self.assertEqual(self._late(), late)

    def test_what_was_there_when_the_invoice_was_made_is_not_late(self):
        kept = self._time(60, date="2026-09-14")
        billed = self._time(60, date="2026-09-15")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE timebill_activity SET create_date = create_date - interval '1 day' WHERE id IN %s",
            [(kept + billed)._ids],
        )
        self.env.invalidate_all()
        self._bill(billed, post=True)
        self.assertFalse(self._late())

    def test_only_the_period_of_the_same_client_counts(self):
        matter = self.joint_matter
        self._bill(self._time(60, matter, partner_id=self.lys.id, date="2026-09-15"), post=True)
        self._time(60, matter, partner_id=self.morel.id, date="2026-09-14")
        of_lys = self._time(60, matter, partner_id=self.lys.id, date="2026-09-14")
        common = self._time(60, matter, date="2026-09-14")
        self.assertEqual(self._late(), of_lys + common)

    def test_neither_a_draft_nor_a_credited_invoice_bills_a_period(self):
        move = self._bill(self._time(60, date="2026-09-15"))
        late = self._time(60, date="2026-09-14")
        self.assertFalse(self._late())
        move.action_post()
        self.assertEqual(self._late(), late)
        self._reverse(move).action_post()
        self.assertFalse(self._late())

    def test_the_billing_window_says_so(self):
        self._bill(self._time(60, date="2026-09-15"), post=True)
        bill = self._open_bill(self._time(60, date="2026-09-14") + self._time(60, date="2026-09-16"))
        self.assertEqual(bill.line_ids.mapped("remark"), ["saisie tardive", ""])
        self.assertTrue(bill.has_remarks)
