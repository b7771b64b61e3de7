from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.account.models.account_move import AccountMove
from odoo.addons.account.models.account_move_line import AccountMoveLine
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..models.timebill_billing import BillingLine
from ..models.timebill_billing_choice import TimebillBillingChoiceMixin
from ..models.timebill_billing_line import TimebillBilling
from ..models.timebill_kind import Section, TimebillKind
from .rpc import RpcCommon

REFUSAL = "Nothing is billed to Jeanne Morel"


class BillingApiCase(RpcCommon):
    @property
    def _billing(self):
        return self.env["timebill.billing"].with_user(self.biller)

    def _store(self, activities, **values):
        """Stored choices of the billing person."""
        return (
            self.env["timebill.billing.choice"]
            .with_user(self.biller)
            .create([{"activity_id": activity.id, **values} for activity in activities])
        )

    def _product_lines(self, moves):
        return moves.invoice_line_ids.filtered(lambda line: line.display_type == "product")

    @contextmanager
    def _hook(self, model_class, name, extend):
        """Extend a hook as an add-on would: ``extend(super, record, *arguments)``."""
        origin = getattr(model_class, name)
        with patch.object(model_class, name, lambda record, *args: extend(origin, record, *args)):
            yield


@tagged("post_install", "-at_install")
class TestChoices(BillingApiCase):
    """What is decided about an activity is an ordinary record."""

    def test_a_choice_proposes_who_pays_and_guesses_nobody(self):
        own, common = self._time(), self._time(matter=self.joint_matter)
        of_morel = self._time(matter=self.joint_matter, partner_id=self.morel.id)
        choices = self._store(own + common + of_morel)
        self.assertEqual(
            [choice.payer_id for choice in choices], [self.lys, self.env["res.partner"], self.morel]
        )

    def test_stored_choices_bill_what_they_say(self):
        whole, part, revised = self._time(60), self._time(120), self._time(30)
        fee = self._cost(self.deed, 1000)
        reason = self.env.ref("timebill_legal.reason_goodwill")
        choices = (
            self._store(whole)
            + self._store(part, quantity=30)
            + self._store(revised, is_revised=True, revised_amount=0, reason_id=reason.id, note="Friend")
            + self._store(fee, quantity=0.333333, amount=333.33)
        )
        move = self._billing._create_all_invoices(choices)
        self.assertEqual(
            {row.activity_id: (row.coverage, row.billed) for row in move.timebill_allocation_ids},
            {whole: (60, 200), part: (30, 100), revised: (30, 0), fee: (0.333333, 333.33)},
        )
        self.assertEqual((part.amount_to_bill, fee.amount_to_bill), (300, 666.67))
        row = revised.allocation_ids
        self.assertEqual((row.note, row.move_line_id.timebill_reason_id), ("Friend", reason))
        self.assertEqual(choices.move_id, move)

    def test_a_line_of_several_choices_has_the_reason_of_the_one_that_is_revised(self):
        activity = self._time(120)
        reason = self.env.ref("timebill_legal.reason_goodwill")
        self.env["timebill.allocation"].with_user(self.biller)._adjust({activity.with_user(self.biller): -100}, reason)
        choices = self._store(activity, quantity=60) + self._store(
            activity, is_revised=True, revised_amount=50, reason_id=reason.id
        )
        move = self._billing._create_all_invoices(choices)
        self.assertEqual(self._product_lines(move).timebill_reason_id, reason)
        move.action_post()

    def test_a_choice_is_billed_once_and_again_when_its_draft_is_deleted(self):
        choice = self._store(self._time(120), quantity=30)
        move = self._billing._create_all_invoices(choice)
        (again,) = self._billing._create_invoices(choice)
        self.assertFalse(again.move)
        self.assertIn(choice.activity_id.display_name, again.problems[0])
        move.unlink()
        self.assertEqual(self._billing._create_all_invoices(choice).amount_untaxed, 100)

    def test_choices_are_billed_by_a_scheduled_action_of_the_billing_person(self):
        activities = self._time() + self._time(matter=self.joint_matter, partner_id=self.morel.id)
        self._store(activities)
        cron = self.env["ir.cron"].create(
            {
                "name": "Bill what was chosen",
                "model_id": self.env.ref("timebill_legal.model_timebill_billing_choice").id,
                "state": "code",
                "code": "env['timebill.billing']._create_invoices(model.search([('move_id', '=', False)]))",
                "user_id": self.biller.id,
            }
        )
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(activities.mapped("billing_state"), ["draft", "draft"])
        self.assertEqual(activities.allocation_ids.move_id.create_uid, self.biller)

    def test_amounts_of_stored_choices_are_not_negative(self):
        for name in ("quantity", "amount", "revised_amount"):
            with self.subTest(name), mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
                self._store(self._time(), **{name: -1})

    def test_clients_share_an_activity_one_after_the_other(self):
        common = self._time(50, matter=self.joint_matter)  # 166.67
        halves = self._store(common, payer_id=self.lys.id, quantity=25) + self._store(common, payer_id=self.morel.id)
        moves = self._billing._create_all_invoices(halves)
        self.assertEqual([move.partner_id for move in moves], [self.lys, self.morel])
        self.assertEqual(moves.mapped("amount_untaxed"), [83.34, 83.33])
        self.assertEqual(common.billing_state, "draft")

    def test_no_more_than_the_whole_is_shared(self):
        common = self._time(50, matter=self.joint_matter)
        choices = self._store(common, payer_id=self.lys.id) + self._store(common, payer_id=self.morel.id, quantity=1)
        first, second = self._billing._create_invoices(choices)
        self.assertEqual((first.move.partner_id, first.problems), (self.lys, []))
        self.assertFalse(second.move)
        self.assertIn(common.display_name, second.problems[0])
        self.assertEqual(self._in_english(common).covered, 50)

    def test_a_part_of_time_is_whole_minutes_at_its_price(self):
        work = self._time()
        for values, problem in (
            ({"quantity": 0.3}, "minutes entières"),
            ({"quantity": 1e-6}, "minutes entières"),
            ({"quantity": 59, "amount": 0.01}, "ne correspond pas"),
        ):
            with self.subTest(values):
                (result,) = self._billing._create_invoices(self._store(work, **values))
                self.assertIn(problem, result.problems[0])
        self.assertFalse(work.allocation_ids)

    def test_users_write_neither_the_invoice_nor_the_company_of_a_choice(self):
        choice, move = self._store(self._time()), self._bill(self._time())
        for values in ({"move_id": move.id}, {"company_id": self.company.id}):
            for method, arguments in (
                ("write", [choice.ids, values]),
                ("create", [{"activity_id": choice.activity_id.id, **values}]),
            ):
                with self.subTest(method, values=values), self.assertRaises(AccessError):
                    self.rpc(self.biller, "timebill.billing.choice", method, *arguments)

    # Rights: those of the activity, and billing people only.

    def test_only_billing_people_have_choices(self):
        choice, values = self._store(self._time()), {"activity_id": self._time().id}
        for user in (self.lawyer, self.assistant, self.accountant):
            with self.subTest(user.login):
                for method, arguments in (
                    ("create", [values]),
                    ("read", [choice.ids, ["payer_id"]]),
                    ("write", [choice.ids, {"quantity": 5}]),
                    ("unlink", [choice.ids]),
                ):
                    with self.assertRaises(AccessError):
                        self.rpc(user, "timebill.billing.choice", method, *arguments)
                with self.assertRaises(AccessError):
                    self._billing.with_user(user)._create_invoices(choice.with_user(user))
        with self.assertRaises(AccessError):
            self.rpc(self.biller, "timebill.billing", "_create_invoices", choice.ids)

    def test_choices_of_a_confidential_matter_are_for_its_team(self):
        secret = self._time(matter=self.secret_matter)
        choice = self.env["timebill.billing.choice"].create({"activity_id": secret.id})
        Choice = "timebill.billing.choice"
        self.assertEqual(self.rpc(self.biller, Choice, "search", []), [])
        for method, arguments in (
            ("create", [{"activity_id": secret.id}]),
            ("read", [choice.ids, ["payer_id"]]),
            ("onchange", [{"activity_id": secret.id}, ["activity_id"], {"activity_id": {}, "payer_id": {}}]),
            ("write", [self._store(self._time()).ids, {"activity_id": secret.id}]),
        ):
            args = [[], *arguments] if method == "onchange" else arguments
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(self.biller, Choice, method, *args)
        with self.assertRaises(AccessError):
            self._billing._create_invoices(self._choose(secret.with_user(self.biller)))
        self.secret_matter.member_ids += self.biller
        self.assertIn(choice.id, self.rpc(self.biller, Choice, "search", []))

    def test_choices_of_another_company_are_not_seen(self):
        choice = self._store(self._time())
        other = self.env["res.company"].create({"name": "Second firm"})
        self.manager.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertEqual(self.rpc(self.manager, "timebill.billing.choice", "search", []), [])
        with self.assertRaises(AccessError):
            self.rpc(self.manager, "timebill.billing.choice", "read", choice.ids, ["quantity"])


