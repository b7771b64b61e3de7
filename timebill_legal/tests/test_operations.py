from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestOperations(RpcCommon):
    """Duplicate, split, merge and round work of which nothing is billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False

    def _open(self, activities, action, user=None):
        result = getattr(activities.with_user(user or self.lawyer).with_context(lang="en_US"), action)()
        return self.env[result["res_model"]].with_user(user or self.lawyer).browse(result["res_id"]).with_context(
            lang="en_US"
        )

    def _split(self, activity, *parts, user=None):
        window = self._open(activity, "action_split", user)
        name = "duration" if activity.kind == "time" else "quantity"
        window.line_ids = [
            Command.clear(),
            *(Command.create({name: part, "description": f"Part of {part}"}) for part in parts),
        ]
        window.action_split()
        return self.env["timebill.activity"].search([("description", "=like", "Part of %")], order="id")

    # === DUPLICATE ===#

    def test_a_copy_is_work_of_today_at_the_price_of_today(self):
        listed, typed = self._time(30), self._time(30, price_unit=300, billable_duration=20)
        self._bill(listed)
        self.rate_list.rate_ids.filtered(lambda rate: not rate.grade_id).price = 210
        self.matter.rounding_id = self.env.ref("timebill_legal.rounding_15")
        listed_copy, typed_copy = (listed + typed).with_user(self.lawyer).copy()
        today = fields.Date.context_today(listed)
        self.assertEqual((listed_copy.date, listed_copy.price_unit, listed_copy.billing_state), (today, 210, "to_bill"))
        self.assertEqual((typed_copy.price_unit, typed_copy.billable_duration), (300, 20))
        self.assertFalse(listed_copy.allocation_ids)
        self.assertEqual(self._cost(self.stamp, 100).copy().price_unit, 100)

    # === SPLIT ===#

    def test_the_parts_add_up_to_the_cent(self):
        parts = self._split(self._time(60), 20, 20, 20)
        self.assertEqual(parts.mapped("duration"), [20, 20, 20])
        self.assertEqual(parts.mapped("amount"), [66.67, 66.67, 66.66])
        self.assertEqual(sum(parts.mapped("amount_to_bill")), 200)

    def test_billable_time_is_split_like_the_time_worked(self):
        parts = self._split(self._time(60, billable_duration=45), 40, 20)
        self.assertEqual(parts.mapped("billable_duration"), [30, 15])

    def test_units_are_split(self):
        parts = self._split(self._cost(self.stamp, 10.01, 3), 2, 1)
        self.assertEqual((parts.mapped("quantity"), parts.mapped("amount")), ([2, 1], [20.02, 10.01]))

    def test_an_assistant_splits_without_seeing_the_price(self):
        parts = self._split(self._time(60, price_unit=300), 40, 20, user=self.assistant)
        self.assertEqual(parts.mapped("price_unit"), [300, 300])
        with self.assertRaises(AccessError):
            self._open(self._time(60), "action_split", self.assistant).line_ids.read(["amount"])

    def test_the_parts_stay_what_the_activity_was(self):
        activity = self._time(60)
        activity._hold(fields.Date.add(fields.Date.today(), days=9), "After the hearing")
        parts = self._split(activity, 45, 15)
        self.assertEqual(parts[0], activity)
        self.assertEqual(set(parts.mapped("billing_state")), {"on_hold"})
        self.assertEqual(set(parts.mapped("hold_note")), {"After the hearing"})
        self.assertEqual(len(set(parts.mapped("date"))), 1)

    def test_parts_that_do_not_add_up_are_refused(self):
        activity = self._time(300)
        window = self._open(activity, "action_split")
        self.assertEqual(window.line_ids.mapped("duration"), [150, 150])
        with Form(window) as form:
            with form.line_ids.edit(1) as line:
                line.duration = 100
            self.assertEqual(form.problem, "50 min left to distribute.")
            with form.line_ids.new() as line:
                line.duration = 60
            self.assertEqual(form.problem, "10 min too much.")
        with self.assertRaisesRegex(UserError, "10 min too much"):
            window.action_split()
        refused = {"at least two parts": (300,), "greater than zero": (300, 0)}
        for text, parts in refused.items():
            with self.assertRaisesRegex(UserError, text):
                self._split(activity, *parts)
        self.assertEqual(activity.duration, 300)

    def test_long_parts_cost_what_the_whole_cost_at_a_price_below_the_cent(self):
        parts = self._split(self._time(300), 100, 100, 100)
        self.assertEqual(parts.mapped("price_unit"), [200, 200, 200.004])
        self.assertEqual(parts.mapped("amount"), [333.33, 333.33, 333.34])

    def test_units_by_the_hundred_thousand_whose_cents_no_price_makes_up_for_are_refused(self):
        with self.assertRaisesRegex(UserError, "cannot add up exactly"):
            self._split(self._cost(self.copies, 0.01, 400_001), 200_000.5, 200_000.5)

    def test_what_is_billed_is_not_split(self):
        activity = self._time()
        invoice = self._bill(activity, post=True)
        with self.assertRaisesRegex(UserError, f"{activity.matter_id.reference}.*{invoice.name}"):
            self._open(activity, "action_split")

    # === MERGE ===#

    def test_several_become_one(self):
        activities = self._time(10) + self._time(20, billable_duration=15) + self._time(30)
        window = self._open(activities, "action_merge")
        self.assertEqual(window.summary, "3 activities, 1 h 00, billable 55 min")
        self.assertEqual((window.amount_before, window.amount_after), (183.33, 183.33))
        window.action_merge()
        kept = activities.exists()
        self.assertEqual((len(kept), kept.duration, kept.billable_duration), (1, 60, 55))
        self.assertEqual(kept.description, "Call of 10 minutes\nCall of 20 minutes\nCall of 30 minutes")
        self.assertIn("30 min – Call of 30 minutes", kept.note)

    def test_the_parts_of_a_split_become_again_what_they_were(self):
        """Also those whose price makes up for the cents."""
        for activity, parts in (
            (self._time(60), (20, 20, 20)),
            (self._time(300), (100, 100, 100)),
            (self._time(60, price_unit=100.01), (7, 13, 40)),
            (self._time(7, price_unit=0), (3, 4)),
            (self._cost(self.copies, 0.697, 150), (37, 38, 75)),
            (self._cost(self.copies, 0.697, 100), (33.333333, 33.333333, 33.333334)),
            (self._cost(self.stamp, 10.01, 3), (0.7, 1.1, 1.2)),
        ):
            names = ("duration", "billable_duration", "quantity", "price_unit", "price_is_typed", "amount")
            before = [activity[name] for name in names]
            pieces = self._split(activity, *parts)
            with self.subTest(activity.description, parts=parts, prices=pieces.mapped("price_unit")):
                self._open(pieces, "action_merge").action_merge()
                merged = pieces.exists()
                self.assertEqual([merged[name] for name in names], before)
                merged.description = "Merged"  # no part any more

    def test_what_cannot_become_one(self):
        first = self._time(10)
        for other, text in (
            (self._time(10, self.joint_matter), "Matter"),
            (self._time(10, date="2026-10-11"), "Date"),
            (self._time(10, price_unit=100), "Price"),
            (self._cost(self.copies, 12), "Kind"),
            (self._time(10, user_id=self.colleague.id), "Timekeeper"),
        ):
            with self.subTest(text), self.assertRaisesRegex(UserError, text):
                self._open(first + other, "action_merge", self.biller)
        with self.assertRaisesRegex(UserError, "at least two"):
            self._open(first, "action_merge")

    def test_what_has_a_history_is_not_merged(self):
        first, second = self._time(10), self._time(10)
        move = self._bill(second)
        with self.assertRaisesRegex(UserError, "already on a draft invoice"):
            self._open(first + second, "action_merge")
        move.button_cancel()
        with self.assertRaisesRegex(UserError, "has a billing history"):
            self._open(first + second, "action_merge")

    def test_nothing_lasts_longer_than_a_day(self):
        with self.assertRaisesRegex(UserError, "together they last 25 h 00"):
            self._open(self._time(1000) + self._time(500), "action_merge")

    # === WHO ===#

    def test_recorded_work_is_changed_by_who_may_enter_it(self):
        """One rule for all windows and for lists: they refuse by name, or leave out with the reason."""
        activities = self._time(10) + self._time(10)
        ids, model = activities.ids, "timebill.activity"
        name = self._in_english(activities)[0].display_name
        refused = f"Only their timekeeper and billing users can change these activities: {name}"
        reason = "only its timekeeper and billing users can change it"
        for error, text, method, arguments in (
            (AccessError, refused, "write", (ids, {"description": "x"})),
            (AccessError, refused, "web_save", (ids, {"date": "2026-10-13"}, {})),
            (AccessError, refused, "action_merge", (ids,)),
            (AccessError, refused, "action_split", (ids[:1],)),
            (UserError, reason, "action_transfer", (ids,)),
            (UserError, reason, "action_assign_client", (ids,)),
            (UserError, reason, "action_round", (ids,)),
            (UserError, reason, "action_adjust", (ids,)),
        ):
            with self.subTest(method):
                self.assertRefused(error, text, self.colleague, model, method, *arguments)
        for user in (self.lawyer, self.biller, self.manager):
            for method in ("action_merge", "action_transfer", "action_round", "action_adjust"):
                self.assertTrue(self.rpc(user, model, method, ids)["res_id"], (user.login, method))

    # === MANY AT ONCE, IN THE LIST ===#

    def test_a_bulk_edit_is_done_as_a_whole_or_names_what_is_billed(self):
        free, drafted, billed = self._time(), self._time(), self._time()
        self._bill(drafted)
        invoice = self._bill(billed, post=True)
        other = self._matter("Elsewhere", self.lys)
        for values in (
            {"matter_id": other.id},
            {"type_id": self.hearing.id},
            {"date": "2026-10-13"},
            {"description": "Other"},
            {"billable_duration": 30},
        ):
            before = [free[name] for name in values]
            with self.subTest(values), self.assertRaises(UserError) as refusal:
                self.rpc(self.lawyer, "timebill.activity", "web_save", (free + drafted + billed).ids, values, {})
            lines = str(refusal.exception).splitlines()
            self.assertEqual(len(lines), 2, "the two that are billed")
            self.assertIn("SCI des Lys", lines[0])
            self.assertIn(invoice.name, lines[1])
            self.assertEqual([free[name] for name in values], before)
            self.rpc(self.lawyer, "timebill.activity", "web_save", (free + self._time()).ids, values, {})
            self.assertNotEqual([free[name] for name in values], before)

    # === ROUND ===#

    def test_the_billable_time_of_a_selection_is_rounded_up(self):
        activities = self._time(7) + self._time(31, billable_duration=20) + self._time(60)
        billed, cost = self._time(7), self._cost(self.copies, 12)
        self._bill(billed)
        window = self._open(activities + billed + cost, "action_round")
        self.assertIn(billed.with_context(lang="en_US").display_name, window.left_out)
        window.increment = "15"
        self.assertEqual(window.summary, "3 activities, 1 h 38: billable 1 h 27 → 1 h 45")
        window.action_round()
        self.assertEqual(activities.mapped("billable_duration"), [15, 30, 60])
        self.assertEqual(activities.mapped("duration"), [7, 31, 60])
        self.assertEqual(billed.billable_duration, 7)
        with self.assertRaisesRegex(UserError, "Nothing can be rounded"):
            self._open(billed, "action_round")

    # === COST ===#

    def test_what_is_ready_to_bill_is_said_shown_and_taken_back(self):
        activities = self._time(60) + self._time(30)
        self._time(60).on_hold = True
        matter = self.matter.with_user(self.lawyer)
        self.assertFalse(matter.approved_label)
        message = matter.action_approve()["params"]["message"].replace("\N{NO-BREAK SPACE}", " ")
        self.assertEqual(message, "Bon à facturer : 2 activités, 1 h 30, 300,00 €.")
        self.assertEqual((matter.approved_label, matter.is_all_approved), ("2 activités sur 2", True))
        self._time(15)
        self.assertEqual((matter.approved_label, matter.is_all_approved), ("2 activités sur 3", False))
        activities[0].with_user(self.lawyer).action_disapprove()
        self.assertEqual(activities.mapped("approved"), [False, True])
        matter.action_disapprove()
        self.assertEqual((activities.mapped("approved"), matter.approved_label), ([False, False], ""))
        with self.assertRaises(UserError):
            matter.action_disapprove()
        self.matter.member_ids = [Command.link(self.assistant.id)]
        matter.with_user(self.assistant).action_approve()
        self.assertEqual(activities.approved_by_id, self.assistant)
        message = activities.with_user(self.assistant).action_disapprove()["params"]["message"]
        self.assertNotIn("€", message, "she does not see amounts")

    def test_queries_do_not_grow_with_the_selection(self):
        other = self._matter("Elsewhere", self.lys)
        spec = {"matter_id": {"fields": {"display_name": {}}}, "amount": {}, "billing_state": {}}

        def save(**values):
            return lambda activities: activities.with_user(self.lawyer).web_save(values, spec)

        steps = {
            "round": lambda activities: self._open(activities, "action_round").action_round(),
            "merge": lambda activities: self._open(activities, "action_merge").action_merge(),
            "duplicate": lambda activities: activities.with_user(self.lawyer).copy(),
            "approve": lambda activities: activities.with_user(self.lawyer).action_approve(),
            "adjust": lambda activities: self._open(activities, "action_adjust").line_ids.mapped("problem"),
            "matter": save(matter_id=other.id),
            "category": save(type_id=self.hearing.id),
            "date": save(date="2026-10-13"),
            "client": save(partner_id=self.lys.id),
            "time": save(duration=12),
        }

        def count(step, number):
            values = {"matter_id": self.matter.id, "type_id": self.phone.id, "user_id": self.lawyer.id, "duration": 7}
            activities = self.env["timebill.activity"].create([dict(values) for _number in range(number)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            steps[step](activities)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        for step in steps:
            with self.subTest(step):
                count(step, 2)
                few = count(step, 4)
                self.assertLessEqual(count(step, 40), few + 3)
