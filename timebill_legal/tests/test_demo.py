from datetime import timedelta
from unittest import SkipTest

from odoo import fields
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """What a newcomer meets in the demonstration firm, whatever the day on which it was loaded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = [
            cls.env.ref(f"timebill_legal.demo_user_{login}", raise_if_not_found=False)
            for login in ("claire", "sophie", "hugo", "anne", "brigitte")
        ]
        if not all(users):
            raise SkipTest("without demonstration data")
        cls.users = cls.env["res.users"].union(*users)
        cls.claire, cls.sophie, cls.hugo, cls.anne, cls.brigitte = users

    def test_users_read_french_and_meet_no_robot(self):
        for user in self.users:
            self.assertEqual((user.lang, user.tz, user.odoobot_state), ("fr_FR", "Europe/Paris", "disabled"), user.name)

    def test_each_role_lands_on_its_page(self):
        actions = [self.env["timebill.activity"].with_user(user).action_open_home() for user in self.users]
        self.assertEqual(
            [action.get("tag") or action["res_model"] for action in actions],
            ["timebill.matter", *["timebill_my_day"] * 3, "timebill.to.bill"],
        )

    def test_a_lawyer_finds_meetings_to_enter(self):
        for user in self.sophie + self.anne:
            week = self.env["timebill.my.day"].with_user(user).get_week()
            self.assertEqual(week["person"], self.sophie.id)
            self.assertTrue(week["candidates"])

    def test_a_hearing_of_the_calendar_becomes_a_hearing(self):
        meetings = self.env["calendar.event"].with_user(self.hugo).search([("name", "=like", "Audience devant%")])
        type_ids = [values["type_id"] for values in meetings._timebill_prepare_conversions().values()]
        self.assertEqual(type_ids, self.env.ref("timebill_legal.activity_type_hearing").ids)

    def test_confidential_matter_is_for_its_two_lawyers(self):
        matter = self.env.ref("timebill_legal.demo_matter_helianthe")
        readers = self.users.filtered(lambda user: matter.with_user(user)._filtered_access("read"))
        self.assertEqual(readers, self.claire + self.sophie)

    def test_last_month_has_work_to_bill_with_an_anomaly(self):
        last_month = fields.Date.today().replace(day=1) - timedelta(days=1)
        to_bill = self.env["timebill.activity"].with_user(self.brigitte).search(
            [("billing_state", "=", "to_bill"), ("date", "<=", last_month)]
        )
        self.assertGreater(len(to_bill.matter_id), 5)
        self.assertTrue(to_bill.filtered("approved"))
        self.assertTrue(to_bill.filtered(lambda activity: not activity.partner_id), "common to the clients of a matter")
        self.assertEqual(
            to_bill.filtered(lambda activity: not activity.price_unit),
            self.env.ref("timebill_legal.demo_activity_no_price"),
        )
