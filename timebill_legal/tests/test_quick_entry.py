from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .rpc import RpcCommon

NAMES = ("date", "matter_id", "partner_id", "user_id", "note")


@tagged("post_install", "-at_install")
class TestQuickEntry(RpcCommon):
    """What a line of the quick entry begins with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False
        cls.today = fields.Date.context_today(cls.lawyer)
        cls.yesterday = cls.today - timedelta(days=1)

    def _begin(self, user=None, **context):
        """Values of a new line, as the web client asks for them."""
        spec = {name: {"fields": {}} if name.endswith("_id") else {} for name in NAMES}
        values = self.rpc(
            user or self.lawyer,
            "timebill.activity",
            "onchange",
            [],
            {},
            [],
            spec,
            context={"default_kind": "time", "timebill_sticky": True, **context},
        )["value"]
        return {
            name: value["id"] if isinstance(value, dict) else value for name, value in values.items() if name in NAMES
        }

    def _enter(self, user=None, **values):
        defaults = {"matter_id": self.joint_matter.id, "type_id": self.phone.id, "duration": 30, "description": "Call"}
        return self.env["timebill.activity"].with_user(user or self.lawyer).create({**defaults, **values})

    def test_the_first_line_of_the_day_is_of_today(self):
        line = self._begin()
        self.assertEqual((line["date"], line["user_id"]), (self.today, self.lawyer.id))
        self.assertFalse(line["matter_id"])

    def test_what_was_converted_was_not_entered_by_hand(self):
        task = self.env["project.task"].create({"name": "Brief", "project_id": self.matter.project_ids.id})
        self._enter(source_model="project.task", source_id=task.id, date=self.yesterday)
        self.assertEqual(self._begin()["date"], self.today)

    def test_a_line_takes_over_date_matter_client_and_timekeeper(self):
        self._enter(self.assistant, date=self.yesterday, user_id=self.lawyer.id, partner_id=self.morel.id, note="x")
        self._enter(self.colleague)
        line = self._begin(self.assistant)
        self.assertEqual(
            line,
            {
                "date": self.yesterday,
                "matter_id": self.joint_matter.id,
                "partner_id": self.morel.id,
                "user_id": self.lawyer.id,
                "note": False,
            },
        )

    def test_what_was_entered_another_day_is_not_taken_over(self):
        activity = self._enter(date=self.yesterday)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE timebill_activity SET create_date = create_date - interval '1 day' WHERE id = %s", [activity.id]
        )
        line = self._begin()
        self.assertEqual(line["date"], self.today)
        self.assertFalse(line["matter_id"])

    def test_a_matter_that_takes_no_more_work_is_not_taken_over(self):
        self._enter(date=self.yesterday)
        self.joint_matter.action_close()
        line = self._begin()
        self.assertEqual(line["date"], self.yesterday)
        self.assertFalse(line["matter_id"])
        self.assertFalse(line["partner_id"])

    def test_a_matter_that_the_user_may_no_longer_read_is_not_taken_over(self):
        self._enter(self.colleague, matter_id=self.matter.id)
        self.matter.write({"confidential": True})
        self.matter.member_ids -= self.colleague
        self.assertFalse(self._begin(self.colleague)["matter_id"])

    def test_what_the_button_says_comes_first(self):
        self._enter()
        self.assertEqual(self._begin(default_matter_id=self.matter.id)["matter_id"], self.matter.id)

    def test_nothing_is_taken_over_elsewhere(self):
        self._enter(date=self.yesterday)
        self.assertFalse(self._begin(timebill_sticky=False)["matter_id"])
        created = self.env["timebill.activity"].with_user(self.lawyer).with_context(timebill_sticky=True).create(
            {"matter_id": self.matter.id, "type_id": self.phone.id, "duration": 6}
        )
        self.assertEqual(created.date, self.today, "sticky values are proposed, never written unseen")

    def test_usual_timekeeper(self):
        self.assertEqual(self._begin(self.assistant)["user_id"], self.assistant.id)
        self.rpc(self.assistant, "res.users", "write", self.assistant.ids, {"timebill_timekeeper_id": self.lawyer.id})
        self.assertEqual(self._begin(self.assistant)["user_id"], self.lawyer.id)
        self.assistant.timebill_timekeeper_ids = self.colleague
        self.assertEqual(self._begin(self.assistant)["user_id"], self.assistant.id, "she enters no more work of hers")

    def test_the_timekeeper_is_a_column_for_who_enters_work_of_others(self):
        self.assertFalse(self.colleague._timebill_enters_for_others())
        self.assertTrue(self.assistant._timebill_enters_for_others())
        self.assertTrue(self.biller._timebill_enters_for_others())
