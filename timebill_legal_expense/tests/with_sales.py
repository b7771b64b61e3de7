"""Beside Odoo's sales apps, which the bridge does not need: not collected unless it is named, see dev/checks.py."""

from odoo.addons.timebill_legal.tests.common import TimebillCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestSoldCosts(TimebillCommon):
    """The same cost is charged by a sales order or as an activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.env["hr.employee"].create({"name": cls.lawyer.name, "user_id": cls.lawyer.id})
        cls.category = cls.env["product.product"].create(
            {
                "name": "Huissier",
                "type": "service",
                "can_be_expensed": True,
                "standard_price": 0,
                "expense_policy": "cost",
                "invoice_policy": "delivery",
                "taxes_id": False,
                "supplier_taxes_id": False,
            }
        )
        project = cls.matter.project_ids
        project.write({"allow_billable": True, "partner_id": cls.lys.id})
        cls.order = cls.env["sale.order"].create({"partner_id": cls.lys.id, "project_id": project.id})
        cls.order.action_confirm()

    def _expense(self, **values):
        expense = self.env["hr.expense"].create(
            {
                "name": "Signification",
                "employee_id": self.employee.id,
                "product_id": self.category.id,
                "total_amount_currency": 100,
                "date": "2026-10-12",
                "timebill_matter_id": self.matter.id,
                **values,
            }
        )
        expense.action_submit()
        expense._do_approve()
        return expense

    def _bill_line(self, product):
        """Line of a validated vendor bill, on the matter."""
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.dupont.id,
                "invoice_date": "2026-10-12",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Signification",
                            "product_id": product.id,
                            "price_unit": 100,
                            "tax_ids": False,
                            "analytic_distribution": {str(self.matter.analytic_account_id.id): 100},
                        }
                    )
                ],
            }
        )
        bill.action_post()
        return bill.invoice_line_ids.with_user(self.biller)

    def test_sold_expense(self):
        expense = self._expense(sale_order_id=self.order.id)
        self.assertEqual((expense.state, expense.timebill_matter_id), ("approved", self.matter))
        self.assertFalse(expense._timebill_get_source_activities_sudo())
        with self.assertRaisesRegex(UserError, self.order.name), self.env.cr.savepoint():
            expense.with_user(self.lawyer).timebill_action_convert_to_activity()
        expense._post_without_wizard()
        self.assertEqual(self.order.order_line.price_unit, 100)

    def test_expense_sold_later(self):
        """The order takes it over, or is refused when the client was billed."""
        expense = self._expense()
        self.assertEqual(expense._timebill_get_source_activities_sudo().amount, 100)
        expense.sale_order_id = self.order
        self.assertFalse(expense._timebill_get_source_activities_sudo())
        expense.sale_order_id = False
        activity = expense.with_user(self.lawyer)._timebill_convert()
        invoice = self._bill(activity, post=True)
        with self.assertRaisesRegex(UserError, invoice.name), self.env.cr.savepoint():
            expense.sale_order_id = self.order

    def test_sold_vendor_bill(self):
        line = self._bill_line(self.category)
        self.assertTrue(self.order.order_line.is_expense)
        with self.assertRaisesRegex(UserError, self.order.name), self.env.cr.savepoint():
            line.timebill_action_convert_to_activity()
        with self.assertRaisesRegex(UserError, self.order.name), self.env.cr.savepoint():
            line.move_id.timebill_action_recover_costs()

    def test_vendor_bill_sold_later(self):
        """Odoo looks for an order whenever the analytic distribution changes."""
        line = self._bill_line(self.env["product.product"])
        activity = line._timebill_convert()
        line = line.sudo()
        line.product_id = self.category
        with self.assertRaisesRegex(UserError, activity.display_name), self.env.cr.savepoint():
            line.analytic_distribution = {str(self.matter.analytic_account_id.id): 50}
        self.assertFalse(self.order.order_line)
