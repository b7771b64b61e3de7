from odoo import api, fields, models
from odoo.addons.timebill_legal.tools.copying import copy_restricted
from odoo.exceptions import UserError
from odoo.fields import Domain

#: States from the approval on, in which an expense is a cost of the firm.
APPROVED_STATES = ("approved", "posted", "in_payment", "paid")


class HrExpense(models.Model):
    """Expenses on matters are converted into activities when they are approved.

    The matter is the one of the analytic distribution, and setting the matter updates the distribution. Changes of the
    expense update its activity until that is billed; afterwards they are refused.
    """

    _name = "hr.expense"
    _inherit = ["hr.expense", "timebill.cost.mixin"]

    # Not tracked: the chatter would show the title of a confidential matter to all readers of the expense.
    timebill_matter_id = fields.Many2one(
        "timebill.matter",
        "Matter",
        compute="_compute_timebill_matter_id",
        inverse="_inverse_timebill_matter_id",
        store=True,
        readonly=False,
        copy=False,
        check_company=True,
        index="btree_not_null",
        domain=lambda self: list(self.env["timebill.matter"]._get_entry_domain()),
        groups="timebill_legal.group_user",
    )
    timebill_kind = fields.Selection(
        [
            ("expense", "Expense (with VAT)"),
            ("disbursement", "Disbursement (no VAT)"),
            ("none", "Not charged"),
        ],
        "Charged to the Client",
        compute="_compute_timebill_kind",
        inverse="_inverse_timebill_kind",
        store=True,
        readonly=False,
        copy=False,  # see copy_data
        groups="timebill_legal.group_user",
        help="A disbursement is paid in the name of the client, to whom the receipt is addressed: its exact amount is"
        " charged, without VAT. For other expenses, the untaxed amount is charged, plus VAT.",
    )

    #=== COMPUTE METHODS ===#

    @api.depends("analytic_distribution", "company_id")
    def _compute_timebill_matter_id(self):
        """Matter of the analytic distribution; none if there are several."""
        # sudo: users outside the team see only the reference of a confidential matter, see its display name
        for expense, amount_of in self.sudo()._timebill_get_shares().items():
            matter = next(iter(amount_of)) if len(amount_of) == 1 else self.env["timebill.matter"]
            expense.timebill_matter_id = matter.filtered(lambda m, company=expense.company_id: m.company_id == company)

    @api.onchange("timebill_matter_id")
    def _inverse_timebill_matter_id(self):
        """Set the account of the matter in the analytic distribution; accounts of other plans are kept."""
        if self.timebill_matter_id:
            self.timebill_matter_id.check_access("read")
        for expense in self:
            expense.analytic_distribution = expense._timebill_get_distribution_on(expense.timebill_matter_id)

    def _compute_analytic_distribution(self):
        """Keep the matter when another expense category changes the analytic distribution."""
        before = {expense: (expense.timebill_matter_id, expense.analytic_distribution) for expense in self}
        super()._compute_analytic_distribution()
        for expense, (matter, distribution) in before.items():
            if matter and expense.analytic_distribution != distribution:
                expense.analytic_distribution = expense._timebill_get_distribution_on(matter)

    @api.depends("product_id", "company_id")
    def _compute_timebill_kind(self):
        """Kind of the activity type of the expense category; ``disbursement`` if it uses the pass-through account."""
        for expense in self.filtered(lambda expense: expense.timebill_kind != "none"):
            category = expense.product_id.with_company(expense.company_id)
            account = expense._timebill_get_pass_through_account_sudo()
            is_disbursement = account and category.product_tmpl_id._get_product_accounts()["expense"] == account
            expense.timebill_kind = category.timebill_type_id.kind or ("disbursement" if is_disbursement else "expense")

    @api.onchange("timebill_kind")
    def _inverse_timebill_kind(self):
        """Disbursements use the pass-through account and no taxes: their VAT is deductible by the client only."""
        for expense in self:
            account = expense._timebill_get_pass_through_account_sudo()
            if expense.env["timebill.kind"]._get(expense.timebill_kind).is_exact:
                expense.account_id = account or expense.account_id
                expense.tax_ids = False
            elif account and expense.account_id == account:
                expense._compute_account_id()
                expense._compute_tax_ids()

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        expenses = super().create(vals_list)
        # Called again: during creation, Odoo does not recompute the fields that depend on the taxes.
        # sudo: the kind is restricted, but account and taxes follow it for every user
        expenses.sudo()._inverse_timebill_kind()
        # Splitting an approved expense creates approved ones.
        expenses._timebill_charge_at_once()
        return expenses

    def copy_data(self, default=None):
        return copy_restricted(self, super().copy_data(default), "timebill_kind")

    def write(self, vals):
        """Update the activities of these expenses.

        :raises UserError: when the activity of an expense is billed and would change
        """
        text_of = {expense.id: expense.name for expense in self}
        res = super().write(vals)
        if activities := self._timebill_get_source_activities_sudo():
            self._timebill_update_activities(activities, text_of)
        return res

    #=== BUSINESS METHODS ===#

    def _do_approve(self, check=True):
        res = super()._do_approve(check)
        self._timebill_charge_at_once()
        return res

    def _timebill_charge_at_once(self):
        """Convert these expenses if their company converts expenses automatically."""
        self.filtered(lambda expense: expense.sudo().company_id.timebill_expense_auto)._timebill_charge()

    def _timebill_charge(self):
        """Convert the expenses that need no question to the user, each with the rights of its employee.

        The approver may have no right on matters, and employees must not charge matters that they cannot read.
        """
        # sudo: the approver may not read kind and matter; the conversion runs with the rights of the employee
        due = self.sudo()._timebill_filter_charged()
        for (user, company), expenses in due.grouped(lambda e: (e.employee_id.user_id, e.company_id)).items():
            if user.active and company in user.company_ids and user.has_group("timebill_legal.group_user"):
                own = expenses.with_user(user).with_context(allowed_company_ids=company.ids)
                ready, _problems = own._timebill_sort_out_conversions()
                own._timebill_convert(ready)

    def _timebill_update_activities(self, activities, text_of):
        """Update the activities of these expenses, or delete them when the expense is no longer charged.

        :param activities: timebill.activity under sudo
        :param text_of: {id: former description of the expense}; a description edited on the activity is kept
        :raises UserError: when an activity is billed and would change
        """
        # sudo: the user may not read kind and matter; the values are compared or written, not shown
        charges = self.sudo()._timebill_filter_charged()._timebill_get_charges()
        moved = self.browse()
        for expense_id, parts in activities.grouped("source_id").items():
            expense, activity = self.browse(expense_id), parts.sorted("source_part")[0]
            values = dict(charges.get(expense, {}))
            amount = values.pop("amount", 0)
            is_other_amount = activity.currency_id.compare_amounts(sum(parts.mapped("amount")), amount)
            if (
                not values
                or any(activity._has_other_value(name, values) for name in ("matter_id", "kind"))
                or (is_other_amount and len(parts) > 1)
            ):
                # Another client, kind or split: convert anew. Deleting a billed activity raises an error.
                parts.unlink()
                moved += expense
                continue
            if is_other_amount:
                values |= {"quantity": 1, "price_unit": amount}
            changed = {name: value for name, value in values.items() if activity._has_other_value(name, values)}
            if changed and activity.covered:
                raise UserError(
                    self.env._(
                        "%(activity)s is on %(invoices)s: its expense cannot be changed. Remove it from the draft"
                        " invoice, or create a credit note.",
                        activity=activity.display_name,
                        invoices=activity._get_holding_invoice_names(),
                    )
                )
            if activity.description == text_of[expense.id] and not activity.covered:
                changed["description"] = expense.name
            if changed:
                activity.write(changed)
        moved._timebill_charge()

    def _timebill_get_charges(self):
        """Add the date of the expense."""
        charges = super()._timebill_get_charges()
        return {expense: {**charge, "date": expense._timebill_get_cost_date()} for expense, charge in charges.items()}

    def _timebill_filter_charged(self):
        return self.filtered(lambda expense: not expense._timebill_get_charge_problem())

    def _timebill_get_charge_problem(self):
        """Why this expense cannot be charged to a client: str, or False."""
        self.ensure_one()
        if self.state not in APPROVED_STATES:
            return self.env._("not approved")
        if self.timebill_kind == "none":
            return self.env._("not to be charged")
        if not self.timebill_matter_id:
            return self.env._("on no matter, or on several: choose one, or split the expense")
        if self.company_currency_id.compare_amounts(self.total_amount, 0) < 0:
            return self.env._("refunded to the firm")
        return self._timebill_get_sold_problem()

    def _timebill_get_conversion_problem(self, values):
        return self._timebill_get_charge_problem() or super()._timebill_get_conversion_problem(values)

    def _timebill_check_may_convert(self):
        """
        :raises UserError: when one of them cannot be charged to a client
        """
        super()._timebill_check_may_convert()
        for expense in self:
            if problem := expense._timebill_get_charge_problem():
                raise UserError(
                    self.env._(
                        "“%(expense)s” cannot be charged to a client: %(reason)s.", expense=expense.name, reason=problem
                    )
                )

    def _timebill_prepare_source_values(self):
        self.ensure_one()
        values, activity_type = super()._timebill_prepare_source_values(), self.product_id.timebill_type_id
        return {**values, "type_id": activity_type.id} if activity_type.kind == values["kind"] else values

    def _timebill_get_cost_kind(self):
        self.ensure_one()
        return self.timebill_kind

    def _timebill_get_cost_date(self):
        self.ensure_one()
        return self.date or fields.Date.context_today(self)

    def _timebill_get_cost_amount(self, currency):
        self.ensure_one()
        suffix = "_currency" if currency == self.currency_id else ""
        prefix = "total_amount" if self.timebill_kind == "disbursement" else "untaxed_amount"
        return self[prefix + suffix], self.currency_id if suffix else self.company_currency_id

    def _timebill_get_sales_orders_sudo(self):
        """Sales order on which sale_expense re-invoices the expense when it is posted."""
        self.ensure_one()
        is_sold = "sale_order_id" in self._fields and self.can_be_reinvoiced
        # sudo: the user may have no right on sales orders; only their names are shown
        return self.sudo().sale_order_id if is_sold else super()._timebill_get_sales_orders_sudo()

    def _timebill_get_workers(self):
        # sudo: users may not read employees; only the linked user is returned
        return self.sudo().employee_id.user_id.sudo(False)

    @api.model
    def _timebill_get_work_domain(self, user, date_from, date_to):
        """Approved expenses of ``user`` on matters on these days, unless marked as not charged."""
        return (
            Domain("employee_id", "in", user.sudo().employee_ids.ids)  # sudo: users may not read employees
            & Domain("state", "in", APPROVED_STATES)
            & Domain("timebill_matter_id", "!=", False)
            & Domain("timebill_kind", "!=", "none")
            & Domain("date", ">=", date_from)
            & Domain("date", "<=", date_to)
        )

    def _timebill_get_source_title(self):
        self.ensure_one()
        return self.name

    def _timebill_get_distribution_on(self, matter):
        """Analytic distribution of this expense with the account of ``matter``, or without one when it is empty."""
        self.ensure_one()
        project_plan, _other_plans = self.env["account.analytic.plan"].sudo()._get_all_plans()
        account = matter.sudo().analytic_account_id  # sudo: lawyers may not read analytic accounts
        return self.sudo()._merge_distribution(
            dict(self.analytic_distribution or {}),
            {
                "__update__": [(account.plan_id or project_plan)._column_name()],
                **({str(account.id): 100} if account else {}),
            },
        )

    def _timebill_get_pass_through_account_sudo(self):
        self.ensure_one()
        return self.company_id._timebill_get_kind_setup("disbursement")["account"]
