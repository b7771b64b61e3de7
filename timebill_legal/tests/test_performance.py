from unittest.mock import patch

from odoo.addons.account.models.account_move_line import AccountMoveLine
from odoo.fields import Command
from odoo.tests import tagged

from ..models.timebill_billing_amounts import TimebillBilling
from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestPerformance(TimebillCommon):
    """What costs one query must not cost one for each record."""

    def _count_queries(self, action):
        """Result of ``action`` and the number of queries that it took, from a cold cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        with patch("random.random", return_value=1):  # Odoo collects garbage now and then
            result = action()
            self.env.flush_all()
        return result, self.cr.sql_log_count - before

    def _create_work(self, count, **values):
        return self.env["timebill.activity"].with_user(self.lawyer).create(
            [
                {
                    "matter_id": self.matter.id,
                    "type_id": self.phone.id,
                    "date": "2026-10-12",
                    "duration": 15 + 15 * (number % 8),
                    "description": f"Call {number}",
                    **values,
                }
                for number in range(count)
            ]
        ).with_user(self.biller)

    def _make_invoice(self, activities, revised=False):
        choices = self._choose(activities.with_user(self.biller))
        if revised:
            for choice in choices:
                choice.is_revised, choice.revised_amount = True, choice.activity_id.amount_to_bill - 1
        return self.env["timebill.billing"].with_user(self.biller)._create_all_invoices(choices)

    def _warm_up(self):
        """Fill the caches that outlive a request.

        :return: a posted invoice
        """
        move = self._make_invoice(self._create_work(2), revised=True)
        move.action_post()
        return move

    def assertFlat(self, what, few, many, allowed):
        """The ``many`` queries for more records are at most ``allowed`` more than the ``few`` for less."""
        self.assertLessEqual(many, few + allowed, what)

    def test_a_thousand_activities_cost_the_queries_of_a_hundred(self):
        """Odoo inserts 100 rows and reads 1,000 at a time: hence a few more, and no more."""
        costs = {}
        self._warm_up()
        for count in (100, 1000):
            activities, costs["create", count] = self._count_queries(lambda count=count: self._create_work(count))
            move, costs["bill", count] = self._count_queries(lambda work=activities: self._make_invoice(work))
            _none, costs["post", count] = self._count_queries(move.action_post)
            self.assertEqual(set(activities.mapped("billing_state")), {"billed"})
            self.assertEqual(len(move.invoice_line_ids), 2)
        for step, allowed in (("create", 25), ("bill", 20), ("post", 5)):
            self.assertFlat(step, costs[step, 100], costs[step, 1000], allowed)
        for step, bound in (("create", 30), ("bill", 120), ("post", 90)):
            self.assertLessEqual(costs[step, 100], bound, step)

    def test_the_worst_case_of_a_line_for_each_activity(self):
        """Each activity is revised: nothing is grouped. Odoo itself takes a query a line to post analytic lines."""
        costs = {}
        self._warm_up()
        for count in (10, 30):
            activities = self._create_work(count)
            move, costs["bill", count] = self._count_queries(
                lambda work=activities: self._make_invoice(work, revised=True)
            )
            self.assertEqual(len(move.invoice_line_ids), count + 1)
            _none, costs["post", count] = self._count_queries(move.action_post)
        self.assertFlat("bill one by one", costs["bill", 10], costs["bill", 30], 10)
        self.assertFlat("post one by one", costs["post", 10], costs["post", 30], 20 + 10)

    def test_a_credit_note_of_many_lines(self):
        """Odoo copies the lines one by one and writes their analytic lines; the ledger adds nothing to it."""
        costs = {}
        self._warm_up()._reverse_moves().action_post()
        for count in (5, 25):
            move = self._make_invoice(self._create_work(count), revised=True)
            move.action_post()
            credit, costs["reverse", count] = self._count_queries(move._reverse_moves)
            _none, costs["post", count] = self._count_queries(credit.action_post)
            self.assertEqual(set(move.timebill_allocation_ids.activity_id.mapped("billing_state")), {"to_bill"})
        self.assertFlat("reverse", costs["reverse", 5], costs["reverse", 25], 20 + 10)
        self.assertFlat("post a credit note", costs["post", 5], costs["post", 25], 20 + 10)

    def _create_priced_work(self, count, prices):
        return self.env["timebill.activity"].create(
            [
                {
                    "matter_id": self.matter.id,
                    "type_id": self.phone.id,
                    "date": "2026-10-12",
                    "duration": 30,
                    "price_unit": 100 + number % prices,
                }
                for number in range(count)
            ]
        )

    def _count_life(self, move):
        """Queries of each step in the life of an invoice that is posted, credited, and in the end deleted."""
        costs = {}
        _none, costs["post"] = self._count_queries(move.action_post)
        credit, costs["reverse"] = self._count_queries(move._reverse_moves)
        _none, costs["post credit note"] = self._count_queries(credit.action_post)
        _none, costs["reset credit note"] = self._count_queries(credit.button_draft)
        _none, costs["delete credit note"] = self._count_queries(credit.with_context(force_delete=True).unlink)
        _none, costs["reset"] = self._count_queries(move.button_draft)
        _none, costs["delete"] = self._count_queries(move.with_context(force_delete=True).unlink)
        return costs

    def test_the_life_of_an_invoice_of_a_thousand_activities_against_the_same_invoice_without_any(self):
        """Odoo writes 100 rows in a query: three tables of ours change at most, hence three for each hundred."""
        self._warm_up()._reverse_moves().action_post()
        move = self._make_invoice(self._create_priced_work(1000, prices=40)).sudo()
        plain = move.copy()
        self.assertEqual((len(move.invoice_line_ids), len(plain.invoice_line_ids)), (41, 41))
        self.assertEqual((move.timebill_row_count, plain.timebill_row_count), (1000, 0))
        without = self._count_life(plain)
        with_rows = self._count_life(move)
        for step, count in with_rows.items():
            self.assertFlat(f"{step}: {with_rows} against {without}", without[step], count, 20 + 3 * 10)

    def _open_reversal(self, move):
        window = (
            self.env["account.move.reversal"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=move.ids)
        )
        line = {
            name: {} for name in ("label", "billed", "credited", "left", "amount", "included", "given_back")
        }
        spec = {
            "move_ids": {},
            "journal_id": {},
            "company_id": {},
            "date": {},
            "timebill_everything": {},
            "timebill_line_ids": {"fields": {**line, "claim_id": {"fields": {}}, "origin_line_id": {"fields": {}}}},
        }
        values = window.onchange({}, [], spec)["value"]
        lines = [
            Command.create(
                {
                    "claim_id": line["claim_id"]["id"],
                    "origin_line_id": line["origin_line_id"]["id"],
                    "included": bool(number),
                    "amount": line["amount"],
                }
            )
            for number, (_create, _id, line) in enumerate(values["timebill_line_ids"])
        ]
        return lambda: window.create({"journal_id": move.journal_id.id, "timebill_line_ids": lines}).refund_moves()

    def test_the_window_of_a_credit_note(self):
        """Opened on many activities, and reversed but for one of them."""
        costs = {}
        self._open_reversal(self._warm_up())()
        for count in (30, 300):
            move = self._make_invoice(self._create_work(count))
            move.action_post()
            reverse, costs["open", count] = self._count_queries(lambda move=move: self._open_reversal(move))
            _none, costs["reverse", count] = self._count_queries(reverse)
            credit = move.reversal_move_ids
            self.assertEqual(len(credit.timebill_allocation_ids), count - 1)
            action, costs["choose", count] = self._count_queries(
                credit.with_user(self.biller).timebill_action_choose_activities
            )
            window = self.env["timebill.credit"].with_user(self.biller).browse(action["res_id"])
            window.line_ids[1:].included = True
            for line in window.line_ids[1:]:
                line.amount = line.left
            _none, costs["save", count] = self._count_queries(window.action_save)
        for step, allowed in (("open", 5), ("reverse", 25), ("choose", 25), ("save", 25)):
            self.assertFlat(f"{step} {costs}", costs[step, 30], costs[step, 300], allowed)

    # The amounts that lines are created with spare Odoo its writes, and are what it would compute.

    def _journal_items(self, move):
        names = ("name", "quantity", "price_unit", "price_subtotal", "price_total", "balance", "amount_currency")
        return sorted(
            (
                line.account_id.code or line.display_type,
                *(str(line[name]) for name in names),
                line.tax_ids.ids,
                line.tax_tag_ids.ids,
                line.tax_line_id.id,
                str(line.date_maturity),
                str(line.analytic_distribution),
            )
            for line in move.line_ids
        )

    def _assert_hints_change_nothing(self, activities, common_values=None):
        """Same invoice with and without the amounts that it is created with, which spare Odoo its writes.

        :return: number of queries with and without
        """
        write = AccountMoveLine.write

        def make():
            written = []

            def spy(lines, vals):
                if not {"amount_currency", "balance", "tax_tag_ids"}.isdisjoint(vals):
                    written.extend(lines.filtered(lambda line: line.display_type == "product"))
                return write(lines, vals)

            with patch.object(AccountMoveLine, "write", spy):
                move, cost = self._count_queries(
                    lambda: self.env["timebill.billing"]._create_all_invoices(self._choose(activities), common_values)
                )
            items = self._journal_items(move)
            move.unlink()
            return items, len(written), cost

        make()  # fills the caches that outlive a request
        hinted, writes_hinted, cost_hinted = make()
        with patch.object(TimebillBilling, "_add_expected_amounts"):
            plain, writes_plain, cost_plain = make()
        self.assertEqual(hinted, plain)
        self.assertEqual(writes_hinted, 0)
        self.assertGreaterEqual(writes_plain, 2 * len(activities))
        return cost_hinted, cost_plain

    def _mixed_work(self, matter):
        prices = {"price_unit": 133.33}
        return (
            self._time(20, matter=matter, **prices)
            + self._time(25, matter=matter, type_id=self.hearing.id, **prices)
            + self._cost(self.copies, 0.33, 7, matter=matter)
            + self._cost(self.deed, 10.01, 7, matter=matter)
            + self._cost(self.stamp, 225, matter=matter)
        )

    def _many_rates(self, count):
        """Activities of which no two share a line."""
        activities = self._create_work(count)
        for number, activity in enumerate(activities, start=1):
            activity.price_unit = 100 + number
        return activities

    def test_expected_amounts_are_those_of_odoo(self):
        self._assert_hints_change_nothing(self._mixed_work(self.matter))

    def test_expected_amounts_are_those_of_odoo_with_taxes_due_on_invoice(self):
        """Their tags, which taxes due on payment do not have, cost Odoo a query a line."""
        vat = self.company.timebill_time_tax_id.copy({"tax_exigibility": "on_invoice", "name": "VAT on invoice"})
        for activity_type in (self.phone, self.hearing, self.copies, self.deed):
            activity_type.product_id.taxes_id = vat
        activities = self._mixed_work(self.matter) + self._many_rates(20)
        cost_hinted, cost_plain = self._assert_hints_change_nothing(activities)
        self.assertLess(cost_hinted, cost_plain - 15)

    def test_expected_amounts_are_those_of_odoo_in_another_currency(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create(
            [
                {"currency_id": dollar.id, "name": "2026-01-01", "rate": 1.0837},
                {"currency_id": dollar.id, "name": "2026-09-01", "rate": 1.1713},
            ]
        )
        matter = self._matter("Dollars", self.lys, currency_id=dollar.id)
        activities = self._mixed_work(matter)
        self._assert_hints_change_nothing(activities)
        # On the rate of its own date.
        self._assert_hints_change_nothing(activities, {"invoice_date": "2026-03-31"})

    def test_expected_amounts_are_those_of_odoo_for_a_client_abroad(self):
        self.lys.country_id = self.env.ref("base.us")
        self._assert_hints_change_nothing(self._mixed_work(self.matter))

    # Pages.

    def _read_page(self, records, view):
        """What the web client asks for a page of a list."""
        arch_fields = self.env[records._name].with_user(self.biller).get_views([(self.env.ref(view).id, "list")])
        names = arch_fields["models"][records._name]["fields"]
        specification = {
            name: {"fields": {"display_name": {}}} if description["type"] in ("many2one", "many2many") else {}
            for name, description in names.items()
            if description["type"] != "one2many"
        }
        return records.with_user(self.biller).web_read(specification)

    def _assert_page_is_flat(self, records, view):
        self._read_page(records, view)
        _page, few = self._count_queries(lambda: self._read_page(records[:8], view))
        page, many = self._count_queries(lambda: self._read_page(records, view))
        self.assertEqual(len(page), len(records))
        self.assertFlat(view, few, many, 2)

    def test_a_page_of_activities(self):
        activities = self._create_work(80)
        self._make_invoice(activities[::2])
        self._assert_page_is_flat(activities, "timebill_legal.timebill_activity_view_list")

    def test_a_page_of_matters_and_one_of_their_invoices(self):
        self.company.timebill_matter_project = False
        clients = self.env["res.partner"].create([{"name": f"Client {number}"} for number in range(24)])
        matters = self.env["timebill.matter"].create(
            [{"name": client.name, "client_ids": [Command.create({"partner_id": client.id})]} for client in clients]
        )
        activities = self.env["timebill.activity"].create(
            [
                {"matter_id": matter.id, "type_id": self.phone.id, "duration": minutes, "description": "Call"}
                for matter in matters
                for minutes in (30, 60)
            ]
        )
        invoices = self._make_invoice(activities[::2])
        self._assert_page_is_flat(matters, "timebill_legal.timebill_matter_view_list")
        self._assert_page_is_flat(activities, "timebill_legal.timebill_activity_view_list")
        self._assert_page_is_flat(invoices, "account.view_out_invoice_tree")
