"""Unit prices keep their decimals, only amounts are rounded; the line prints what it multiplies."""

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestPrices(TimebillCommon):
    def _price_of_copies(self, price):
        """The firm's rate list has this price for a unit of a category of expenses."""
        self.rate_list.rate_ids.filtered(lambda rate: rate.type_id == self.copies).unlink()
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


@tagged("post_install", "-at_install")
class TestZeroIsAPrice(TimebillCommon):
    """0 is a price like any other; there is none when no rate was found and nobody typed one."""

    def _free_matter(self):
        """A matter whose rate list has a price of 0 for everything."""
        matter = self._matter("Pro bono", self.lys)
        matter.rate_list_id = self.env["timebill.rate.list"].create(
            {"name": "Pro bono", "rate_ids": [Command.create({"price": 0})]}
        )
        return matter

    def assertPrice(self, activity, price, is_typed):
        self.assertEqual((activity.price_unit, activity.price_is_typed, activity.has_price), (price, is_typed, True))

    def test_work_at_a_rate_of_0_is_billed_and_no_longer_to_bill(self):
        for minutes, terms in ((120, (2, 0, 0)), (5, (1, 0, 0))):
            with self.subTest(minutes=minutes):
                activity = self._time(minutes, self._free_matter())
                self.assertPrice(activity, 0, False)
                self.assertEqual((activity.billing_state, activity.amount_to_bill), ("to_bill", 0))
                self.assertFalse(activity._get_billing_problem())
                move = self._bill(activity, post=True)
                line = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
                self.assertEqual((line.quantity, line.price_unit, line.price_subtotal), terms)
                self.assertEqual((activity.billing_state, activity.covered), ("billed", minutes))
                self._reverse(move).action_post()
                self.assertEqual((activity.billing_state, activity.covered), ("to_bill", 0))

    def test_a_part_of_a_service_at_a_price_of_0_is_billed(self):
        activity = self._cost(self.deed, 0, 2)
        bill = self._open_bill(activity)
        bill.line_ids.quantity = 1
        bill._create_invoices()
        self.assertEqual((activity.covered, activity.billing_state), (1, "to_bill"))

    def test_a_part_so_cheap_that_it_costs_0_is_billed(self):
        activity = self._cost(self.copies, 0.004, 3)
        bill = self._open_bill(activity)
        bill.line_ids.quantity = 1
        self.assertEqual(bill.line_ids.amount, 0)
        bill._create_invoices()
        self.assertEqual((activity.covered, activity.amount_billed, activity.amount_to_bill), (1, 0, 0.01))

    def test_a_typed_0_stays_when_anything_else_changes(self):
        self.hearing.default_price = 90
        for values in (
            {"date": "2026-10-01"},
            {"type_id": self.hearing.id},
            {"user_id": self.manager.id},
            {"matter_id": self._matter("Other", self.lys).id},
            {"partner_id": False},
        ):
            with self.subTest(values=values):
                activity = self._time(price_unit=0)
                self.assertPrice(activity, 0, True)
                activity.write(values)
                self.assertPrice(activity, 0, True)
        activity = self._time()
        activity.price_unit = 0
        self.company.timebill_rate_list_id = False
        activity.date = "2026-10-01"
        self.assertPrice(activity, 0, True)
        self.company.timebill_rate_list_id = self.rate_list
        activity.date = "2026-10-02"
        self.assertPrice(activity, 0, True)

    def test_a_typed_0_stays_in_an_open_form(self):
        Activity = self.env["timebill.activity"].with_user(self.lawyer).with_context(default_kind="time")
        with Form(Activity, "timebill_legal.timebill_activity_view_form_dialog") as form:
            form.matter_id = self.matter
            form.type_id = self.phone
            form.duration = 60
            self.assertEqual((form.price_unit, form.price_is_typed), (200, False))
            form.price_unit = 0
            form.date = "2026-10-02"
            form.type_id = self.hearing
            self.assertEqual((form.price_unit, form.price_is_typed), (0, True))
        activity = form.record
        self.assertPrice(activity, 0, True)
        self.assertNotEqual(activity.price_origin, self._time_without_price().price_origin)

    def test_the_price_of_the_rate_lists_is_not_typed_whoever_writes_it(self):
        activity = self._time(price_unit=200)
        self.assertPrice(activity, 200, False)
        activity.price_unit = 175
        self.assertPrice(activity, 175, True)
        activity.price_unit = 200
        self.assertPrice(activity, 200, False)
        activity.user_id = self.manager
        self.assertPrice(activity, 250, False)

    def test_an_emptied_price_is_that_of_the_rate_lists(self):
        activity = self._time(price_unit=175)
        activity.write({"price_unit": False})
        self.assertPrice(activity, 200, False)
        spec = {"price_unit": {}, "price_is_typed": {}, "rate_price": {}, "rate_level": {}}
        activity.price_unit = 175
        values = {"price_unit": False, "price_is_typed": True, "rate_price": 200, "rate_level": "firm"}
        result = activity.onchange(values, ["price_unit"], spec)["value"]
        self.assertEqual((result["price_unit"], result["price_is_typed"]), (200, False))
        # Of a new activity, as the web client sends it.
        spec |= {name: {} for name in ("matter_id", "kind", "type_id", "user_id", "date", "has_price", "price_origin")}
        values |= {
            "matter_id": self.matter.id,
            "kind": "time",
            "type_id": self.phone.id,
            "user_id": self.lawyer.id,
            "date": "2026-10-12",
            "has_price": True,
            "price_origin": "",
        }
        result = self.env["timebill.activity"].with_user(self.lawyer).onchange(values, ["price_unit"], spec)["value"]
        self.assertEqual((result["price_unit"], result["price_is_typed"]), (200, False))
        self.assertIn(self.rate_list.name, result["price_origin"])

    def test_without_a_rate_0_is_a_price_only_when_it_is_typed(self):
        activity = self._time_without_price()
        self.assertEqual((activity.price_unit, activity.price_is_typed), (0, False))
        self.assertTrue(activity._get_billing_problem())
        self.assertTrue(activity._get_adjustment_problem("write_down"))
        self.env.flush_all()
        listed = self.env["timebill.to.bill"].search([("matter_id", "=", self.matter.id)])
        self.assertEqual(listed.anomaly_count, 1)
        parts = activity._split([{"duration": 30}, {"duration": 30}])
        self.assertEqual(parts.mapped("has_price"), [False, True], "the copy is priced as of today")
        activity.price_unit = 0
        self.assertPrice(activity, 0, True)
        self.assertFalse(activity._get_billing_problem())
        self.env.flush_all()
        listed.invalidate_recordset()
        self.assertFalse(listed.anomaly_count)

    def test_work_without_a_price_has_nothing_to_keep_on_another_matter(self):
        work, typed = self._time_without_price(), self._time(price_unit=0)
        (work + typed)._transfer_to(self._matter("Other", self.lys), keep_prices=True)
        self.assertPrice(work, 200, False)
        self.assertPrice(typed, 0, True)

    def test_the_price_that_is_kept_on_another_matter_stays_from_then_on(self):
        activity = self._time()
        activity._transfer_to(self._free_matter(), keep_prices=True)
        self.assertPrice(activity, 200, True)
        activity.date = "2026-10-01"
        self.assertPrice(activity, 200, True)

    def test_an_assistant_who_types_no_cost_types_no_price(self):
        self.copies.default_price = 0
        Activity = self.env["timebill.activity"].with_user(self.assistant)
        values = {
            "matter_id": self.matter.id,
            "kind": "expense",
            "type_id": self.copies.id,
            "user_id": self.lawyer.id,
            "quantity": 3,
        }
        with self.assertRaises(ValidationError):
            Activity.create({**values, "unit_cost": 0})
        self.assertPrice(Activity.create({**values, "unit_cost": 0.125}).sudo(), 0.125, True)


