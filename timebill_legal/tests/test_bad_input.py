from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..wizard import timebill_bill
from .rpc import RpcCommon


class BadInputCommon(RpcCommon):
    def _count(self):
        """Everything that a refused input must leave as it was."""
        self.env.flush_all()
        return {
            model: self.env[model].search_count([])
            for model in ("timebill.activity", "timebill.allocation", "account.move", "account.move.line")
        }


@tagged("post_install", "-at_install")
class TestBadActivity(BadInputCommon):
    def _values(self, **values):
        return {"matter_id": self.matter.id, "kind": "time", "type_id": self.phone.id, "duration": 6, **values}

    def _cost_values(self, activity_type, **values):
        return self._values(
            kind=activity_type.kind, type_id=activity_type.id, duration=0, quantity=1, price_unit=10, **values
        )

    def assertNotCreated(self, text, values, user=None, error=UserError):
        before = self._count()
        self.assertRefused(error, text, user or self.lawyer, "timebill.activity", "create", [values])
        self.assertEqual(self._count(), before)

    def assertNotWritten(self, text, activity, values, user=None):
        before = activity.copy_data(), activity.date, activity.price_unit
        self.assertRefused(UserError, text, user or self.lawyer, "timebill.activity", "write", activity.ids, values)
        self.assertEqual((activity.copy_data(), activity.date, activity.price_unit), before)

    def test_a_matter_is_needed(self):
        for matter in (False, None):
            self.assertNotCreated("Choose a matter", self._values(matter_id=matter))
        self.assertNotWritten("Choose a matter", self._time(), {"matter_id": False})
        view = "timebill_legal.timebill_activity_view_form_dialog"
        form = Form(self._in_english(self.env["timebill.activity"]).with_context(default_kind="time"), view)
        form.duration = 6
        with self.assertRaises(AssertionError):  # the form itself asks for it
            form.save()

    def test_a_duration_lies_between_nothing_and_a_day(self):
        activity = self._time()
        for minutes, text in (
            (0, "must be greater than zero"),
            (-6, "must be greater than zero"),
            (25 * 60, "25 h 00 is too long"),
            (2**31 - 1, "too long"),
        ):
            self.assertNotCreated(text, self._values(duration=minutes, description="x"))
            self.assertNotWritten(text, activity, {"duration": minutes})
        self.assertNotCreated("cannot be negative", self._values(billable_duration=-1))
        self.assertNotCreated("24 h 01 is too long", self._values(billable_duration=24 * 60 + 1))

    def test_quantities_and_prices(self):
        activity = self._cost(self.copies, 10)
        nan, infinity = float("nan"), float("inf")
        for name, value, text in (
            ("quantity", -1, "quantity must be greater than zero"),
            ("quantity", 2_000_000, "is not accepted"),
            ("quantity", infinity, "is not accepted"),
            ("price_unit", -1, "price cannot be negative"),
            ("price_unit", 2e8, "is not accepted"),
            ("price_unit", nan, "is not accepted"),
        ):
            with self.subTest(name=name, value=value):
                self.assertNotCreated(text, {**self._cost_values(self.copies), name: value})
                self.assertNotWritten(text, activity, {name: value})
        self.assertNotWritten("quantity must be greater than zero", activity, {"quantity": 0})
        self.assertNotWritten("quantity must be greater than zero", activity, {"quantity": 0.0000001})
        hour = self._time()
        for value, text in ((-1, "cannot be negative"), (10_001, "is not accepted"), (nan, "is not accepted")):
            self.assertNotCreated(text, self._values(price_unit=value))
            self.assertNotWritten(text, hour, {"price_unit": value})

    def test_a_billable_cost_without_a_price_is_refused_and_a_price_of_nothing_is_not(self):
        values = self._cost_values(self.copies)
        self.copies.default_price = 0
        del values["price_unit"]
        for empty in ({}, {"price_unit": False}, {"price_unit": 0, "price_is_typed": False}):  # the last one by a form
            self.assertNotCreated("needs a price", {**values, **empty})
        self.assertNotWritten("needs a price", self._cost(self.copies, 10), {"price_unit": False})
        work = self.rpc(self.lawyer, "timebill.activity", "create", [{**values, "price_unit": 0}])
        activity = self.env["timebill.activity"].browse(work)
        self.assertEqual((activity.price_unit, activity.has_price, activity.billing_state), (0, True, "to_bill"))

    def test_all_problems_are_told_at_once(self):
        with self.assertRaises(ValidationError) as caught:
            self.rpc(
                self.lawyer,
                "timebill.activity",
                "create",
                [self._values(duration=-6, billable_duration=-1, price_unit=-1)],
            )
        for text in ("must be greater than zero", "billable time cannot be negative", "rate cannot be negative"):
            self.assertIn(text, str(caught.exception))

    def test_a_free_cost_is_not_billable(self):
        work = self.rpc(
            self.lawyer,
            "timebill.activity",
            "create",
            [{**self._cost_values(self.copies), "price_unit": 0, "billable": False}],
        )
        self.assertEqual(self.env["timebill.activity"].browse(work).billing_state, "not_billable")

    def test_a_client_of_the_matter(self):
        self.assertNotCreated("Dupont SA is not a client of the matter", self._values(partner_id=self.dupont.id))
        self.assertNotWritten("is not a client of the matter", self._time(), {"partner_id": self.dupont.id})

    def test_a_closed_matter_is_for_billing_people(self):
        own = self._time(matter=self.joint_matter)
        self.matter.action_close()
        self.assertNotCreated(f"The matter {self.matter.display_name} is closed", self._values())
        self.assertNotCreated("is closed", self._values(user_id=self.lawyer.id), self.assistant)
        self.assertNotWritten("is closed", own, {"matter_id": self.matter.id})
        for user in (self.biller, self.manager):
            self.assertTrue(self.rpc(user, "timebill.activity", "create", [self._values(user_id=user.id)]))

    def test_internal_work_is_not_billable(self):
        self.assertNotCreated(
            "its work is never billed", self._values(matter_id=self.internal_matter.id, billable=True)
        )
        work = self.rpc(self.lawyer, "timebill.activity", "create", [self._values(matter_id=self.internal_matter.id)])
        self.assertNotWritten(
            "its work is never billed", self.env["timebill.activity"].browse(work), {"billable": True}
        )

    def test_the_category_is_of_the_kind(self):
        self.assertNotCreated("is not of the kind", self._values(type_id=self.stamp.id))

    def test_unknown_kinds_are_refused(self):
        self.assertRefused(
            UserError,
            "“bribe” is not a kind of activity",
            self.lawyer,
            "timebill.matter",
            "timebill_action_new_activity",
            self.matter.ids,
            context={"timebill_kind": "bribe"},
        )

    def test_a_task_of_the_matter(self):
        task = self.env["project.task"].create({"name": "Brief", "project_id": self.joint_matter.project_ids.id})
        self.assertNotCreated("does not belong to the matter", self._values(task_id=task.id))
        self.assertNotWritten("does not belong to the matter", self._time(), {"task_id": task.id})
        self._time(matter=self.joint_matter, task_id=task.id)

    def test_what_is_billed_stays_as_it_was_billed(self):
        activity = self._time()
        self._bill(activity)
        for values in (
            {"billable_duration": 30},
            {"price_unit": 1},
            {"description": "Other"},
            {"date": "2026-01-01"},
            {"billable": False},
            {"matter_id": self.joint_matter.id},
            {"kind": "service"},
        ):
            self.assertNotWritten("cannot be changed here", activity, values)
        self.assertRefused(UserError, "cannot be deleted", self.lawyer, "timebill.activity", "unlink", activity.ids)
        # The time that was really worked may be corrected; the client's is what the invoice says.
        self.rpc(self.lawyer, "timebill.activity", "write", activity.ids, {"duration": 90})
        self.assertEqual((activity.duration, activity.billable_duration, activity.billing_state), (90, 60, "draft"))

    def test_a_negative_rate_is_refused(self):
        self.assertRefused(
            Exception,
            "cannot be negative",
            self.manager,
            "timebill.activity.type",
            "write",
            self.phone.ids,
            {"default_price": -1},
        )