@tagged("post_install", "-at_install")
class TestResults(BillingApiCase):
    """An invoice is made whole or not at all, whatever becomes of the others."""

    def _two_invoices(self):
        """An activity of each client."""
        return self._time(), self._time(matter=self.joint_matter, partner_id=self.morel.id)

    def test_an_invoice_with_a_problem_leaves_the_others_alone(self):
        good, bad = self._two_invoices()
        also_bad = self._time(30, matter=self.joint_matter, partner_id=self.morel.id)
        self.joint_matter.client_ids.filtered(lambda client: client.partner_id == self.morel).inactive = True
        of_lys, of_morel = self._billing._create_invoices(self._choose((good + bad + also_bad).with_user(self.biller)))
        self.assertEqual((of_lys.move.timebill_allocation_ids.activity_id, of_lys.problems), (good, []))
        self.assertEqual((of_morel.move, len(of_morel.problems)), (self.env["account.move"], 2))
        for activity, problem in zip(bad + also_bad, of_morel.problems, strict=True):
            self.assertIn(activity.display_name, problem)
        self.assertFalse((bad + also_bad).allocation_ids)

    def test_all_or_none_names_every_problem_and_makes_nothing(self):
        good, bad = self._two_invoices()
        free = self._time(price_unit=0)
        self.company.timebill_rate_list_id = False
        unpriced = self._time()
        self.joint_matter.client_ids.filtered(lambda client: client.partner_id == self.morel).inactive = True
        choices = self._choose((good + bad + free + unpriced).with_user(self.biller))
        with self.assertRaises(UserError) as refusal:
            self._billing._create_all_invoices(choices)
        for activity in (bad, unpriced):
            self.assertIn(activity.display_name, str(refusal.exception))
        self.assertFalse((good + bad).allocation_ids)

    def test_what_odoo_refuses_is_a_problem_of_its_own_invoice(self):
        good, bad = self._two_invoices()
        create = AccountMove.create

        def refuse(moves, vals_list):
            created = create(moves, vals_list)
            if self.morel in created.partner_id:
                raise UserError(REFUSAL)
            return created

        refuse._api_model = True
        choices = self._store(good + bad)
        with patch.object(AccountMove, "create", refuse):
            of_lys, of_morel = self._billing._create_invoices(choices)
        self.assertEqual(of_lys.move.timebill_allocation_ids.activity_id, good)
        self.assertFalse(of_morel.move)
        self.assertEqual(of_morel.problems, [REFUSAL])
        self.assertEqual((good.billing_state, bad.billing_state), ("draft", "to_bill"))
        self.assertFalse(self.env["account.move"].search([("partner_id", "=", self.morel.id)]))
        self.assertEqual([choice.move_id for choice in choices], [of_lys.move, self.env["account.move"]])

    def test_what_an_add_on_refuses_is_a_problem_of_its_own_invoice(self):
        good, bad = self._two_invoices()

        def refuse(origin, billing, group):
            if group.payer == self.morel:
                raise UserError(REFUSAL)
            return origin(billing, group)

        with self._hook(TimebillBilling, "_prepare_extra_lines", refuse):
            of_lys, of_morel = self._billing._create_invoices(self._store(good + bad))
        self.assertEqual((of_lys.move.partner_id, of_morel.problems), (self.lys, [REFUSAL]))
        self.assertFalse(bad.allocation_ids)

    def test_who_may_not_invoice_is_told_so_and_not_once_for_each_invoice(self):
        activity = self._time().with_user(self.lawyer)
        with self.assertRaises(AccessError):
            self._billing.with_user(self.lawyer)._create_invoices(self._choose(activity))

    def test_nothing_chosen_makes_nothing(self):
        self.assertEqual(self._billing._create_invoices(self.env["timebill.billing.choice"]), [])

    def test_the_preview_is_what_is_created(self):
        choices = self._store(self._time(50) + self._cost(self.copies, 0.697, 150) + self._cost(self.stamp, 225))
        (preview,) = self._billing._preview_invoices(choices)
        self.assertFalse(choices.activity_id.allocation_ids)
        move = self._billing._create_all_invoices(choices)
        self.assertEqual((preview.amount_untaxed, preview.amount_tax), (move.amount_untaxed, move.amount_tax))
        self.assertEqual(
            [(line.values["quantity"], line.values["price_unit"]) for line in preview.lines],
            [(line.quantity, line.price_unit) for line in self._product_lines(move)],
        )


