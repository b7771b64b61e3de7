from lxml import etree
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestComposite(RpcCommon):
    """A category that logs several activities at once from the entry dialog."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False
        cls.view = cls.env.ref("timebill_legal.timebill_activity_view_form_dialog")
        cls.registry_fee = cls.env.ref("timebill_legal.activity_type_registry_fee")
        cls.hearing.part_ids = [
            Command.create({"component_id": cls.copies.id, "quantity": 20, "price": 0.6}),
            Command.create({"component_id": cls.stamp.id}),
            Command.create({"component_id": cls.phone.id}),
        ]

    def _enter(self, user=None, **values):
        Activity = self.env["timebill.activity"].with_user(user or self.lawyer).with_context(lang="en_US")
        with Form(Activity, self.view) as form:
            form.matter_id = self.matter
            form.user_id = self.lawyer
            form.date = "2026-10-12"
            form.type_id = self.hearing
            form.duration = 90
            self.label = form.parts_label
            for name, value in values.items():
                form[name] = value
        return self.env["timebill.activity"].search([("matter_id", "=", self.matter.id)], order="id")

    def test_the_dialog_says_what_it_logs_and_logs_it(self):
        activities = self._enter()
        self.assertRegex(
            self.label, r"^Copies 20 × 0.60\s€, Appeal stamp duty 1 × 225.00\s€, Phone call 15 min$"
        )
        self.assertEqual(activities.type_id, self.hearing + self.copies + self.stamp + self.phone)
        self.assertEqual(activities.mapped("amount"), [300, 12, 225, 50])
        self.assertEqual(activities.mapped("duration"), [90, 0, 0, 15])
        for name in ("partner_id", "user_id", "date", "create_uid"):
            self.assertEqual(len(set(activities.mapped(name))), 1, name)

    def test_the_parts_can_be_left_out(self):
        self.assertEqual(len(self._enter(with_parts=False)), 1)

    def test_a_line_of_the_quick_entry_logs_them_too(self):
        view = self.env.ref("timebill_legal.timebill_activity_view_list_quick")
        names = [node.get("name") for node in etree.fromstring(view.arch).iter("field")]
        values = {"kind": "time", "matter_id": self.matter.id, "type_id": self.hearing.id, "duration": 90}
        for with_parts, count in ((True, 4), (False, 5)):
            line = {**values, "with_parts": with_parts}
            self.assertLessEqual(set(line), set(names), "the list sends them")
            self.rpc(self.lawyer, "timebill.activity", "web_save", [], line, {})
            self.assertEqual(self.matter.activity_total, count)

    def test_what_does_not_ask_logs_no_parts(self):
        self._time(90, type_id=self.hearing.id)
        self.assertEqual(self.matter.activity_total, 1)

    def test_an_assistant_logs_them_without_seeing_the_prices(self):
        activities = self._enter(self.assistant)
        self.assertEqual(self.label, "Copies 20, Appeal stamp duty 1, Phone call 15 min")
        self.assertEqual(activities.mapped("amount"), [300, 12, 225, 50])

    def test_nothing_is_logged_when_a_part_cannot_be(self):
        self.hearing.part_ids[1].component_id = self.registry_fee
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._enter()
        self.assertFalse(self.env["timebill.activity"].search([("matter_id", "=", self.matter.id)]))

    def test_parts_are_simple_categories(self):
        for component in (self.hearing, self.env.ref("timebill_legal.activity_type_hearing_away")):
            with self.subTest(component.name), self.assertRaises(ValidationError):
                self.hearing.part_ids = [Command.create({"component_id": component.id})]
        with self.assertRaises(ValidationError):
            self.phone.part_ids = [Command.create({"component_id": self.copies.id})]
        with self.assertRaises(ValidationError):
            self.hearing.part_ids[0].quantity = -1
