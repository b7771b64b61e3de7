from odoo.addons.timebill_legal.tests.test_tours import ToursCase
from odoo.tests import tagged


class ExpenseJourney:
    """An expense of the assistant, which the lawyer approves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["hr.employee"].create(
            {"name": cls.assistant.name, "user_id": cls.assistant.id, "expense_manager_id": cls.lawyer.id}
        )
        cls.env["product.product"].create({"name": "Timbres", "can_be_expensed": True, "standard_price": 0})

    def test_expense(self):
        self._tour("timebill_expense", user=self.assistant)
        expense = self.env["hr.expense"].search([("employee_id", "=", self.assistant.employee_id.id)])
        self._tour("timebill_expense_approved", expense)
        activity = self._entered(self.abadie_matter)
        self.assertEqual(
            (activity.kind, activity.amount, activity.user_id, activity.receipt_ids.name),
            ("disbursement", 225, self.assistant, "recu.txt"),
        )


@tagged("post_install", "-at_install")
class TestExpenseToursWide(ExpenseJourney, ToursCase):
    browser_size = "1400x900"


@tagged("post_install", "-at_install")
class TestExpenseToursPhone(ExpenseJourney, ToursCase):
    browser_size = "390x844"
    touch_enabled = True