@tagged("post_install", "-at_install")
class TestPriceLimits(TimebillCommon):
    """Slips of the keyboard are found in any currency, and ordinary prices are none of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.currency.rate"].search([]).unlink()

    def _hour(self, code, rate):
        """An hour at ``rate`` on a matter in the currency ``code``."""
        currency = self.env.ref(f"base.{code}")
        currency.active = True
        matter = self._matter(f"In {code}", self.lys, currency_id=currency.id)
        return self._time(matter=matter, price_unit=rate)

    def _rate(self, code, units):
        self.env["res.currency.rate"].create(
            {"currency_id": self.env.ref(f"base.{code}").id, "name": "2026-01-01", "rate": units, "company_id": False}
        )

    def test_ordinary_hourly_rates_of_any_currency(self):
        for code, rate, units in (
            ("JPY", 20_000, 162),
            ("XPF", 24_000, 119.33),
            ("XOF", 131_000, 655.957),
            ("VND", 5_000_000, 27_500),
            ("IDR", 3_000_000, 17_600),
            ("USD", 500, 1.1),
        ):
            with self.subTest(code=code):
                self.assertEqual(self._hour(code, rate).price_unit, rate)
                self._rate(code, units)
                self.assertEqual(self._hour(code, rate).price_unit, rate)

    def test_a_slip_is_found_at_the_rate_of_exchange(self):
        self._rate("JPY", 162)
        with self.assertRaisesRegex(ValidationError, "supérieur à ¥.2.000.000 "):
            self._hour("JPY", 20_000_000)
        self.assertEqual(self._hour("JPY", 2_000_000).price_unit, 2_000_000)

    def test_a_company_in_a_currency_of_its_own(self):
        self._rate("EUR", 0.00152449)
        company = self.env["res.company"].create({"name": "Dakar", "currency_id": self.env.ref("base.XOF").id})
        limit = self.env.ref("base.XOF")._timebill_get_price_limit(10_000, company)
        self.assertEqual(limit, 7_000_000)
        self.assertEqual(self.env.ref("base.EUR")._timebill_get_price_limit(10_000, company), 10_000)

    def test_the_limit_is_told_in_the_currency(self):
        with self.assertRaisesRegex(ValidationError, "supérieur à 100.000.000.€"):
            self._cost(self.copies, 200_000_000)
        with self.assertRaisesRegex(ValidationError, "supérieur à 10.000.€"):
            self._time(price_unit=10_001)


@tagged("post_install", "-at_install")
class TestPriceOfAnotherKind(TimebillCommon):
    """A rate never becomes a cost, which assistants see and type, nor a cost a rate."""

    def _write(self, activity, **values):
        activity.with_user(self.assistant).write(values)
        self.env.flush_all()

    def test_a_cost_is_no_rate(self):
        activity = self._time()
        self._write(activity, kind="expense", type_id=self.copies.id, quantity=1, unit_cost=3)
        self.assertEqual((activity.unit_cost, activity.price_is_typed), (3, True))
        self._write(activity, kind="time", type_id=self.phone.id, duration=60)
        self.assertEqual((activity.price_unit, activity.price_is_typed), (200, False))

    def test_a_typed_rate_is_not_read_as_a_cost(self):
        activity = self._time(price_unit=345)
        form = {"kind": "expense", "type_id": self.copies.id}
        shown = activity.with_user(self.assistant).onchange(form, ["kind"], {"unit_cost": {}})["value"]
        self.assertNotIn(345, shown.values())
        new = {"matter_id": self.matter.id, "user_id": self.lawyer.id, "kind": "expense", "type_id": self.phone.id}
        shown = self.env["timebill.activity"].with_user(self.assistant).onchange(
            {**new, "is_cost": True}, ["matter_id"], {"unit_cost": {}}
        )["value"]
        self.assertNotIn(200, shown.values())

    def test_windows_show_all_decimals(self):
        for model in ("timebill.activity", "timebill.bill.line", "timebill.rate", "timebill.activity.type"):
            for name, field in self.env[model]._fields.items():
                if field.type == "float" and "price" in name:
                    self.assertEqual(field._min_display_digits, "Product Price", f"{model}.{name}")
