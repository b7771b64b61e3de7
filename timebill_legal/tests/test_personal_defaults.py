from odoo.tests import tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestPersonalDefaults(TimebillCommon):
    """Users can have defaults for any field of any model; they never reach what the program creates under sudo."""

    def _set_default(self, user, model, name, value):
        self.env["ir.default"].with_user(user).set(model, name, value, user_id=True)

    def test_rows_of_the_ledger_have_no_defaults(self):
        other = self._bill(self._time())
        self._set_default(self.lawyer, "timebill.allocation", "move_line_id", other.invoice_line_ids[-1].id)
        self._set_default(self.lawyer, "timebill.allocation", "taken_over", True)
        activity = self._time()
        self.env["timebill.allocation"].with_user(self.lawyer)._adjust({activity: -10}, self._get_reason())
        row = activity.allocation_ids
        self.assertFalse(row.move_line_id)
        self.assertFalse(row.taken_over)

    def _get_reason(self):
        return self.env["timebill.reason"].search([], limit=1)

    def test_rows_find_their_line_whatever_defaults_lines_have(self):
        self._set_default(self.biller, "account.move.line", "timebill_key", "work-1")
        activity = self._time()
        move = self._bill(activity)
        self.assertEqual(activity.allocation_ids.move_line_id, move.invoice_line_ids.filtered("product_id"))

    def test_an_activity_that_the_program_creates_is_not_approved(self):
        self._set_default(self.lawyer, "timebill.activity", "approved", True)
        values = {"matter_id": self.matter.id, "type_id": self.phone.id, "duration": 30, "description": "Call"}
        activity = self.env["timebill.activity"].with_user(self.lawyer).sudo().create(values)
        self.assertFalse(activity.approved)
        self.assertFalse(self.env["timebill.activity"].with_user(self.lawyer).create(values).approved)