@tagged("post_install", "-at_install")
class TestBadBilling(BadInputCommon):
    """What cannot be billed is refused by name; there is no invoice, no row, and the work is still to bill."""

    def assertNotBilled(self, text, bill, user=None, method="action_save", error=UserError):
        activities = bill.line_ids.activity_id
        before, states = self._count(), activities.mapped("billing_state")
        self.assertRefused(error, text, user or self.biller, "timebill.bill", method, bill.ids)
        self.assertEqual(self._count(), before)
        self.assertEqual(activities.mapped("billing_state"), states)

    def _sabotage(self, bill, values):
        bill.line_ids.sudo().write(values)
        return bill

    def test_nothing_to_bill(self):
        self._bill(self._time())
        before = self._count()
        self.assertRefused(
            UserError,
            "There is nothing to bill here. Left out: already on a draft invoice.",
            self.biller,
            "timebill.matter",
            "action_bill",
            self.matter.ids,
        )
        internal = self._time(matter=self.internal_matter)
        self.assertRefused(UserError, "internal matter", self.biller, "timebill.activity", "action_bill", internal.ids)
        self.assertEqual(self._count()["account.move"], before["account.move"])

    def test_only_the_latest_work_says_why_nothing_is_to_bill(self):
        works = self._time(10) + self._time(20) + self._time(30)
        self._bill(works)
        asked = []
        Activity = self.env.registry["timebill.activity"]
        with (
            patch.object(timebill_bill, "REASONS_OF", 2),
            patch.object(Activity, "_get_billing_problem", lambda activity: asked.append(activity) or "billed"),
            self.assertRaisesRegex(UserError, "billed"),
        ):
            works.with_user(self.biller).action_bill()
        self.assertEqual(len(asked), 2)

    def test_nothing_ticked(self):
        bill = self._open_bill(self._time())
        bill.line_ids.included = False
        self.assertNotBilled("Select at least one activity", bill)

    def test_amounts(self):
        self.assertNotBilled(
            "cannot be negative", self._sabotage(self._open_bill(self._time()), {"revised_amount": -1})
        )
        self.assertNotBilled(
            "billed at its exact cost",
            self._sabotage(self._open_bill(self._cost(self.stamp, 225)), {"revised_amount": 230}),
        )
        self.assertNotBilled(
            "billed at its exact cost",
            self._sabotage(self._open_bill(self._cost(self.stamp, 225)), {"revised_amount": 0}),
        )

    def test_work_without_price_is_left_out_and_says_so(self):
        free = self._time_without_price()
        bill = self._open_bill(free + self._time())
        line = bill.line_ids.filtered(lambda line: line.activity_id == free)
        self.assertEqual((line.with_context(lang="en_US").problem and True, line.included), (True, False))
        self.assertFalse(free.price_unit)
        # Ticked by force, it is still left out.
        line.sudo().write({"included": True, "problem": False})
        self.assertNotBilled("no price", bill)

    def test_a_payer_for_common_work(self):
        bill = self._open_bill(self._time(matter=self.joint_matter))
        self.assertNotBilled("choose who pays this common activity", bill)
        self.assertNotBilled("Dupont SA is not a client of", self._sabotage(bill, {"payer_id": self.dupont.id}))
        own = self._open_bill(self._time(matter=self.joint_matter, partner_id=self.lys.id))
        self.assertNotBilled("the only client who can be billed", self._sabotage(own, {"payer_id": self.morel.id}))

    def test_one_contact_for_two_clients(self):
        works = self._time(matter=self.joint_matter, partner_id=self.lys.id) + self._time(
            matter=self.joint_matter, partner_id=self.morel.id
        )
        bill = self._open_bill(works)
        bill.billing_contact_id = self.lys
        self.assertNotBilled("leave the billing contact empty", bill)

    def test_an_account_and_a_tax_are_needed(self):
        self.phone.product_id.with_company(self.company).property_account_income_id = False
        self.assertNotBilled("has no income account", self._open_bill(self._time()))
        self.stamp.product_id.taxes_id = False
        self.assertNotBilled("has no tax", self._open_bill(self._cost(self.stamp, 225)))

    def test_all_problems_are_told_at_once(self):
        bill = self._open_bill(self._time(matter=self.joint_matter) + self._cost(self.stamp, 225))
        stamp = bill.line_ids.filtered(lambda line: line.kind == "disbursement")
        stamp.sudo().revised_amount = 300
        with self.assertRaises(UserError) as caught:
            self.rpc(self.biller, "timebill.bill", "action_save", bill.ids)
        self.assertIn("no invoice was created", str(caught.exception))
        self.assertIn("choose who pays", str(caught.exception))
        self.assertIn("exact cost", str(caught.exception))

    def test_somebody_else_billed_it_meanwhile(self):
        activity = self._time()
        first, second = self._open_bill(activity), self._open_bill(activity, self.manager)
        self.rpc(self.biller, "timebill.bill", "action_save", first.ids)
        self.assertNotBilled("already on a draft invoice", second, self.manager)
        self.assertNotBilled("already on a draft invoice", first)  # nor twice from the same window
        activity.allocation_ids.move_id.action_post()
        self.assertNotBilled("already billed", second, self.manager)
        self.assertEqual(len(activity.allocation_ids), 1)

    def test_a_window_whose_activity_became_internal_or_free_of_charge(self):
        activity = self._time()
        bill = self._open_bill(activity)
        activity.billable = False
        self.assertNotBilled("not billable", bill)

    def test_a_matter_closed_meanwhile_is_billed(self):
        activity = self._time()
        self.matter.action_close()
        self.rpc(self.biller, "timebill.bill", "action_save", self._open_bill(activity).ids)
        self.assertEqual(activity.billing_state, "draft")

    def test_two_currencies_never_meet(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create({"name": "2026-01-01", "currency_id": usd.id, "rate": 1.1})
        abroad = self._matter("Lys in New York", self.lys, currency_id=usd.id)
        dollars, euros = self._time(matter=abroad, price_unit=300), self._time()
        bill = self._open_bill(dollars + euros)
        self.assertTrue(bill.mixed_currencies)
        moves = bill._create_invoices()
        self.assertEqual(moves.currency_id, usd + self.company.currency_id)
        self.assertEqual(
            {move.currency_id: move.amount_untaxed for move in moves}, {usd: 300, self.company.currency_id: 200}
        )
        for move in moves:
            other = (usd + self.company.currency_id) - move.currency_id
            before = self._count()
            self.assertRefused(
                UserError,
                "Its currency and its type cannot be changed",
                self.biller,
                "account.move",
                "write",
                move.ids,
                {"currency_id": other.id},
            )
            self.assertEqual(self._count(), before)

    def test_a_locked_period(self):
        activity = self._time()
        lock = fields.Date.context_today(activity) - timedelta(days=10)
        self.company.sale_lock_date = lock
        for method in ("action_save", "action_save_and_send", "action_preview"):
            bill = self._open_bill(activity)
            bill.invoice_date = lock - timedelta(days=1)
            self.assertNotBilled("The accounts are locked up to", bill, method=method)
        bill = self._open_bill(activity)
        bill.invoice_date = lock + timedelta(days=1)
        self.rpc(self.biller, "timebill.bill", "action_save", bill.ids)
        self.assertEqual(activity.allocation_ids.move_id.invoice_date, lock + timedelta(days=1))

    def test_posting_to_somebody_else(self):
        activity = self._time()
        move = self._bill(activity)
        move.partner_id = self.dupont
        self.assertRefused(
            UserError, "Dupont SA does not pay for", self.biller, "account.move", "action_post", move.ids
        )
        self.assertEqual((move.state, activity.billing_state), ("draft", "draft"))

    def test_the_types_of_a_window_belong_to_it(self):
        bill = self._open_bill(self._time())
        with self.assertRaises(AccessError):
            self.rpc(self.lawyer, "timebill.bill", "write", bill.ids, {"line_ids": [Command.clear()]})
