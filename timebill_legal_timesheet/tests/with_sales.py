"""Beside Odoo's sales apps, which the bridge does not need: not collected unless it is named, see dev/checks.py."""

from odoo.addons.timebill_legal.tests.common import TimebillCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestSoldTimesheet(TimebillCommon):
    """The same hour is charged by a sales order or as an activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lawyer.group_ids = [Command.link(cls.env.ref("hr_timesheet.group_hr_timesheet_user").id)]
        cls.env["hr.employee"].create({"name": cls.lawyer.name, "user_id": cls.lawyer.id})
        cls.project = cls.matter.project_ids
        cls.project.write({"allow_timesheets": True, "allow_billable": True, "partner_id": cls.lys.id})
        hours = cls.env["product.product"].create(
            {"name": "Conseil", "type": "service", "service_policy": "delivered_timesheet", "list_price": 100}
        )
        cls.order = cls.env["sale.order"].create(
            {"partner_id": cls.lys.id, "order_line": [Command.create({"product_id": hours.id})]}
        )
        cls.order.action_confirm()

    def _timesheet(self):
        return self.env["account.analytic.line"].with_user(self.lawyer).create(
            {"name": "Conclusions", "project_id": self.project.id, "unit_amount": 1, "date": "2026-10-12"}
        )

    def test_sold(self):
        self.company.timebill_timesheet_auto = True
        self.project.sale_line_id = self.order.order_line
        line = self._timesheet()
        self.assertEqual(line.sudo().so_line, self.order.order_line)
        self.assertFalse(line.timebill_is_converted)
        with self.assertRaisesRegex(UserError, self.order.name), self.env.cr.savepoint():
            line.timebill_action_convert_to_activity()
        with self.assertRaisesRegex(UserError, self.order.name), self.env.cr.savepoint():
            line._timebill_convert()
        self.assertIn(self.order.name, line._timebill_sort_out_conversions()[1][line])
        line.sudo().so_line = False
        self.assertEqual(line._timebill_convert().duration, 60)

    def test_sold_later(self):
        """By its project: nobody asks the timesheet before its invoice."""
        line = self._timesheet()
        activity = line._timebill_convert()
        with self.assertRaisesRegex(UserError, activity.display_name), self.env.cr.savepoint():
            line.sudo().so_line = self.order.order_line
        self.project.sale_line_id = self.order.order_line
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, activity.display_name), self.env.cr.savepoint():
            self.order._create_invoices()
        self.assertEqual(line.timebill_activity_id.with_user(self.lawyer).action_open_source()["res_id"], line.id)
        activity.unlink()
        self.assertEqual(self.order._create_invoices().amount_untaxed, 100)

    def test_cancelled_order(self):
        self.project.sale_line_id = self.order.order_line
        line = self._timesheet()
        self.order._action_cancel()
        self.assertEqual(line._timebill_convert().duration, 60)
