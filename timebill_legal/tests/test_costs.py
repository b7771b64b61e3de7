from odoo import fields
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestCosts(RpcCommon):
    """What a vendor bill cost on a matter, and its client pays back: once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bailiff = cls.env["res.partner"].create({"name": "Étude Legrand", "is_company": True})
        cls.tax = cls.env["account.tax"].search(
            [("type_tax_use", "=", "purchase"), ("amount", "=", 20), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.pass_through = cls.company.timebill_disbursement_account_id

    @classmethod
    def _vendor_bill(cls, *lines, post=True):
        """Bill of (name, price excl. VAT, {matter: percentage}, account)."""
        bill = cls.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": cls.bailiff.id,
                "invoice_date": "2026-10-12",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": name,
                            "price_unit": price,
                            "tax_ids": cls.tax.ids,
                            "analytic_distribution": {
                                str(matter.analytic_account_id.id): share for matter, share in shares.items()
                            },
                            **({"account_id": account.id} if account else {}),
                        }
                    )
                    for name, price, shares, account in lines
                ],
            }
        )
        if post:
            bill.action_post()
        return bill

    def _recover(self, bill):
        bill.with_user(self.biller).timebill_action_recover_costs()
        return bill.invoice_line_ids._timebill_get_source_activities_sudo().sorted("source_id")

    def test_disbursement_and_expense(self):
        """All that was paid in the client's name; of the firm's own cost, the part without VAT."""
        bill = self._vendor_bill(
            ("Signification", 100, {self.matter: 100}, self.pass_through),
            ("Reprographie", 50, {self.joint_matter: 100}, None),
            ("Fournitures", 10, {}, None),
        )
        activities = self._recover(bill)
        self.assertEqual(
            [(a.kind, a.matter_id, a.description, a.price_unit, a.user_id, a.billing_state) for a in activities],
            [
                ("disbursement", self.matter, "Signification", 120, self.lawyer, "to_bill"),
                ("expense", self.joint_matter, "Reprographie", 50, self.lawyer, "to_bill"),
            ],
        )
        self.assertEqual(activities[0].date, fields.Date.to_date("2026-10-12"))
        self.assertEqual(activities[0].with_user(self.biller).action_open_source()["res_id"], bill.id)
        invoice = self._bill(activities[0], post=True)
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (120, 0))

    def test_shared_by_matters(self):
        """A part for one matter; what two of them bear is entered on each."""
        bill = self._vendor_bill(
            ("Expert", 300, {self.matter: 40}, None),
            ("Traduction", 90, {self.matter: 50, self.joint_matter: 50}, None),
        )
        self.assertEqual(self._recover(bill).mapped("price_unit"), [120])
        line = bill.invoice_line_ids[1].with_user(self.biller)
        with self.assertRaises(UserError) as refusal:
            line.timebill_action_convert_to_activity()
        for matter in (self.matter, self.joint_matter):
            self.assertRegex(str(refusal.exception), f"Traduction.*{matter.reference} 45,00")

    def test_not_twice(self):
        bill = self._vendor_bill(("Signification", 100, {self.matter: 100}, self.pass_through))
        line = bill.invoice_line_ids.with_user(self.biller)
        context = line.timebill_action_convert_to_activity()["context"]
        values = {name[8:]: value for name, value in context.items() if name.startswith("default_")}
        Activity = self.env["timebill.activity"].with_user(self.biller)
        activity = Activity.create(values)
        with self.assertRaises(RedirectWarning, msg="nor for another timekeeper"):
            Activity.create({**values, "user_id": self.colleague.id})
        with self.assertRaises(ValidationError, msg="nor as something else"):
            activity.write({"kind": "service", "type_id": self.deed.id})
        activity.user_id = self.colleague
        self.assertEqual(line.timebill_action_convert_to_activity()["res_id"], activity.id)
        activity.unlink()
        Activity.create(values)

    def test_only_of_validated_bills(self):
        draft = self._vendor_bill(("Signification", 100, {self.matter: 100}, None), post=False)
        with self.assertRaises(UserError):
            draft.with_user(self.biller).timebill_action_recover_costs()
        with self.assertRaises(UserError):
            draft.invoice_line_ids.with_user(self.biller).timebill_action_convert_to_activity()
        invoice = self._bill(self._time(), post=True)
        with self.assertRaises(UserError):
            invoice.invoice_line_ids.with_user(self.biller)[0].timebill_action_convert_to_activity()

    def test_bill_that_clients_pay_back_stays(self):
        bill = self._vendor_bill(("Signification", 100, {self.matter: 100}, None))
        activity = bill.invoice_line_ids._timebill_convert()
        with self.assertRaisesRegex(UserError, activity.display_name):
            bill.button_draft()
        activity.unlink()
        bill.button_draft()
        self.assertEqual(bill.state, "draft")

    def test_vendor_gives_back(self):
        bill = self._vendor_bill(("Signification", 100, {self.matter: 100}, None))
        activity = bill.invoice_line_ids._timebill_convert()
        refund = bill._reverse_moves([{"invoice_date": bill.invoice_date}])
        refund.action_post()
        self.assertTrue(any(activity.display_name in (body or "") for body in refund.message_ids.mapped("body")))
        self.assertTrue(activity.exists())

    def test_secret_matter(self):
        """A biller who is not in the team neither sees nor charges what is of a secret matter."""
        bill = self._vendor_bill(("Expertise", 100, {self.secret_matter: 100}, None))
        with self.assertRaises(UserError):
            self._recover(bill)

    def test_many_lines_ask_nothing_of_each(self):
        def count(number):
            lines = self._vendor_bill(*[("Acte", 10, {self.matter: 100}, None)] * number).invoice_line_ids
            lines = lines.with_user(self.biller).browse(lines.ids)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            lines._timebill_sort_out_conversions()
            return self.env.cr.sql_log_count - start

        count(1)
        few = count(3)
        # One more for the company of the user, which Odoo reads again for each new environment.
        self.assertLessEqual(count(12), few + 1)


    #=== WHAT WAS PAID IS SAID ONCE ===#

    def test_activity_says_what_the_line_says(self):
        """Matter, kind and amount; what the client reads, who did it and when are free."""
        bill = self._vendor_bill(("Signification", 84.11, {self.matter: 100}, self.pass_through))
        line = bill.invoice_line_ids.with_user(self.biller)
        context = line.timebill_action_convert_to_activity()["context"]
        values = {name[8:]: value for name, value in context.items() if name.startswith("default_")}
        Activity = self.env["timebill.activity"].with_user(self.biller)
        wrong = (
            {"price_unit": 410},
            {"quantity": 2},
            {"unit_cost": 410},
            {"matter_id": self.joint_matter.id},
            {"kind": "expense", "type_id": self.copies.id},
        )
        for changed in wrong:
            with (
                self.subTest(changed, when="converted"),
                self.assertRaisesRegex(UserError, "Signification"),
                self.env.cr.savepoint(),
            ):
                Activity.create({**values, **changed})
        free = {"date": "2026-10-14", "description": "Acte", "user_id": self.colleague.id}
        activity = Activity.create({**values, **free})
        for changed in wrong:
            with self.subTest(changed), self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
                activity.write(changed)
            self.assertRegex(str(refusal.exception), f"{activity.matter_id.reference}.*Signification")
        activity.write({"date": "2026-10-15", "description": "Signification", "billable": False})
        activity.write({"type_id": self.stamp.id, "user_id": self.lawyer.id, "price_unit": activity.price_unit})
        self.assertEqual((activity.kind, activity.amount), ("disbursement", 100.93))

    def test_category_of_the_same_price(self):
        """What was paid does not follow the catalogue, even when it was the price of a category."""
        self.stamp.default_price = 120
        other = self.stamp.copy({"name": "Autre timbre", "default_price": 13})
        line = self._vendor_bill(("Timbre", 100, {self.matter: 100}, self.pass_through)).invoice_line_ids
        activity = line._timebill_convert()
        for activity_type in (self.stamp, other):
            activity.type_id = activity_type
            self.assertEqual(activity.price_unit, 120)

    def test_line_without_matter(self):
        """Somebody says for which one; the amount is that of the line."""
        line = self._vendor_bill(("Fournitures", 10, {}, None)).invoice_line_ids.with_user(self.biller)
        context = line.timebill_action_convert_to_activity()["context"]
        values = {name[8:]: value for name, value in context.items() if name.startswith("default_")}
        Activity = self.env["timebill.activity"].with_user(self.biller)
        with self.assertRaisesRegex(UserError, "Fournitures"), self.env.cr.savepoint():
            Activity.create({**values, "matter_id": self.matter.id, "price_unit": 9})
        activity = Activity.create({**values, "matter_id": self.matter.id})
        activity._transfer_to(self.joint_matter)
        self.assertEqual((activity.matter_id, activity.amount), (self.joint_matter, 10))

    def test_shared_line_is_not_charged_in_one(self):
        line = self._vendor_bill(("Traduction", 90, {self.matter: 50, self.joint_matter: 50}, None)).invoice_line_ids
        values = {"matter_id": self.matter.id, "kind": "expense", "type_id": self.copies.id, "price_unit": 90}
        with self.assertRaisesRegex(UserError, "Traduction"):
            self.env["timebill.activity"].with_user(self.biller).create(
                {**values, "source_model": line._name, "source_id": line.id}
            )

    def test_shared_with_a_confidential_matter(self):
        """Who cannot read all the matters is refused the same way, without their references and amounts."""
        secret = self._matter("Takeover", self.morel, confidential=True)
        line = self._vendor_bill(("Traduction", 90, {self.matter: 50, secret: 50}, None)).invoice_line_ids
        line = line.with_user(self.biller)
        values = {"matter_id": self.matter.id, "kind": "expense", "type_id": self.copies.id, "price_unit": 45}
        values.update(source_model=line._name, source_id=line.id)
        for method in (line.timebill_action_convert_to_activity, lambda: line.env["timebill.activity"].create(values)):
            with self.assertRaises(UserError) as refusal:
                method()
            self.assertIn("Traduction", str(refusal.exception))
            self.assertNotIn(secret.reference, str(refusal.exception))
            self.assertNotIn("45,00", str(refusal.exception))
        self.assertFalse(line._timebill_get_source_activities_sudo())

    def test_not_duplicated(self):
        bill = self._vendor_bill(("Signification", 100, {self.matter: 100}, None))
        activity = bill.invoice_line_ids._timebill_convert()
        with self.assertRaisesRegex(UserError, f"{activity.matter_id.reference}.*Signification"):
            (self._time() + activity).with_user(self.biller).copy()

    def test_parts_make_up_the_cost(self):
        """Of a split cost, each part still comes from the line, and nobody makes it more."""
        bill = self._vendor_bill(("Signification", 84.11, {self.joint_matter: 100}, self.pass_through))
        line = bill.invoice_line_ids.with_user(self.biller)
        activity = line._timebill_convert()
        window = self.env["timebill.split"].browse(activity.action_split()["res_id"])
        window.line_ids[0].quantity = window.line_ids[1].quantity = 0.5
        window.action_split()
        parts = line._timebill_get_source_activities_sudo()
        self.assertEqual((len(parts), sum(parts.mapped("amount"))), (2, 100.93))
        part = (parts - activity).with_user(self.biller)
        part.partner_id = self.joint_matter.client_ids.partner_id[0]
        self.assertEqual(part.source_label, "Signification")
        for changed in ({"quantity": 1}, {"price_unit": 410}, {"source_part": False}):
            with self.subTest(changed), self.assertRaises(UserError), self.env.cr.savepoint():
                part.write(changed)
        self.assertEqual(set(line.timebill_action_open_activity()["domain"][0][2]), set(parts.ids))
        activity.unlink()
        with self.assertRaises(UserError, msg="a part is charged still"):
            bill.button_draft()
        self.assertTrue(line.timebill_is_converted)
        line.timebill_action_undo_conversion()
        self.assertFalse(parts.exists())

    def test_parts_become_one_again(self):
        bill = self._vendor_bill(("Constat", 100, {self.matter: 100}, None))
        line = bill.invoice_line_ids.with_user(self.biller)
        activity = line._timebill_convert()
        other = self._cost(self.copies, 100, date=activity.date, user_id=activity.user_id.id)
        other.type_id = activity.type_id
        with self.assertRaises(UserError, msg="that would charge more than was paid"):
            (activity + other).with_user(self.biller).action_merge()
        parts = activity._split([{"quantity": 0.25, "price_unit": 100}, {"quantity": 0.75, "price_unit": 100}])
        parts._check_mergeable()
        self.assertEqual(parts._merge("Constat"), activity)
        self.assertEqual((activity.amount, line._timebill_get_source_activities_sudo()), (100, activity.sudo()))

    def test_discount_of_the_vendor(self):
        """The others are charged, this one is listed; what it was for may be charged less, never more."""
        bill = self._vendor_bill(
            ("Signification", 100, {self.matter: 100}, None), ("Remise", -20, {self.matter: 100}, None)
        )
        params = bill.with_user(self.biller).timebill_action_recover_costs()["params"]
        self.assertEqual(len(params["left"]), 1)
        self.assertIn("Remise", params["left"][0])
        activity = bill.invoice_line_ids._timebill_get_source_activities_sudo().with_user(self.biller)
        self.assertEqual(activity.amount, 100)
        with self.assertRaisesRegex(UserError, "Remise"):
            bill.invoice_line_ids[1].with_user(self.biller).timebill_action_convert_to_activity()
        activity.price_unit = 80
        with self.assertRaises(UserError), self.env.cr.savepoint():
            activity.price_unit = 101

    def test_charged_line_stays_on_its_matter(self):
        bill = self._vendor_bill(("Signification", 100, {self.matter: 100}, None))
        line, activity = bill.invoice_line_ids, bill.invoice_line_ids._timebill_convert()
        other = {str(self.joint_matter.analytic_account_id.id): 100}
        for changed in (
            {"analytic_distribution": other},
            {"analytic_distribution": {str(self.matter.analytic_account_id.id): 50}},
            {"account_id": self.pass_through.id},
        ):
            with self.subTest(changed), self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
                line.with_user(self.accountant).write(changed)
            self.assertIn(activity.display_name, str(refusal.exception))
            self.assertIn(bill.name, str(refusal.exception))
        line.write({"name": "Acte", "analytic_distribution": line.analytic_distribution})
        activity.unlink()
        line.analytic_distribution = other
        self.assertEqual(line._timebill_convert().matter_id, self.joint_matter)

    def test_bill_that_was_given_back(self):
        bill = self._vendor_bill(
            ("Signification", 100, {self.matter: 100}, None), ("Copies", 10, {self.matter: 100}, None)
        )
        activity = bill.invoice_line_ids[0]._timebill_convert()
        bill._reverse_moves([{"invoice_date": bill.invoice_date}], cancel=True)
        self.assertEqual(bill.payment_state, "reversed")
        with self.assertRaisesRegex(UserError, bill.name):
            bill.with_user(self.biller).timebill_action_recover_costs()
        with self.assertRaisesRegex(UserError, bill.name):
            bill.invoice_line_ids[1].with_user(self.biller).timebill_action_convert_to_activity()
        self.assertEqual(activity.with_user(self.biller).action_open_source()["res_id"], bill.id)
