from datetime import date

from odoo.addons.timebill_legal.tests.common import TimebillCommon
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestExpense(TimebillCommon):
    """An approved expense on a matter is charged to its client: once, for what it was, with its receipt."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Approves, and has no right in the practice at all.
        cls.approver = new_test_user(
            cls.env, "tb_approver", groups="hr_expense.group_hr_expense_user", lang="fr_FR", name="Ada Approver"
        )
        cls.employees = cls.env["hr.employee"].create(
            [
                {"name": user.name, "user_id": user.id, "expense_manager_id": cls.approver.id}
                for user in (cls.lawyer, cls.assistant, cls.accountant)
            ]
        )
        cls.tax = cls.env["account.tax"].search(
            [("type_tax_use", "=", "purchase"), ("amount", "=", 20), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.category = cls.env["product.product"].create(
            {
                "name": "Déplacements",
                "can_be_expensed": True,
                "standard_price": 0,
                "supplier_taxes_id": [Command.set(cls.tax.ids)],
            }
        )
        cls.pass_through = cls.company.timebill_disbursement_account_id

    def _expense(self, amount=120, user=None, matter=True, **values):
        matter = self.matter if matter is True else matter
        user = user or self.lawyer
        return self.env["hr.expense"].with_user(user).create(
            {
                "name": "Train",
                "employee_id": user.employee_id.id,
                "product_id": self.category.id,
                "total_amount_currency": amount,
                "date": "2026-10-12",
                **({"timebill_matter_id": matter.id} if matter else {}),
                **values,
            }
        )

    def _approve(self, expense):
        """Submitted by the employee, approved by somebody who knows nothing of the matter."""
        expense.action_submit()
        expense.with_user(self.approver)._do_approve()
        self.assertEqual(expense.state, "approved")
        return expense._timebill_get_source_activities_sudo()

    def _charged(self, *args, **values):
        expense = self._expense(*args, **values)
        return expense, self._approve(expense)

    def _post(self, expense):
        expense.sudo()._post_without_wizard()
        return expense.sudo().account_move_id

    #=== THE MATTER AND ITS ACCOUNT ===#

    def test_matter_and_distribution_say_the_same(self):
        plan = self.env["account.analytic.plan"].create({"name": "Bureaux"})
        office = self.env["account.analytic.account"].create({"name": "Paris", "plan_id": plan.id})
        account, other = self.matter.analytic_account_id, self.joint_matter.analytic_account_id
        expense = self._expense().sudo()
        self.assertEqual(expense.analytic_distribution, {str(account.id): 100})
        expense.analytic_distribution = {f"{other.id},{office.id}": 100}
        self.assertEqual(expense.timebill_matter_id, self.joint_matter)
        expense.timebill_matter_id = self.matter
        self.assertEqual(expense.analytic_distribution, {f"{office.id},{account.id}": 100}, "the other plan stays")
        expense.timebill_matter_id = False
        self.assertEqual(expense.analytic_distribution, {str(office.id): 100})
        expense.analytic_distribution = {str(account.id): 50, str(other.id): 50}
        self.assertFalse(expense.timebill_matter_id, "of two, nobody guesses")
        expense = self._expense(matter=None, analytic_distribution={str(account.id): 100})
        self.assertEqual(expense.sudo().timebill_matter_id, self.matter)

    def test_matter_stays_when_the_category_changes(self):
        other = self.category.copy()
        office = self.env["account.analytic.account"].create(
            {"name": "Paris", "plan_id": self.env["account.analytic.plan"].create({"name": "Bureaux"}).id}
        )
        self.env["account.analytic.distribution.model"].create(
            {"product_id": other.id, "analytic_distribution": {str(office.id): 100}}
        )
        expense = self._expense().sudo()
        expense.product_id = other
        self.assertEqual(expense.timebill_matter_id, self.matter)
        self.assertEqual(expense.distribution_analytic_account_ids, self.matter.analytic_account_id + office)

    def test_form(self):
        """As a lawyer fills it in, who does not see analytic accounts."""
        form = Form(self.env["hr.expense"].with_user(self.lawyer))
        form.name = "Timbre"
        form.product_id = self.category
        form.total_amount_currency = 225
        form.timebill_matter_id = self.matter
        self.assertEqual(form.timebill_kind, "expense")
        self.assertTrue(form.tax_ids)
        form.timebill_kind = "disbursement"
        self.assertFalse(form.tax_ids, "its VAT is the client's to deduct")
        expense = form.save().sudo()
        self.assertEqual((expense.account_id, expense.tax_amount), (self.pass_through, 0))
        self.assertEqual(expense.distribution_analytic_account_ids, self.matter.analytic_account_id)
        expense.timebill_kind = "expense"
        self.assertEqual((expense.account_id == self.pass_through, expense.tax_ids), (False, self.tax))

    def test_category(self):
        """That of the expense says which of the activity, and the kind."""
        self.category.timebill_type_id = self.stamp
        expense, activity = self._charged()
        self.assertEqual((expense.timebill_kind, activity.type_id, activity.amount), ("disbursement", self.stamp, 120))
        _expense, activity = self._charged(timebill_kind="expense")
        self.assertEqual((activity.kind, activity.amount), ("expense", 100), "as somebody decided for this one")
        self.category.write({"timebill_type_id": False, "property_account_expense_id": self.pass_through.id})
        self.assertEqual(self._expense().timebill_kind, "disbursement")

    #=== CHARGING ===#

    def test_expense(self):
        """The part without VAT, which the firm gets back."""
        expense, activity = self._charged()
        self.assertEqual(
            (activity.matter_id, activity.kind, activity.date, activity.description, activity.user_id),
            (self.matter, "expense", date(2026, 10, 12), "Train", self.lawyer),
        )
        self.assertEqual((activity.amount, activity.billing_state, activity.create_uid), (100, "to_bill", self.lawyer))
        self.assertEqual(expense.timebill_activity_id, activity)
        self.assertEqual(activity.with_user(self.lawyer).action_open_source()["res_id"], expense.id)

    def test_disbursement(self):
        """All that was paid; nothing of it is the firm's."""
        expense, activity = self._charged(225, timebill_kind="disbursement")
        self.assertEqual((activity.kind, activity.amount), ("disbursement", 225))
        invoice = self._bill(activity, post=True)
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (225, 0))
        entry = self._post(expense)
        self.assertEqual(entry.invoice_line_ids.account_id, self.pass_through)
        self.assertFalse(entry.line_ids.tax_line_id)

    def test_share_of_the_matter(self):
        account = self.matter.analytic_account_id
        expense = self._expense(matter=None, analytic_distribution={str(account.id): 25})
        self.assertEqual(self._approve(expense).amount, 25)

    def test_foreign_currency(self):
        """At the rate of the expense; what was paid in the currency of the matter is not converted at all."""
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": dollar.id, "name": "2026-01-01", "rate": 1.25, "company_id": self.company.id}
        )
        foreign = self._matter("Foreign", self.lys, currency_id=dollar.id)
        for matter, kind, amount in (
            (self.matter, "expense", 80), (self.matter, "disbursement", 96),
            (foreign, "expense", 100), (foreign, "disbursement", 120),
        ):
            with self.subTest(matter=matter.name, kind=kind):
                _expense, activity = self._charged(currency_id=dollar.id, matter=matter, timebill_kind=kind)
                self.assertEqual((activity.amount, activity.currency_id), (amount, matter.currency_id))
        _expense, activity = self._charged(matter=foreign)
        self.assertEqual(activity.amount, 125)

    def test_proposed(self):
        self.company.timebill_expense_auto = False
        expense, activity = self._charged()
        self.assertFalse(activity)
        Expense = self.env["hr.expense"].with_user(self.lawyer)
        day = date(2026, 10, 12)
        self.assertEqual(Expense.search(Expense._timebill_get_unconverted_domain(self.lawyer, day, day)), expense)
        (found,) = self.env["timebill.my.day"].with_user(self.lawyer).get_week("2026-10-12")["candidates"]
        self.assertEqual((found["kind"], found["quantity"], found["is_fixed"]), ("expense", 1, True))
        self.assertEqual(found["amount"].replace("\xa0", " "), "100,00 €")
        action = expense.timebill_action_convert_to_activity()
        values = {name[8:]: value for name, value in action["context"].items() if name.startswith("default_")}
        Activity = self.env["timebill.activity"].with_user(self.lawyer)
        with self.assertRaises(ValidationError, msg="the window may not say something else"):
            Activity.create({**values, "price_unit": 90})
        activity = Activity.create(values)
        self.assertFalse(Expense.search(Expense._timebill_get_unconverted_domain(self.lawyer, day, day)))
        with self.assertRaises(RedirectWarning):
            Activity.create(values)
        self.assertEqual(expense.timebill_action_convert_to_activity()["res_id"], activity.id)

    def test_assistant(self):
        """Who does not see amounts charges what she paid."""
        expense, activity = self._charged(user=self.assistant)
        self.assertEqual((activity.sudo().amount, activity.user_id), (100, self.assistant))
        self.assertFalse(activity.with_user(self.assistant)._has_field_access(activity._fields["amount"], "read"))

    def test_not_charged(self):
        """What cannot be charged by itself is approved all the same; the button says why."""
        cases = {
            "not to be charged": self._expense(timebill_kind="none"),
            "on no matter": self._expense(matter=None),
            "refunded": self._expense(-120),
        }
        for reason, expense in cases.items():
            with self.subTest(reason):
                self.assertFalse(self._approve(expense))
                with self.assertRaisesRegex(UserError, reason):
                    expense.with_context(lang="en_US").timebill_action_convert_to_activity()
        with self.assertRaisesRegex(UserError, "not approved"):
            self._expense().with_context(lang="en_US").timebill_action_convert_to_activity()

    def test_matter_that_takes_no_work(self):
        closed, inactive = self.matter, self._matter("Inactive", self.morel)
        expenses = [self._expense(matter=matter) for matter in (closed, inactive)]
        closed.action_close()
        inactive.client_ids.inactive = True
        for expense in expenses:
            self.assertFalse(self._approve(expense))
        expenses = expenses[0] + expenses[1]
        left = expenses.with_context(lang="en_US").timebill_action_convert_to_activity()["params"]["left"]
        self.assertIn("is closed", left[0])
        self.assertIn("no active client", left[1])

    def test_employee_outside_the_practice(self):
        expense = self._expense(user=self.accountant, matter=None)
        expense.sudo().timebill_matter_id = self.matter
        self.assertFalse(self._approve(expense))
        activity = expense.with_user(self.biller).sudo()._timebill_convert()
        self.assertEqual(activity.user_id, self.accountant)

    def test_split(self):
        expense, activity = self._charged()
        wizard = self.env["hr.expense.split.wizard"].browse(expense.sudo().action_split_wizard()["res_id"])
        wizard.expense_split_line_ids[1].analytic_distribution = {str(self.joint_matter.analytic_account_id.id): 100}
        wizard.action_split_expense()
        parts = self.env["hr.expense"].search([("split_expense_origin_id", "=", expense.id)])
        activities = parts._timebill_get_source_activities_sudo().sorted("id")
        self.assertEqual(activities[0], activity)
        self.assertEqual(activities.mapped("amount"), [50, 50])
        self.assertEqual(activities.matter_id, self.matter + self.joint_matter)

    #=== ONCE ===#

    def test_entry_is_no_second_cost(self):
        """The receipt that books the expense bears the account of the matter too."""
        expense, activity = self._charged()
        line = self._post(expense).invoice_line_ids
        self.assertEqual(line.distribution_analytic_account_ids, self.matter.analytic_account_id)
        line = line.with_user(self.biller)
        with self.assertRaises(UserError):
            line.move_id.timebill_action_recover_costs()
        with self.assertRaisesRegex(UserError, "Train"):
            line.timebill_action_convert_to_activity()
        with self.assertRaises(UserError):
            self.env["timebill.activity"].with_user(self.biller).create(
                {
                    "matter_id": self.matter.id,
                    "kind": "expense",
                    "type_id": self.copies.id,
                    "price_unit": 100,
                    "source_model": "account.move.line",
                    "source_id": line.id,
                }
            )
        self.assertEqual(self.matter.billing_activity_ids, activity)

    def test_counts_once_in_the_project(self):
        """Cost of the expense, revenue of the invoice: neither entry nor activity add anything."""
        for kind, cost in (("expense", 100), ("disbursement", 120)):
            with self.subTest(kind):
                matter = self._matter(kind, self.lys)
                expense, activity = self._charged(matter=matter, timebill_kind=kind)
                self._bill(activity, post=True)
                self._post(expense)
                items = matter.project_ids._get_profitability_items(with_action=False)
                self.assertEqual(
                    [(item["id"], item["billed"], item["to_bill"]) for item in items["costs"]["data"]],
                    [("expenses", -cost, 0)],
                )
                lines = self.env["account.analytic.line"].search([("account_id", "=", matter.analytic_account_id.id)])
                self.assertEqual(sorted(lines.mapped("amount")), [-cost, cost])

    #=== THE TWO NEVER DRIFT ===#

    def test_follows_the_expense(self):
        expense, activity = self._charged()
        expense = expense.with_user(self.approver)
        expense.write({"total_amount_currency": 240, "date": "2026-10-13", "name": "Train Lyon"})
        self.assertEqual((activity.amount, activity.date.day, activity.description), (200, 13, "Train Lyon"))
        activity.description = "Déplacement"
        expense.write({"name": "TGV", "tax_ids": [Command.clear()]})
        self.assertEqual((activity.amount, activity.description), (240, "Déplacement"), "what was edited stays")
        expense.sudo().timebill_kind = "disbursement"
        self.assertFalse(activity.exists())
        activity = expense._timebill_get_source_activities_sudo()
        self.assertEqual((activity.kind, activity.amount), ("disbursement", 240))
        expense.sudo().timebill_matter_id = self.joint_matter
        activity = expense._timebill_get_source_activities_sudo()
        self.assertEqual(activity.matter_id, self.joint_matter)
        expense.sudo().timebill_kind = "none"
        self.assertFalse(activity.exists())

    def test_activity_says_nothing_else(self):
        _expense, activity = self._charged()
        activity = activity.with_user(self.biller)
        for values in (
            {"price_unit": 90}, {"unit_cost": 90}, {"quantity": 2}, {"date": "2026-10-01"},
            {"matter_id": self.joint_matter.id}, {"kind": "disbursement", "type_id": self.stamp.id},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                activity.write(values)
        activity.write({"price_unit": 100, "description": "Déplacement", "user_id": self.colleague.id})

    def test_parts_follow_the_expense(self):
        expense, activity = self._charged()
        activity._split([{"quantity": 0.25, "price_unit": 100}, {"quantity": 0.75, "price_unit": 100}])
        self.assertEqual(expense._timebill_get_source_activities_sudo().mapped("amount"), [75, 25])
        expense = expense.with_user(self.approver)
        expense.name = "Train Lyon"
        self.assertEqual(expense._timebill_get_source_activities_sudo().mapped("amount"), [75, 25])
        expense.total_amount_currency = 240
        self.assertEqual(expense._timebill_get_source_activities_sudo().mapped("amount"), [200])

    def test_rate_of_exchange_that_is_corrected_later(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        rate = self.env["res.currency.rate"].create(
            {"currency_id": dollar.id, "name": "2026-01-01", "rate": 1.25, "company_id": self.company.id}
        )
        expense, activity = self._charged(matter=self._matter("Foreign", self.lys, currency_id=dollar.id))
        rate.rate = 1.5
        activity.write({"description": "Déplacement", "price_unit": activity.price_unit})
        self.assertEqual(activity.amount, 125)

    def test_refused_or_reset(self):
        for undo in ("_do_refuse", "action_reset"):
            with self.subTest(undo):
                expense, activity = self._charged()
                approved = expense.with_user(self.approver)
                getattr(approved, undo)(*(["Non"] if undo == "_do_refuse" else []))
                self.assertFalse(activity.exists())
                self.assertIn(expense.state, ("draft", "refused"))

    def test_billed(self):
        """From then on the expense stays as it is; the refusal names activity and invoice."""
        expense, activity = self._charged()
        invoice = self._bill(activity, post=True)
        approved = expense.with_user(self.approver)
        for change in (
            lambda: approved.action_reset(),
            lambda: approved._do_refuse("Non"),
            lambda: approved.write({"total_amount_currency": 240}),
            lambda: approved.write({"date": "2026-10-13"}),
            lambda: approved.sudo().write({"timebill_kind": "none"}),
            lambda: approved.sudo().write({"timebill_matter_id": self.joint_matter.id}),
        ):
            with self.subTest(change), self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
                change()
            self.assertIn(invoice.name, str(refusal.exception))
            self.assertIn(activity.display_name, str(refusal.exception))
        self.assertEqual((expense.state, expense.total_amount, activity.amount), ("approved", 120, 100))
        approved.name = "TGV"
        self.assertEqual(activity.description, "Train", "the invoice shows it")

    def test_activity_deleted(self):
        expense, activity = self._charged()
        activity.unlink()
        self.assertFalse(expense.timebill_is_converted)
        self.assertEqual(expense._timebill_convert().amount, 100)

    #=== WHO SEES WHAT ===#

    def test_receipts(self):
        """Those of the expense, for who reads the activity, and as long as she does."""
        expense, activity = self._charged()
        Attachment = self.env["ir.attachment"]
        receipt, stranger = Attachment.create(
            [
                {"name": "recu.pdf", "raw": b"1", "res_model": "hr.expense", "res_id": of.id}
                for of in (expense, self._expense())
            ]
        )
        seen = activity.with_user(self.colleague)
        self.assertEqual(seen.receipt_ids, receipt)
        (values,) = seen.web_read({"receipt_ids": {"fields": {"name": {}}}})
        self.assertEqual([shown["name"] for shown in values["receipt_ids"]], ["recu.pdf"])
        self.assertEqual(receipt.with_user(self.colleague).raw, b"1")
        for attachment, user, operation in (
            (stranger, self.colleague, "read"), (receipt, self.colleague, "write"), (receipt, self.accountant, "read"),
        ):
            with self.subTest(user=user.name, operation=operation), self.assertRaises(AccessError):
                attachment.with_user(user).check_access(operation)
        self.matter.write({"confidential": True, "member_ids": [Command.set(self.lawyer.ids)]})
        with self.assertRaises(AccessError):
            receipt.with_user(self.colleague).check_access("read")

    def test_secret_matter(self):
        """Its title is shown neither to who approves nor to anybody else outside the team, nor is the activity."""
        expense, activity = self._charged(matter=self.secret_matter)
        self.assertEqual(activity.matter_id, self.secret_matter)
        activity.description = "Négociation du rachat"
        reference = self.secret_matter.reference
        outsider = self.colleague
        outsider.group_ids += self.env.ref("hr_expense.group_hr_expense_manager")
        seen = expense.with_user(outsider)
        (values,) = seen.web_read({"timebill_matter_id": {"fields": {"display_name": {}}}})
        self.assertEqual(values["timebill_matter_id"]["display_name"], reference)
        self.assertTrue(seen.timebill_is_converted)
        self.assertFalse(seen.timebill_activity_id)
        self.assertNotIn("Secret", str(expense.sudo().message_ids.mapped("body")))
        self.assertEqual(expense.sudo().distribution_analytic_account_ids.name, reference)
        with self.assertRaises(AccessError):
            expense.with_user(self.approver).read(["timebill_matter_id"])
        self._bill_secretly(activity)
        with self.assertRaises(UserError) as refusal:
            expense.with_user(self.approver).action_reset()
        self.assertNotIn("Secret merger", str(refusal.exception))

    def _bill_secretly(self, activity):
        self.secret_matter.member_ids += self.biller
        self._bill(activity, post=True)

    def test_nobody_charges_to_a_matter_that_she_may_not_enter(self):
        with self.assertRaises(AccessError):
            self._expense(user=self.assistant, matter=self.secret_matter)
        # By the account, which bears the reference alone.
        account = self.secret_matter.analytic_account_id
        expense = self._expense(user=self.assistant, matter=None, analytic_distribution={str(account.id): 100})
        self.assertFalse(self._approve(expense))
        self.assertNotIn(self.assistant, self.secret_matter.member_ids)
        expense, activity = self._charged(user=self.assistant)
        expense.with_user(self.approver).analytic_distribution = {str(account.id): 100}
        self.assertFalse(activity.exists())
        self.assertFalse(self.secret_matter.billing_activity_ids)

    def test_foreign_company(self):
        company = self.env["res.company"].create({"name": "Autre cabinet"})
        foreign = self.env["timebill.matter"].with_company(company).create(
            {"name": "Ailleurs", "company_id": company.id, "internal": True}
        )
        with self.assertRaises(UserError):
            self._expense().sudo().timebill_matter_id = foreign
        account = foreign.analytic_account_id
        expense = self._expense(matter=None, analytic_distribution={str(account.id): 100})
        self.assertFalse(expense.sudo().timebill_matter_id)

    def test_many_ask_nothing_of_each(self):
        self.company.timebill_expense_auto = False

        def count(number):
            expenses = self.env["hr.expense"].union(*(self._expense(10 + i) for i in range(number)))
            expenses.sudo().write({"approval_state": "approved"})
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            expenses._timebill_charge()
            self.env.flush_all()
            self.assertEqual(len(expenses._timebill_get_source_activities_sudo()), number)
            return self.env.cr.sql_log_count - start

        count(1)
        self.assertLessEqual(count(12), count(3) + 12)
