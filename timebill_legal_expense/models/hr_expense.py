from odoo import api, fields, models
from odoo.addons.timebill_legal.lib.copying import copy_restricted
from odoo.exceptions import UserError
from odoo.fields import Domain

#: From its approval on, an expense is a cost that the firm bears.
APPROVED_STATES = ("approved", "posted", "in_payment", "paid")


class HrExpense(models.Model):
    """An expense on a matter becomes one activity once it is approved.

    Its analytic distribution says which matter; choosing the matter fills it in. The activity says the same as the
    expense until it is billed, and from then on the expense cannot say anything else.
    """

    _name = "hr.expense"
    _inherit = ["hr.expense", "timebill.cost.mixin"]

    # Not tracked: the chatter would tell the title of a confidential matter to all who read the expense.
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
        help="A disbursement was paid in the name of the client, to whom the receipt is made out: the exact amount is"
        " charged, without VAT. Of any other expense, the part without VAT is charged, and VAT is added.",
    )

    #=== COMPUTE METHODS ===#

    @api.depends("analytic_distribution", "company_id")
    def _compute_timebill_matter_id(self):
        """The only matter of the analytic distribution."""
        # sudo: who may not enter the matter is shown its reference alone
        for expense, amount_of in self.sudo()._timebill_get_shares().items():
            matter = next(iter(amount_of)) if len(amount_of) == 1 else self.env["timebill.matter"]
            expense.timebill_matter_id = matter.filtered(lambda m, company=expense.company_id: m.company_id == company)

    @api.onchange("timebill_matter_id")
    def _inverse_timebill_matter_id(self):
        """Charge the account of the matter, besides those of other analytic plans."""
        if self.timebill_matter_id:
            self.timebill_matter_id.check_access("read")
        for expense in self:
            expense.analytic_distribution = expense._timebill_get_distribution_on(expense.timebill_matter_id)

    def _compute_analytic_distribution(self):
        """Another category does not take an expense off its matter."""
        before = {expense: (expense.timebill_matter_id, expense.analytic_distribution) for expense in self}
        super()._compute_analytic_distribution()
        for expense, (matter, distribution) in before.items():
            if matter and expense.analytic_distribution != distribution:
                expense.analytic_distribution = expense._timebill_get_distribution_on(matter)

    @api.depends("product_id", "company_id")
    def _compute_timebill_kind(self):
        """The kind of the category; what it books on the pass-through account is paid in the client's name."""
        for expense in self.filtered(lambda expense: expense.timebill_kind != "none"):
            category = expense.product_id.with_company(expense.company_id)
            account = expense._timebill_get_pass_through_account_sudo()
            is_disbursement = account and category.product_tmpl_id._get_product_accounts()["expense"] == account
            expense.timebill_kind = category.timebill_type_id.kind or ("disbursement" if is_disbursement else "expense")

    @api.onchange("timebill_kind")
    def _inverse_timebill_kind(self):
        """A disbursement goes through the pass-through account, and its VAT is the client's to deduct."""
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
        # Again: while it creates, Odoo does not compute anew what depends on the taxes.
        # sudo: who does not see the kind follows it all the same
        expenses.sudo()._inverse_timebill_kind()
        # Those into which an approved one is split are approved as well.
        expenses._timebill_charge_at_once()
        return expenses

    def copy_data(self, default=None):
        return copy_restricted(self, super().copy_data(default), "timebill_kind")

    def write(self, vals):
        """The activity of an expense says the same, until it is billed: from then on it refuses, by name."""
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
        """Charge the approved expenses of companies that do not want to be asked."""
        self.filtered(lambda expense: expense.sudo().company_id.timebill_expense_auto)._timebill_charge()

    def _timebill_charge(self):
        """Convert the expenses of which nothing has to be asked, as their employees: who approves them need not know
        their matters, and nobody charges to a matter that she may not enter.
        """
        # sudo: the approver may not see what is charged
        due = self.sudo()._timebill_filter_charged()
        for (user, company), expenses in due.grouped(lambda e: (e.employee_id.user_id, e.company_id)).items():
            if user.active and company in user.company_ids and user.has_group("timebill_legal.group_user"):
                # with_user: she may convert them herself
                own = expenses.with_user(user).with_context(allowed_company_ids=company.ids)
                sure, _left = own._timebill_sort_out_conversions()
                own._timebill_convert(sure)

    def _timebill_update_activities(self, activities, text_of):
        """
        :param text_of: {id: description of the expense before}; a text that was edited on the activity stays
        :raises UserError: naming the activity that is billed
        """
        # sudo: compared, not shown
        charges = self.sudo()._timebill_filter_charged()._timebill_get_charges()
        moved = self.browse()
        for expense_id, parts in activities.grouped("source_id").items():  # each says something else
            expense, activity = self.browse(expense_id), parts.sorted("source_part")[0]
            values = dict(charges.get(expense, {}))
            amount = values.pop("amount", 0)
            is_other_amount = activity.currency_id.compare_amounts(sum(parts.mapped("amount")), amount)
            if (
                not values
                or any(activity._has_other_value(name, values) for name in ("matter_id", "kind"))
                or (is_other_amount and len(parts) > 1)
            ):
                # Another client, another category, or other parts: what is billed refuses to go.
                parts.unlink()
                moved += expense
                continue
            if is_other_amount:
                values |= {"quantity": 1, "price_unit": amount}
            changed = {name: value for name, value in values.items() if activity._has_other_value(name, values)}
            if changed and activity.covered:
                raise UserError(
                    self.env._(
                        "%(activity)s stands on %(invoices)s: its expense cannot change. Take it off the draft"
                        " invoice, or make a credit note.",
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
        """The day of the expense is that of its activity."""
        charges = super()._timebill_get_charges()
        return {expense: {**charge, "date": expense._timebill_get_cost_date()} for expense, charge in charges.items()}

    def _timebill_filter_charged(self):
        return self.filtered(lambda expense: not expense._timebill_get_uncharged_reason())

    def _timebill_get_uncharged_reason(self):
        """Why no client pays this expense back as it is, or False."""
        self.ensure_one()
        if self.state not in APPROVED_STATES:
            return self.env._("not approved")
        if self.timebill_kind == "none":
            return self.env._("not to be charged")
        if not self.timebill_matter_id:
            return self.env._("on no matter, or on several: choose one, or split the expense")
        if self.company_currency_id.compare_amounts(self.total_amount, 0) < 0:
            return self.env._("paid back to the firm")
        return self._timebill_get_sold_reason()

    def _timebill_get_unsure_reason(self, values):
        return self._timebill_get_uncharged_reason() or super()._timebill_get_unsure_reason(values)

    def _timebill_check_may_convert(self):
        """
        :raises UserError: no client pays one of them back
        """
        super()._timebill_check_may_convert()
        for expense in self:
            if reason := expense._timebill_get_uncharged_reason():
                raise UserError(
                    self.env._(
                        "“%(expense)s” cannot be charged to a client: %(reason)s.", expense=expense.name, reason=reason
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
        """That to which an expense is added once it is posted, see sale_expense."""
        self.ensure_one()
        is_sold = "sale_order_id" in self._fields and self.can_be_reinvoiced
        # sudo: orders are named to who may read the expense
        return self.sudo().sale_order_id if is_sold else super()._timebill_get_sales_orders_sudo()

    def _timebill_get_workers(self):
        # sudo: who works for the firm is no secret
        return self.sudo().employee_id.user_id.sudo(False)

    @api.model
    def _timebill_get_work_domain(self, user, date_from, date_to):
        """Approved expenses of ``user`` on matters, of these days, that are to be charged."""
        return (
            Domain("employee_id", "in", user.sudo().employee_ids.ids)  # sudo: as above
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
        """Analytic distribution of this expense as if it was on ``matter``, or on none when that is empty."""
        self.ensure_one()
        project_plan, _other_plans = self.env["account.analytic.plan"].sudo()._get_all_plans()
        account = matter.sudo().analytic_account_id  # sudo: users of the firm may not read analytic accounts
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
