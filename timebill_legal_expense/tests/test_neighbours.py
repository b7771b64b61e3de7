from odoo.addons.timebill_legal.tests.neighbours import NeighbourCase
from odoo.addons.timebill_legal.tests.overrides import OURS
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestNeighbours(NeighbourCase):
    """Who has none of our groups notices nothing of us in expenses without a matter."""

    def test_employee(self):
        self._play_models("base.group_user", f"{OURS}legal_expense")

    def test_manager_of_expenses(self):
        self._play_models("hr_expense.group_hr_expense_manager", f"{OURS}legal_expense")
