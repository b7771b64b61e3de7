from freezegun import freeze_time
from odoo.tests import tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestToBill(TimebillCommon):
    """*Matters to bill*: what the query behind it adds up, for each matter, payer and currency."""

    def _rows(self, matters, cutoff=None, user=None):
        """{(matter, payer): what its row shows}; the payer of common work is empty."""
        self.env.flush_all()
        self.env.invalidate_all()  # rows of another date have the same identifiers
        ToBill = self.env["timebill.to.bill"].with_user(user or self.biller).with_context(timebill_cutoff=cutoff)
        return {
            (row.matter_id.id, row.partner_id.id): {
                "total": row.amount_total,
                "minutes": row.minutes,
                "fees": row.amount_fees,
                "expenses": row.amount_expenses,
                "disbursements": row.amount_disbursements,
                "oldest": str(row.date_oldest),
                "count": row.activity_count,
                "currency": row.currency_id.name,
                "approved": row.is_approved,
            }
            for row in ToBill.search([("matter_id", "in", matters.ids)])
        }

    def test_each_kind_has_its_sum(self):
        self._time(90)
        self._time(20, date="2026-10-02")
        self._cost(self.deed, 300, 2)
        self._cost(self.copies, 0.2, 50)
        self._cost(self.stamp, 225)
        self._cost(self.stamp, 13)
        self.assertEqual(
            self._rows(self.matter),
            {
                (self.matter.id, self.lys.id): {
                    "total": 1214.67,  # 300 + 66.67 + 600 + 10 + 238
                    "minutes": 110,
                    "fees": 966.67,
                    "expenses": 10,
                    "disbursements": 238,
                    "oldest": "2026-10-02",
                    "count": 6,
                    "currency": "EUR",
                    "approved": False,
                }
            },
        )

    def test_a_row_for_each_payer_and_one_for_common_work(self):
        """The same matter in another currency would be another row as well."""
        self._time(60, self.joint_matter)
        self._time(30, self.joint_matter, partner_id=self.lys.id)
        self._time(30, self.joint_matter, partner_id=self.morel.id, approved=True)
        rows = self._rows(self.joint_matter)
        self.assertEqual(
            {payer: (row["total"], row["minutes"], row["approved"]) for (_matter, payer), row in rows.items()},
            {False: (200, 60, False), self.lys.id: (100, 30, False), self.morel.id: (100, 30, True)},
        )

    def test_up_to_a_day_included(self):
        self._time(60, date="2026-09-30")
        self._time(30, date="2026-10-01")
        key = self.matter.id, self.lys.id
        self.assertEqual(self._rows(self.matter, "2026-09-29"), {})
        self.assertEqual(self._rows(self.matter, "2026-09-30")[key]["total"], 200)
        self.assertEqual(self._rows(self.matter, "2026-10-01")[key]["total"], 300)
        self.assertEqual(self._rows(self.matter)[key]["minutes"], 90)

    def test_only_what_is_left_to_bill(self):
        """Neither what is not billable, nor what waits, nor what is on an invoice."""
        key = self.matter.id, self.lys.id
        self._time(60, billable=False)
        self._time(60).on_hold = True
        self._bill(self._time(60))
        self.assertEqual(self._rows(self.matter), {})
        activity = self._time(60)
        move = self._bill(activity, post=True)
        self.assertEqual(self._rows(self.matter), {})
        self._reverse(move).action_post()
        row = self._rows(self.matter)[key]
        self.assertEqual((row["total"], row["minutes"], row["count"]), (200, 60, 1))

    def _row(self, matter, partner=None, cutoff=None):
        self.env.flush_all()
        self.env.invalidate_all()
        ToBill = self.env["timebill.to.bill"].with_user(self.biller).with_context(timebill_cutoff=cutoff)
        return ToBill.search([("matter_id", "=", matter.id), ("partner_id", "=", partner.id if partner else False)])

    def _opened(self, action):
        return self.env[action["res_model"]].search(action["domain"])

    def test_common_work_names_who_shares_it(self):
        self._time(60, self.joint_matter)
        self.assertEqual(self._row(self.joint_matter).client_label, "Commun (SCI des Lys, Jeanne Morel)")

    def test_a_row_opens_the_work_that_it_adds_up(self):
        counted = self._time(60, date="2026-09-30") + self._cost(self.stamp, 225, date="2026-09-30")
        self._time(60, date="2026-10-01")
        self._time(60, date="2026-09-30").on_hold = True
        action = self._row(self.matter, self.lys, "2026-09-30").action_open_activities()
        self.assertEqual(self._opened(action), counted.sorted(lambda activity: (activity.date, activity.id)))

    def test_each_anomaly_leads_to_its_cure(self):
        self._time(60)
        unpriced = self._time_without_price()
        row = self._row(self.matter, self.lys)
        self.assertEqual(self._opened(row.action_open_anomalies()), unpriced)
        self._time(60, self.joint_matter)
        action = self._row(self.joint_matter).action_open_anomalies()
        self.assertEqual(action["res_model"], "timebill.bill")
        self._time(60, self.joint_matter, partner_id=self.morel.id)
        self.joint_matter.client_ids[1].inactive = True
        action = self._row(self.joint_matter, self.morel).action_open_anomalies()
        self.assertEqual((action["res_model"], action["res_id"]), ("timebill.matter", self.joint_matter.id))

    def test_late_entries_are_counted_and_opened(self):
        self._bill(self._time(60, date="2026-09-30"), post=True)
        late = self._time(60, date="2026-09-29")
        self._time(60, date="2026-10-01")
        row = self._row(self.matter, self.lys)
        self.assertEqual((row.late_count, row.anomalies), (1, "saisies tardives\N{NO-BREAK SPACE}: 1"))
        self.assertEqual(self._opened(row.action_open_anomalies()), late)

    def test_its_button_bills_what_it_added_up(self):
        activities = self._time(60) + self._cost(self.stamp, 225)
        self._time(60, self.joint_matter)
        self.env.flush_all()
        row = self.env["timebill.to.bill"].with_user(self.biller).search([("matter_id", "=", self.matter.id)])
        window = self.env["timebill.bill"].browse(row.action_bill()["res_id"])
        self.assertEqual(window.line_ids.activity_id, activities)
        self.assertEqual(sum(window.line_ids.mapped("amount")), row.amount_total)

    def test_the_month_that_ends_is_billed_on_its_last_days(self):
        cutoffs = {}
        for today in ("2026-11-01", "2026-11-27", "2026-11-28", "2026-11-30", "2026-12-01", "2026-12-31"):
            with freeze_time(today):
                cutoffs[today] = str(self.env["timebill.bill"]._get_default_cutoff())
        self.assertEqual(
            cutoffs,
            {
                "2026-11-01": "2026-10-31",
                "2026-11-27": "2026-10-31",
                "2026-11-28": "2026-11-30",
                "2026-11-30": "2026-11-30",
                "2026-12-01": "2026-11-30",
                "2026-12-31": "2026-12-31",
            },
        )

    def test_people_who_bill_may_export_lists(self):
        for user in (self.biller, self.manager):
            self.assertTrue(user.has_group("base.group_allow_export"), user.name)
        self.assertFalse(self.lawyer.has_group("base.group_allow_export"))
