import ast
import inspect
import re
from pathlib import Path

from odoo.addons.timebill_legal.tests.common import TimebillCommon
from odoo.tests import TransactionCase, tagged

ADDON = Path(__file__).resolve().parent.parent
ARCHITECTURE = ADDON.parent.parent / "docs" / "architecture.md"


@tagged("post_install", "-at_install")
class TestExtension(TimebillCommon):
    """What another add-on brings is billed through the window and through stored choices, as our own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train = cls.env["timebill.activity.type"].create({"name": "Train", "kind": "travel"})
        cls.joint_work = cls._time(30, matter=cls.joint_matter, partner_id=cls.lys.id)

    def _layout(self, move):
        """The invoice as it reads: titles, and what each line multiplies."""
        return [
            line.name if line.display_type != "product" else (line.quantity, line.price_unit)
            for line in move.invoice_line_ids
        ]

    def _work(self):
        """Two days of fees and a journey."""
        return self._time(60) + self._time(30, date="2026-10-14") + self._cost(self.train, 80, 2)

    def test_the_window_bills_it(self):
        bill = self._open_bill(self._work() + self.joint_work)
        self.assertEqual((bill.invoice_count, bill.amount_untaxed), (2, 200 + 100 + 15 + 160 + 100 + 5))
        moves = bill._create_invoices().sorted("amount_untaxed")
        self.assertEqual(moves.mapped("amount_untaxed"), [105, 475])
        expected = ["Honoraires", (1, 200), (0.5, 200), (1, 15), "Travel", (2, 80)]
        self.assertEqual(self._layout(moves[1]), expected)
        self.assertEqual(moves[1].timebill_allocation_ids.mapped("billed"), [200, 100, 160])
        moves.action_post()
        self.assertEqual(self.joint_work.billing_state, "billed")

    def test_stored_choices_bill_it(self):
        work = self._work()
        choices = (
            self.env["timebill.billing.choice"]
            .with_user(self.biller)
            .create([{"activity_id": activity.id, "is_apart": activity.kind == "travel"} for activity in work])
        )
        results = self.env["timebill.billing"].with_user(self.biller)._create_invoices(choices)
        self.assertEqual([(result.move.amount_untaxed, result.problems) for result in results], [(315, []), (160, [])])
        self.assertEqual(set(work.mapped("billing_state")), {"draft"})

    def test_the_kind_is_entered_and_credited_as_any_other(self):
        activity = self._cost(self.train, 80)
        self.assertEqual((activity.amount, activity.is_timed, activity.is_cost), (80, False, False))
        move = self._bill(activity, post=True)
        line = activity.allocation_ids.move_line_id
        self.assertEqual((line.account_id.code, line.tax_ids.amount), ("706000", 20))
        self._reverse(move).action_post()
        self.assertEqual(activity.billing_state, "to_bill")


class TestOfTheExtension(TransactionCase):
    """It is a fair example: short, and only by what is promised to stay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = (ADDON / "models.py").read_text()
        section = re.search(r"^## Billing API$(.*?)(?=^## |\Z)", ARCHITECTURE.read_text(), re.M | re.S).group(1)
        cls.hooks = dict(re.findall(r"^\| `(_\w+)\(.*?\)` \| `([\w.]+)`", section, re.M))

    def test_it_has_sixty_lines_at_most(self):
        lines = sum(len(path.read_text().splitlines()) for path in (ADDON / "__init__.py", ADDON / "models.py"))
        self.assertLessEqual(lines, 60)

    def test_it_overrides_and_calls_documented_hooks_only(self):
        self.assertGreater(len(self.hooks), 10)
        tree = ast.parse(self.source)
        for model in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            name = next(
                node.value.value
                for node in model.body
                if isinstance(node, ast.Assign) and node.targets[0].id == "_inherit"
            )
            for method in (node for node in model.body if isinstance(node, ast.FunctionDef)):
                self.assertEqual(self.hooks.get(method.name), name, method.name)
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr.startswith("_")}
        self.assertLessEqual(used, set(self.hooks))

    def test_every_documented_hook_exists_and_says_what_it_returns(self):
        for hook, model in self.hooks.items():
            method = getattr(self.env[model], hook)
            self.assertTrue(inspect.getdoc(method), hook)
