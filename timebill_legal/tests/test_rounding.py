from random import Random

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestRounding(RpcCommon):
    """Which rule makes billable time of worked time, and when. The arithmetic is tested in lib/tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False
        cls.six, cls.quarter, cls.as_worked = (
            cls.env.ref(f"timebill_legal.rounding_{name}") for name in ("6", "15", "none")
        )
        cls.view = cls.env.ref("timebill_legal.timebill_activity_view_form_dialog")

    def _durations(self, *activities):
        return [(activity.duration, activity.billable_duration) for activity in activities]

    def test_time_is_billed_as_worked_without_a_rule(self):
        self.assertEqual(self._durations(self._time(7)), [(7, 7)])

    def test_the_matter_comes_before_the_client_and_the_client_before_the_firm(self):
        self.company.timebill_rounding_id = self.six
        self.assertEqual(self._durations(self._time(7)), [(7, 12)])
        self.lys.timebill_rounding_id = self.quarter
        activity = self._time(7)
        self.assertEqual(self._durations(activity), [(7, 15)])
        self.assertEqual((activity.rounding_level, activity.amount), ("client", 50))
        self.matter.rounding_id = self.as_worked
        self.assertEqual(self._durations(self._time(7)), [(7, 7)])
        common = self._time(7, self.joint_matter)
        self.assertEqual((self._durations(common), common.rounding_level), ([(7, 12)], "firm"))

    def test_the_rule_of_the_company_of_a_contact(self):
        self.dupont.timebill_rounding_id = self.quarter
        contact = self.env["res.partner"].create({"name": "Legal department", "parent_id": self.dupont.id})
        self.assertEqual(self._durations(self._time(7, self._matter("Of the contact", contact))), [(7, 15)])

    def test_later_changes_alter_nothing_that_is_recorded(self):
        self.company.timebill_rounding_id = self.six
        activity = self._time(7)
        self.six.increment = 10
        self.company.timebill_rounding_id = self.quarter
        activity.matter_id = self._matter("Other", self.lys, rounding_id=self.quarter.id)
        activity.date = "2026-10-14"
        self.assertEqual(self._durations(activity), [(7, 12)])

    def test_billable_time_follows_the_time_worked_until_it_is_typed(self):
        self.company.timebill_rounding_id = self.six
        activity = self._time(7)
        activity.duration = 13
        self.assertEqual(self._durations(activity), [(13, 18)])
        activity.billable_duration = 10
        activity.duration = 60
        self.assertEqual(self._durations(activity), [(60, 10)])
        typed = self._time(7, billable_duration=0)
        typed.duration = 30
        self.assertEqual(self._durations(typed), [(30, 0)])

    def test_the_dialog_says_what_is_billable_and_why(self):
        self.company.timebill_rounding_id = self.six
        self.lys.timebill_rounding_id = self.quarter
        Activity = self.env["timebill.activity"].with_user(self.lawyer).with_context(lang="en_US")
        with Form(Activity, self.view) as form:
            form.duration = 40
            self.assertEqual(form.rounding_hint, "Billable 42 min: Started 6 minutes (rule of the firm)")
            form.matter_id = self.matter
            self.assertEqual(
                form.rounding_hint, "Billable 45 min: Started quarter of an hour (rule of the client)"
            )
            form.billable_duration = 30
            self.assertEqual(form.rounding_hint, "Billable 30 min: typed")
            form.duration = 30
            self.assertFalse(form.rounding_hint)
            form.description = "Call"
        self.assertEqual(self._durations(form.record), [(30, 30)])

    def test_a_cost_has_no_billable_time(self):
        self.company.timebill_rounding_id = self.env["timebill.rounding"].create(
            {"name": "Half an hour", "increment": 30, "minimum": 30}
        )
        self.assertEqual(self._cost(self.copies, 2).billable_duration, 0)
        activity = self._time(7)
        activity.write({"kind": "service", "type_id": self.deed.id, "price_unit": 100})
        self.assertEqual((activity.billable_duration, activity.amount), (0, 100))

    def test_what_is_billed_does_not_follow(self):
        self.company.timebill_rounding_id = self.six
        activity = self._time(7)
        self._bill(activity)
        activity.duration = 30
        self.assertEqual(self._durations(activity), [(30, 12)])

    # === PER DAY ===#

    def test_the_entry_saved_last_bears_the_difference(self):
        self.matter.rounding_id = self.env.ref("timebill_legal.rounding_day_15")
        first, second, third = self._time(4), self._time(9), self._time(3)
        self.assertEqual(self._durations(first, second, third), [(4, 15), (9, 0), (3, 15)])
        second.duration = 40
        self.assertEqual(self._durations(first, second, third), [(4, 15), (40, 30), (3, 15)])

    def test_the_day_of_a_timekeeper_on_a_matter_for_a_client(self):
        self.company.timebill_rounding_id = self.env.ref("timebill_legal.rounding_day_15")
        first = self._time(4)
        others = (
            self._time(4, date="2026-10-11"),
            self._time(4, user_id=self.colleague.id),
            self._time(4, self.joint_matter),
            self._time(4, self.joint_matter, partner_id=self.lys.id),
        )
        self.assertEqual(self._durations(first, *others), [(4, 15)] * 5)
        self.assertEqual(self._durations(self._time(4, billable=False), self._time(4)), [(4, 15), (4, 0)])

    def test_entries_that_are_created_together_add_up(self):
        self.matter.rounding_id = self.env.ref("timebill_legal.rounding_day_15")
        self._time(4)
        values = {"matter_id": self.matter.id, "type_id": self.phone.id, "date": "2026-10-12"}
        activities = self.env["timebill.activity"].with_user(self.lawyer).create(
            [{**values, "duration": minutes, "description": "Call"} for minutes in (4, 9, 13)]
        )
        self.assertEqual(activities.mapped("billable_duration"), [0, 15, 0])
        self.assertEqual(sum(activities.sudo().mapped("amount")), 50)

    def test_queries_do_not_grow_with_the_entries(self):
        self.matter.rounding_id = self.env.ref("timebill_legal.rounding_day_15")

        def count(number):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            values = {"matter_id": self.matter.id, "type_id": self.phone.id, "user_id": self.lawyer.id}
            self.env["timebill.activity"].create(
                [{**values, "date": f"2026-0{n}-0{number}", "duration": 4} for n in range(1, number + 1)]
            ).duration = 8
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(2)
        few = count(3)
        self.assertLessEqual(count(8), few)

    def _day(self, *minutes):
        self.matter.rounding_id = self.env.ref("timebill_legal.rounding_day_15")
        return self.env["timebill.activity"].union(*(self._time(worked) for worked in minutes))

    def test_what_leaves_its_day_is_borne_by_the_others(self):
        """Deleted, not billed, corrected to another kind, matter, client, day or timekeeper."""
        other = self._matter("Other", self.lys)
        for leave in (
            lambda activity: activity.unlink(),
            lambda activity: activity.write({"billable": False}),
            lambda activity: activity.write({"kind": "service", "type_id": self.deed.id, "price_unit": 100}),
            lambda activity: activity.write({"matter_id": other.id}),
            lambda activity: activity.write({"date": "2026-10-13"}),
            lambda activity: activity.write({"user_id": self.colleague.id}),
        ):
            first, second = self._day(6, 8)
            self.assertEqual(self._durations(first, second), [(6, 15), (8, 0)])
            with self.subTest(leave):
                leave(first.with_user(self.biller))
                self.assertEqual((second.billable_duration, second.billing_state), (15, "to_bill"))
            (first.exists() + second).unlink()

    def test_what_joins_a_day_is_rounded_with_it(self):
        first, second = self._day(6, 8)
        second.date = "2026-10-13"
        self.assertEqual(self._durations(first, second), [(6, 15), (8, 15)])
        second.date = first.date
        self.assertEqual(self._durations(first, second), [(6, 15), (8, 0)])
        second.billable = False
        second.billable = True
        self.assertEqual(self._durations(first, second), [(6, 15), (8, 0)])

    def test_what_is_recorded_of_a_day_keeps_its_rule(self):
        first, second = self._day(6, 8)
        self.matter.rounding_id = self.six
        first.unlink()
        self.assertEqual((second.billable_duration, second.rounding_id.increment), (15, 15))

    def test_what_is_typed_or_billed_of_a_day_stays(self):
        first, second, third, last = self._day(6, 8, 20, 3)
        self.assertEqual(self._durations(first, second, third, last), [(6, 15), (8, 0), (20, 30), (3, 0)])
        second.billable_duration = 5
        self._bill(third)
        first.unlink()
        self.assertEqual(self._durations(second, third, last), [(8, 5), (20, 30), (3, 15)])

    def test_parts_of_a_day_are_not_rounded_again(self):
        first, second = self._day(30, 10)
        parts = first._split(
            [{"duration": m, "billable_duration": m, "proposed_duration": m, "price_unit": 200} for m in (20, 10)]
        )
        self.assertEqual(self._durations(*parts, second), [(20, 20), (10, 10), (10, 15)])
        parts._merge("Call")
        self.assertEqual(self._durations(first, second), [(30, 30), (10, 15)])

    def test_any_sequence_bills_the_rounded_sum_of_each_day(self):
        """Entered, corrected, moved, not billed and deleted, at random: each day adds up, whatever came before."""
        self._day()
        choose = Random(7)
        days = ("2026-10-12", "2026-10-13")
        entries = self.env["timebill.activity"]
        for _step in range(40):
            action = choose.choice(("enter", "enter", "correct", "move", "toggle", "delete"))
            entry = choose.choice(entries) if entries and action != "enter" else None
            if entry is None:
                entries += self._time(choose.randint(1, 40), date=choose.choice(days))
            elif action == "correct":
                entry.duration = choose.randint(1, 40)
            elif action == "move":
                entry.date = choose.choice(days)
            elif action == "toggle":
                entry.billable = not entry.billable
            else:
                entries -= entry
                entry.unlink()
            for day, together in entries.filtered("billable").grouped("date").items():
                worked, billed = (sum(together.mapped(name)) for name in ("duration", "billable_duration"))
                self.assertEqual(billed, -(-worked // 15) * 15, (day, self._durations(*together)))

    def test_queries_do_not_grow_with_what_leaves(self):
        def count(number):
            self._day()
            values = {"matter_id": self.matter.id, "type_id": self.phone.id, "user_id": self.lawyer.id}
            entries = self.env["timebill.activity"].create(
                [{**values, "date": f"2026-0{n % 9 + 1}-02", "duration": 4} for n in range(number * 2)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            entries[:number].unlink()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(2)
        few = count(9)
        self.assertLessEqual(count(27), few)

    # === SETTINGS ===#

    def test_the_minimum_is_a_multiple_of_the_increment(self):
        for values in ({"minimum": 10}, {"increment": 0}, {"increment": 300}, {"minimum": -6}, {"minimum": 1446}):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.six.write(values)

    def test_who_may_say_what(self):
        self.rpc(self.lawyer, "timebill.matter", "write", self.matter.ids, {"rounding_id": self.six.id})
        activity = self.rpc(
            self.assistant,
            "timebill.activity",
            "create",
            {"matter_id": self.matter.id, "type_id": self.phone.id, "user_id": self.lawyer.id, "duration": 7},
        )
        self.assertEqual(self.env["timebill.activity"].browse(activity).billable_duration, 12)
