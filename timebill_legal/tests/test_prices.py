"""Unit prices keep their decimals, only amounts are rounded; the line prints what it multiplies."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestPrices(TimebillCommon):
    def _price_of_copies(self, price):
        """The firm's rate list has this price for a unit of a category of expenses."""
        self.rate_list.rate_ids = [Command.create({"price": price, "type_id": self.copies.id})]

    def _line(self, *activities):
        """The only line that bills these activities."""
        move = self._bill(self.env["timebill.activity"].union(*activities))
        line = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        self.assertEqual(len(line), 1)
        return line

    def assertPrints(self, line, quantity, price, amount):
        self.assertEqual((line.quantity, line.price_unit, line.price_subtotal), (quantity, price, amount))

    def test_an_amount_is_that_of_the_price_with_all_its_decimals(self):
        for quantity, price, amount in (
            (1000, 0.636, 636.00),
            (150, 0.697, 104.55),
            (100, 0.606, 60.60),
            (240, 0.125, 30.00),
        ):
            with self.subTest(price=price):
                self._price_of_copies(price)
                activity = self._cost(self.copies, price, quantity)
                self.assertEqual((activity.price_unit, activity.rate_price, activity.amount), (price, price, amount))
                self.assertPrints(self._line(activity), quantity, price, amount)

    def test_the_default_price_of_a_category_is_kept_as_typed(self):
        self.copies.default_price = 0.125
        self.env.invalidate_all()
        self.assertEqual(self.copies.default_price, 0.125)
        activity = self.env["timebill.activity"].create(
            {"matter_id": self.matter.id, "kind": "expense", "type_id": self.copies.id, "quantity": 240}
        )
        self.env.invalidate_all()
        self.assertEqual((activity.price_unit, activity.amount, activity.unit_cost), (0.125, 30.00, 0.125))

    def test_an_invoice_of_hours_kilometres_and_disbursements(self):
        activities = (
            self._time(390, price_unit=250)
            + self._cost(self.copies, 0.697, 150)
            + self._cost(self.stamp, 225)
            + self._cost(self.stamp, 13)
            + self._cost(self.stamp, 74.18)
        )
        move = self._bill(activities, post=True)
        lines = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        self.assertEqual(move.amount_total, 2387.64)
        self.assertEqual(
            sorted(lines.mapped(lambda line: (line.quantity, line.price_unit, line.price_subtotal))),
            [(1, 13, 13), (1, 74.18, 74.18), (1, 225, 225), (6.5, 250, 1625), (150, 0.697, 104.55)],
        )
        self.assertEqual(sum(activities.mapped("amount_billed")), move.amount_untaxed)

    def test_a_product_that_would_have_to_be_rounded_is_printed_as_one_amount(self):
        self.assertPrints(self._line(self._cost(self.copies, 0.697, 3)), 1, 2.09, 2.09)

    def test_prices_that_are_the_same_are_billed_together_whatever_made_them(self):
        activities = self._cost(self.copies, 0.1 + 0.2, 10), self._cost(self.copies, 0.3, 10)
        self.assertPrints(self._line(*activities), 20, 0.3, 6)

    def test_a_tax_that_is_included_in_the_price(self):
        tax = self.copies.product_id.taxes_id.filtered(lambda tax: tax.company_id == self.company)
        included = tax.copy({"name": "Included", "price_include_override": "tax_included"})
        self.copies.product_id.taxes_id = included
        self.assertPrints(self._line(self._cost(self.copies, 0.697, 150)), 150, 0.8364, 104.55)
        self.assertPrints(self._line(self._cost(self.copies, 0.697, 151)), 1, 126.3, 105.25)
