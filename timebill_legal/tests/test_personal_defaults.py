from odoo.fields import Command
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

    def test_annexes_are_closed(self):
        self._set_default(self.lawyer, "ir.attachment", "public", True)
        move = self._bill(self._time(), post=True)
        Send = self.env["account.move.send"].with_user(self.lawyer)
        annex = Send._timebill_create_annex_sudo(move.with_user(self.lawyer), self.matter)
        self.assertFalse(annex.public)

    def test_matters_have_their_own_account_and_project(self):
        self._set_default(self.lawyer, "project.project", "privacy_visibility", "portal")
        self._set_default(self.lawyer, "account.analytic.account", "code", "MINE")
        values = {"name": "New", "client_ids": [Command.create({"partner_id": self.lys.id})]}
        Matter = self.env["timebill.matter"].with_user(self.lawyer)
        matter = Matter.with_context(default_privacy_visibility="portal").create(values).sudo()
        self.assertNotEqual(matter.project_ids.privacy_visibility, "portal")
        self.assertFalse(matter.analytic_account_id.code)

    def test_timers_start_at_zero(self):
        self._set_default(self.lawyer, "timebill.timer", "description", "Mine")
        timer = self.env["timebill.timer"].with_user(self.lawyer)._create_timer_sudo({})
        self.assertFalse(timer.description)

    def test_defaults_for_all_users_still_apply(self):
        self.env["ir.default"].set("project.project", "allow_milestones", False)
        matter = self._matter("New", self.lys)
        self.assertFalse(matter.project_ids.allow_milestones)

    def test_an_activity_that_the_program_creates_is_not_approved(self):
        self._set_default(self.lawyer, "timebill.activity", "approved", True)
        values = {"matter_id": self.matter.id, "type_id": self.phone.id, "duration": 30, "description": "Call"}
        activity = self.env["timebill.activity"].with_user(self.lawyer).sudo().create(values)
        self.assertFalse(activity.approved)
        self.assertFalse(self.env["timebill.activity"].with_user(self.lawyer).create(values).approved)
