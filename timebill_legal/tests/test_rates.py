"""Which list gives the price of an activity. The rates within a list: lib/tests/test_rates.py."""

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestRates(TimebillCommon):
    def _list(self, name, *rates, **values):
        return self.env["timebill.rate.list"].create(
            {"name": name, "rate_ids": [Command.create(rate) for rate in rates], **values}
        )

    def assertPriced(self, activity, price, level):
        self.assertEqual((activity.price_unit, activity.rate_level), (price, level))

    def test_the_matter_then_the_client_then_the_firm_then_the_category(self):
        self.phone.default_price = 90
        self.company.timebill_rate_list_id = False
        self.assertPriced(self._time(), 90, "type")
        self.company.timebill_rate_list_id = self.rate_list
        self.assertPriced(self._time(), 200, "firm")
        self.lys.timebill_rate_list_id = self._list("Lys", {"price": 180})
        self.assertPriced(self._time(), 180, "client")
        self.matter.rate_list_id = self._list("Lys v. Martin", {"price": 0, "type_id": self.hearing.id}, {"price": 150})
        self.assertPriced(self._time(), 150, "matter")
        self.assertPriced(self._time(type_id=self.hearing.id), 0, "matter")

    def test_a_list_in_which_nothing_applies_lets_the_next_answer(self):
        self.matter.rate_list_id = self._list("Hearings", {"price": 500, "type_id": self.hearing.id})
        self.assertPriced(self._time(), 200, "firm")

    def test_no_rate_at_all_is_said_and_is_not_billed(self):
        self.company.timebill_rate_list_id = False
        activity = self._time()
        self.assertPriced(activity, 0, "none")
        self.assertTrue(activity._get_billing_problem())

    def test_an_employee_of_the_client_has_the_prices_of_the_client(self):
        self.lys.timebill_rate_list_id = self._list("Lys", {"price": 180})
        employee = self.env["res.partner"].create({"name": "Head of law", "parent_id": self.lys.id})
        self.assertPriced(self._time(matter=self._matter("Lease", employee)), 180, "client")

    def test_common_work_has_no_price_of_one_client(self):
        self.lys.timebill_rate_list_id = self._list("Lys", {"price": 180})
        self.assertPriced(self._time(matter=self.joint_matter), 200, "firm")
        self.assertPriced(self._time(matter=self.joint_matter, partner_id=self.lys.id), 180, "client")

    def test_the_grade_of_the_timekeeper_counts(self):
        self.assertPriced(self._time(user_id=self.manager.id), 250, "firm")

    def test_the_price_is_that_of_the_day_of_the_work(self):
        self.matter.rate_list_id = self._list(
            "Dated", {"price": 190, "date_to": "2026-10-31"}, {"price": 210, "date_from": "2026-11-01"}
        )
        activity = self._time(date="2026-10-31")
        self.assertEqual(activity.price_unit, 190)
        activity.date = "2026-11-01"
        self.assertEqual(activity.price_unit, 210)

    def test_a_price_that_was_typed_stays_when_the_day_changes(self):
        self.matter.rate_list_id = self._list(
            "Dated", {"price": 190, "date_to": "2026-10-31"}, {"price": 210, "date_from": "2026-11-01"}
        )
        with Form(self._time(date="2026-10-31").with_user(self.lawyer)) as form:
            form.price_unit = 175
            form.date = "2026-11-02"
            self.assertEqual(form.price_unit, 175)
        activity = form.record
        activity.date = "2026-11-01"
        self.assertEqual(activity.price_unit, 175)
        self.assertEqual(activity.price_origin, self._time(price_unit=175).price_origin)

    def test_the_price_says_where_it_comes_from(self):
        activity = self._time()
        self.assertIn(self.rate_list.name, activity.price_origin)
        typed = self._time(price_unit=175)
        self.assertNotIn(self.rate_list.name, typed.price_origin)
        self.assertNotEqual(typed.price_origin, self._cost(self.stamp, 225).price_origin)

    def test_a_list_changed_later_alters_nothing_recorded(self):
        activity = self._time()
        self.rate_list.rate_ids.write({"price": 300})
        activity.description = "Reworded"
        self.assertEqual(activity.price_unit, 200)
        self.rate_list.rate_ids.unlink()
        self.assertEqual((activity.price_unit, activity.rate_level), (200, "firm"))

    def test_a_matter_in_dollars_takes_prices_in_dollars_only(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        matter = self._matter("Lys Inc.", self.lys, currency_id=dollar.id)
        self.lys.timebill_rate_list_id = self._list("Lys", {"price": 180})
        self.assertPriced(self._time(matter=matter), 0, "none")
        matter.rate_list_id = self._list("Dollars", {"price": 320}, currency_id=dollar.id)
        self.assertPriced(self._time(matter=matter), 320, "matter")

    def test_a_disbursement_takes_its_cost_and_no_rate(self):
        self.matter.rate_list_id = self._list("Odd", {"price": 99, "type_id": self.stamp.id}, {"price": 150})
        self.assertEqual(self._cost(self.stamp, 13.07).price_unit, 13.07)

    def test_who_may_not_see_amounts_still_records_priced_work(self):
        activity = self.env["timebill.activity"].with_user(self.assistant).create(
            {
                "matter_id": self.matter.id,
                "type_id": self.phone.id,
                "user_id": self.lawyer.id,
                "date": "2026-10-12",
                "duration": 60,
                "description": "Call",
            }
        )
        self.assertPriced(activity.sudo(), 200, "firm")

    def test_two_rates_for_the_same_work_on_the_same_day_are_refused_with_both_named(self):
        open_end, later = {"price": 190}, {"price": 210, "date_from": "2026-11-01"}
        with self.assertRaisesRegex(ValidationError, r"190,00.€.*210,00.€ \(.*01/11/2026\).*31/10/2026"):
            self._list("Endless", open_end, later)
        with self.assertRaisesRegex(ValidationError, r"200,00.€.*190,00.€"):
            self._list("Twice", {"price": 200}, open_end)
        rates = self._list(
            "Neighbours",
            {"price": 190, "date_to": "2026-10-31"},
            later,
            {"price": 500, "type_id": self.hearing.id},
            {"price": 250, "user_id": self.lawyer.id},
        ).rate_ids
        with self.assertRaisesRegex(ValidationError, "190,00"):
            rates[0].date_to = "2026-11-01"

    def test_a_list_says_who_uses_it(self):
        lists = self.rate_list + self._list("Lys", {"price": 180}) + self._list("Nobody", {"price": 1})
        self.lys.timebill_rate_list_id = lists[1]
        (self.matter + self.joint_matter).rate_list_id = lists[1]
        self.assertEqual(
            [(used.is_firm_list, used.client_count, used.matter_count) for used in lists],
            [(True, 0, 0), (False, 1, 2), (False, 0, 0)],
        )
        self.assertEqual(self.env["res.partner"].search(lists[1].action_open_clients()["domain"]), self.lys)
        found = self.env["timebill.matter"].search(lists[1].action_open_matters()["domain"])
        self.assertEqual(found, self.matter + self.joint_matter)
