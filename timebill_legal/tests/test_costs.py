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
        bill.with_user(self.biller).action_recover_costs()
        return bill.invoice_line_ids._get_source_activities().sorted("source_id")

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
            line.action_convert_to_activity()
        for matter in (self.matter, self.joint_matter):
            self.assertRegex(str(refusal.exception), f"Traduction.*{matter.reference} 45,00")

    def test_not_twice(self):
        bill = self._vendor_bill(("Signification", 100, {self.matter: 100}, self.pass_through))
        line = bill.invoice_line_ids.with_user(self.biller)
        context = line.action_convert_to_activity()["context"]
        values = {name[8:]: value for name, value in context.items() if name.startswith("default_")}
        Activity = self.env["timebill.activity"].with_user(self.biller)
        activity = Activity.create(values)
        with self.assertRaises(RedirectWarning, msg="nor for another timekeeper"):
            Activity.create({**values, "user_id": self.colleague.id})
        with self.assertRaises(ValidationError, msg="nor as something else"):
            activity.write({"kind": "service", "type_id": self.deed.id})
        activity.user_id = self.colleague
        self.assertEqual(line.action_convert_to_activity()["res_id"], activity.id)
        activity.unlink()
        Activity.create(values)

    def test_only_of_validated_bills(self):
        draft = self._vendor_bill(("Signification", 100, {self.matter: 100}, None), post=False)
        with self.assertRaises(UserError):
            draft.with_user(self.biller).action_recover_costs()
        with self.assertRaises(UserError):
            draft.invoice_line_ids.with_user(self.biller).action_convert_to_activity()
        invoice = self._bill(self._time(), post=True)
        with self.assertRaises(UserError):
            invoice.invoice_line_ids.with_user(self.biller)[0].action_convert_to_activity()

    def test_bill_that_clients_pay_back_stays(self):
        bill = self._vendor_bill(("Signification", 100, {self.matter: 100}, None))
        activity = bill.invoice_line_ids._convert()
        with self.assertRaisesRegex(UserError, activity.display_name):
            bill.button_draft()
        activity.unlink()
        bill.button_draft()
        self.assertEqual(bill.state, "draft")

    def test_vendor_gives_back(self):
        bill = self._vendor_bill(("Signification", 100, {self.matter: 100}, None))
        activity = bill.invoice_line_ids._convert()
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
            lines._sort_out_conversions()
            return self.env.cr.sql_log_count - start

        count(1)
        self.assertEqual(count(3), count(12))