@tagged("post_install", "-at_install")
class TestLinesAndRows(BillingApiCase):
    """Rows find their line by its key, whatever others do to the lines of an invoice."""

    def test_lines_that_others_add_get_no_rows_and_shift_none(self):
        create = AccountMoveLine.create

        def add_lines(lines, vals_list):
            moves = {vals["move_id"]: vals for vals in vals_list if vals.get("timebill_key")}
            added = [{"move_id": move, "name": "Added", "sequence": 0, "price_unit": 1} for move in moves]
            for number, vals in enumerate(reversed(vals_list)):
                vals["sequence"] = number
            return create(lines, added + vals_list)

        add_lines._api_model = True
        activities = self._time(60) + self._cost(self.copies, 0.2, 50) + self._cost(self.stamp, 225)
        with patch.object(AccountMoveLine, "create", add_lines):
            move = self._billing._create_all_invoices(self._store(activities))
        self.assertIn("Added", move.invoice_line_ids.mapped("name"))
        for activity in activities:
            line = activity.allocation_ids.move_line_id
            self.assertEqual(line.product_id, activity.type_id.product_id)
            self.assertEqual(activity.allocation_ids.billed, line.price_subtotal)

    def test_a_line_that_is_lost_is_no_work_given_away(self):
        create = AccountMoveLine.create

        def lose_lines(lines, vals_list):
            return create(lines, [{**vals, "timebill_key": False} for vals in vals_list])

        lose_lines._api_model = True
        with patch.object(AccountMoveLine, "create", lose_lines), self.assertRaises(ValueError):
            self._billing._create_all_invoices(self._store(self._time()))

    def test_a_copy_of_a_line_has_no_key(self):
        move = self._billing._create_all_invoices(self._store(self._time()))
        self.assertTrue(self._product_lines(move).timebill_key)
        self.assertFalse(any(move.copy().invoice_line_ids.mapped("timebill_key")))

    # Groupings.

    def test_one_invoice_for_each_matter(self):
        activities = self._time() + self._time(30, matter=self.joint_matter, partner_id=self.lys.id)

        def extend(origin, choice):
            return {**origin(choice), "matter_id": choice.activity_id.matter_id}

        with self._hook(TimebillBillingChoiceMixin, "_get_invoice_grouping_values", extend):
            self.assertEqual(self._open_bill(activities).invoice_count, 2)
            moves = self._billing._create_all_invoices(self._store(activities))
        self.assertEqual(moves.mapped("amount_untaxed"), [200, 100])
        self.assertEqual([move.timebill_allocation_ids.activity_id for move in moves], list(activities))

    def test_one_line_for_each_day(self):
        days = [self._time(60, date=f"2026-10-{day}") for day in (14, 12, 14)]
        activities = self.env["timebill.activity"].union(*days)

        def group(origin, choice, part):
            return {**origin(choice, part), "date": choice.activity_id.date}

        def order(origin, choice, part):
            return (choice.activity_id.date, *origin(choice, part))

        with (
            self._hook(TimebillBillingChoiceMixin, "_get_line_grouping_values", group),
            self._hook(TimebillBillingChoiceMixin, "_get_line_order", order),
        ):
            lines = self._product_lines(self._billing._create_all_invoices(self._store(activities)))
        self.assertEqual(lines.sorted("sequence").mapped("quantity"), [1, 2])
        self.assertEqual(lines[1].timebill_allocation_ids.activity_id, days[0] + days[2])

    def test_one_line_for_all_bills_each_matter_and_prints_one_amount(self):
        """Where nothing else is asked for, taxes and accounts alone keep work apart."""
        activities = (
            self._time(20)
            + self._time(30, type_id=self.hearing.id, price_unit=250)
            + self._time(40, matter=self.joint_matter, partner_id=self.lys.id)
            + self._cost(self.stamp, 225)
        )
        with self._hook(TimebillBillingChoiceMixin, "_get_line_grouping_values", lambda *_args: {}):
            move = self._billing._create_all_invoices(self._store(activities))
        fees, stamp = self._product_lines(move)
        self.assertEqual((fees.quantity, fees.price_unit, stamp.price_unit), (1, 325, 225))
        self.assertEqual(len(move.invoice_line_ids), 2)
        self.assertIn("1 h 30", fees.name)
        accounts = [str(matter.analytic_account_id.id) for matter in self.matter + self.joint_matter]
        self.assertEqual(fees.analytic_distribution, {accounts[0]: 58.98, accounts[1]: 41.02})
        # Taken off one by one, the line still bills the rest.
        activities[1].with_user(self.biller).action_take_off_draft()
        self.assertEqual((fees.quantity, fees.price_unit), (1, 200))
        self.assertEqual(sum(fees.timebill_allocation_ids.mapped("billed")), 200)

    def test_sections_are_added_and_ordered(self):
        def sections(origin, kinds):
            return [Section("first", "First of all", "Detail of the first"), *origin(kinds)]

        def section(origin, choice):
            return "first" if choice.activity_id.kind == "expense" else origin(choice)

        activities = self._time() + self._cost(self.copies, 0.2, 50)
        with (
            self._hook(TimebillKind, "_get_sections", sections),
            self._hook(TimebillBillingChoiceMixin, "_get_section", section),
        ):
            move = self._billing._create_all_invoices(self._store(activities))
        self.assertEqual(move.invoice_line_ids.sorted("sequence")[0].name, "First of all")
        self.assertEqual(self._product_lines(move).sorted("sequence")[0].price_subtotal, 10)


