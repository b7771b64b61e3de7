"""A typed billable time of 0 is a decision: the work is not billable, and on no invoice."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestBillableTimeOfZero(RpcCommon):
    def assertNotBillable(self, activity):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((activity.duration, activity.billable_duration), (265, 0))
        self.assertEqual((activity.billing_state, activity.amount, activity.amount_to_bill), ("not_billable", 0, 0))
        with self.assertRaises(UserError):
            self._bill(activity)
        self.assertFalse(activity.allocation_ids)

    def _values(self, **values):
        return {
            "matter_id": self.matter.id,
            "kind": "time",
            "type_id": self.phone.id,
            "user_id": self.lawyer.id,
            "date": "2026-10-12",
            "duration": 265,
            "billable_duration": 0,
            **values,
        }

    def test_by_rpc_one_or_several(self):
        for count in (1, 2):
            ids = self.rpc(self.lawyer, "timebill.activity", "create", [self._values() for _ in range(count)])
            for activity in self.env["timebill.activity"].browse(ids):
                self.assertNotBillable(activity)

    def test_under_a_rounding_rule(self):
        for scope in ("entry", "day"):
            rule = self.env["timebill.rounding"].create({"name": scope, "scope": scope, "increment": 15})
            self.company.timebill_rounding_id = rule
            ids = self.rpc(self.lawyer, "timebill.activity", "create", [self._values(), self._values(duration=265)])
            for activity in self.env["timebill.activity"].browse(ids):
                self.assertNotBillable(activity)
            self.rpc(self.lawyer, "timebill.activity", "create", [self._values(duration=7, billable_duration=7)])
            self.assertNotBillable(self.env["timebill.activity"].browse(ids[0]))

    def test_in_the_dialog(self):
        Activity = self.env["timebill.activity"].with_user(self.lawyer).with_context(default_kind="time")
        with Form(Activity, "timebill_legal.timebill_activity_view_form_dialog") as form:
            form.matter_id = self.matter
            form.type_id = self.phone
            form.duration = 265
            form.billable_duration = 0
            form.description = "Appel"
            form.date = "2026-10-02"
        self.assertNotBillable(form.record)

    def test_a_copy_and_a_change(self):
        activity = self.env["timebill.activity"].create(self._values())
        copy = activity.with_user(self.lawyer).copy()
        self.assertNotBillable(copy)
        changed = self._time(265)
        self.rpc(self.lawyer, "timebill.activity", "write", changed.ids, {"billable_duration": 0})
        self.assertNotBillable(changed)
        changed.write({"date": "2026-10-01", "type_id": self.hearing.id})
        self.assertNotBillable(changed)