@tagged("post_install", "-at_install")
class TestExtraLines(BillingApiCase):
    """Lines that bill no work are prepared, computed and shown as those that do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vat = cls.company.timebill_time_tax_id

    def _extra(self, key="extra", price=100.0, quantity=-1.0, **values):
        return BillingLine(
            key,
            {
                "name": "Deduction",
                "product_id": self.phone.product_id.id,
                "quantity": quantity,
                "price_unit": price,
                "tax_ids": [Command.set(self.vat.ids)],
                **values,
            },
            section="fees",
        )

    @contextmanager
    def _extra_lines(self, *lines):
        with self._hook(TimebillBilling, "_prepare_extra_lines", lambda origin, *args: origin(*args) + list(lines)):
            yield

    def test_a_deduction_counts_in_the_window_the_preview_and_the_invoice(self):
        with self._extra_lines(self._extra()):
            bill = self._open_bill(self._time(60) + self._cost(self.stamp, 225))
            self.assertEqual((bill.amount_untaxed, bill.amount_tax, bill.amount_total), (325, 20, 345))
            move = bill._create_invoices()
        self.assertEqual((move.amount_untaxed, move.amount_tax), (325, 20))
        lines = self._product_lines(move).sorted("sequence")
        self.assertEqual(lines.mapped("price_subtotal"), [200, -100, 225])
        self.assertEqual((lines[1].balance, lines[1].timebill_key), (100, "extra"))
        self.assertFalse(lines[1].sudo().timebill_row_ids)

    def test_an_extra_line_may_have_rows_of_its_own(self):
        fee = self._cost(self.deed, 1000)
        extra = self._extra(key="fee", price=400, quantity=1)
        extra.rows = [
            {
                "activity_id": fee.id,
                "client_id": self.lys.id,
                **fee._prepare_part_values(0.4),
                "agreed_amount": 400,
            }
        ]
        with self._extra_lines(extra):
            move = self._billing._create_all_invoices(self._store(self._time(60)))
        self.assertEqual((move.amount_untaxed, fee.amount_billed, fee.amount_to_bill), (600, 400, 600))

    def test_the_tax_of_an_extra_line_is_exact(self):
        """Four retainers of 10.02 with a VAT of 2.00 each, not of 8.02 together (19.98 would be left of 20.00)."""
        extra_tax_data = {
            "currency_id": self.company.currency_id.id,
            "price_unit": 10.02,
            "discount": 0.0,
            "quantity": -1.0,
            "rate": 1.0,
            "manual_tax_amounts": {
                str(self.vat.id): {
                    "tax_amount_currency": -2.0,
                    "tax_amount": -2.0,
                    "base_amount_currency": -10.02,
                    "base_amount": -10.02,
                }
            },
        }
        extras = [self._extra(f"retainer-{number}", 10.02, extra_tax_data=extra_tax_data) for number in range(4)]
        with self._extra_lines(*extras):
            choices = self._store(self._time(30))
            (preview,) = self._billing._preview_invoices(choices)
            move = self._billing._create_all_invoices(choices)
        self.assertEqual((preview.amount_untaxed, preview.amount_tax), (59.92, 12))
        self.assertEqual((move.amount_untaxed, move.amount_tax), (59.92, 12))
        move.action_post()
        self.assertEqual(move.amount_tax, 12)

    def test_more_is_never_deducted_than_the_invoice_bills(self):
        with self._extra_lines(self._extra(price=300)):
            (result,) = self._billing._create_invoices(self._store(self._time(60)))
        self.assertFalse(result.move)
        self.assertIn(self.lys.display_name, result.problems[0])

    def test_two_lines_have_two_keys(self):
        with self._extra_lines(self._extra("twice"), self._extra("twice")), self.assertRaises(ValueError):
            self._billing._create_all_invoices(self._store(self._time(120)))
