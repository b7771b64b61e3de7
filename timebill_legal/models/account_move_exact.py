from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount


class AccountMove(models.Model):
    """Disbursements: billed and credited at their exact cost, without tax, on their pass-through account.

    Otherwise they are taxable (CGI art. 267, II-2°). Lines can be edited in many ways; what counts is what they are
    when their document is posted.
    """

    _inherit = "account.move"

    def _timebill_check_exact_invoices(self):
        """Check the invoices among these documents before anybody is asked for reasons: none excuses it.

        :raises UserError: see :meth:`_timebill_check_exact`
        """
        self.filtered(lambda move: move.move_type == "out_invoice")._timebill_check_exact()

    def _timebill_check_exact(self):
        """
        :raises UserError: naming each document and line that does not bill what disbursements cost, or that bills
            something else like a disbursement
        """
        problems = [
            problem
            for line in self.invoice_line_ids
            if line.display_type == "product" and (problem := line._timebill_get_exact_problem())
        ]
        if problems:
            raise UserError("\n".join(problems))


class AccountMoveLine(models.Model):
    """Disbursements, the lines of the documents: see :class:`AccountMove` above."""

    _inherit = "account.move.line"

    def _timebill_get_exact_problem(self):
        """Why this line may not bill or credit its activities like this, or False."""
        self.ensure_one()
        rows = self._timebill_get_rows_sudo()
        is_exact = set(rows.mapped("is_exact"))
        if not rows:
            return False
        if is_exact == {False}:
            return self._timebill_get_untaxed_problem()
        if len(is_exact) > 1:
            return self.env._(
                "%(document)s: “%(line)s” mixes disbursements with other activities. Choose them on lines of their"
                " own.",
                document=self.move_id.display_name,
                line=self.name,
            )
        return self._timebill_get_exact_setup_problem() or (
            self._timebill_get_exact_cost_problem()
            if self.move_type == "out_invoice"
            else rows._get_exact_credit_problem()
        )

    def _timebill_get_exact_setup_problem(self):
        """Why the account or the tax of this line is not that of disbursements, or False."""
        self.ensure_one()
        account, possible_taxes = self._timebill_get_exact_setup()
        is_taxed = self.currency_id.compare_amounts(self.price_total, self.price_subtotal)
        if self.account_id == account and self.tax_ids in possible_taxes and not is_taxed:
            return False
        return self.env._(
            "%(document)s: “%(line)s” is about disbursements, which stand on the account %(account)s with the tax"
            " “%(tax)s” only. Set them on this line again; if the fiscal position replaces them, choose another one.",
            document=self.move_id.display_name,
            line=self.name,
            account=account.display_name,
            tax=", ".join(possible_taxes[0].mapped("name")),
        )

    def _timebill_get_exact_setup(self):
        """Account and possible taxes of the disbursements of this line.

        A credit note has those of the invoice, whatever the settings have become.

        :return: (account.account, [account.tax])
        """
        self.ensure_one()
        rows = self._timebill_get_rows_sudo()
        if origins := rows.reversed_id.move_line_id:
            return origins.account_id[:1], [origin.tax_ids for origin in origins]
        product = rows.activity_id.type_id.product_id.with_company(self.company_id)
        taxes = rows.activity_id.tax_ids
        mapped = self.move_id.fiscal_position_id.sudo().map_tax(taxes)
        return product.property_account_income_id[:1], [taxes, mapped]

    def _timebill_take_setup(self):
        """Set account and taxes of what this line of a draft credit note credits: somebody may have typed others."""
        self.ensure_one()
        rows = self._timebill_get_rows_sudo()
        if self.parent_state != "draft" or len(set(rows.mapped("is_exact"))) != 1:
            return
        setups = {(origin.account_id, origin.tax_ids) for origin in rows.reversed_id.move_line_id}
        if len(setups) > 1 and not self._timebill_get_exact_problem():
            return
        account, taxes = rows.reversed_id.move_line_id[0].account_id, rows.reversed_id.move_line_id[0].tax_ids
        if (self.account_id, self.tax_ids) != (account, taxes):
            self.write({"account_id": account.id, "tax_ids": [Command.set(taxes.ids)]})

    def _timebill_get_exact_cost_problem(self):
        """Why this line of an invoice does not bill just what its disbursements cost, or False."""
        self.ensure_one()
        cost = self._timebill_get_cost()
        if not self.discount and not self.currency_id.compare_amounts(self.price_subtotal, cost):
            return False
        return self.env._(
            "%(invoice)s: “%(line)s” bills %(amount)s for disbursements of %(cost)s. A disbursement is billed at its"
            " exact cost: correct the line, or remove the activity from the invoice and correct its cost.",
            invoice=self.move_id.display_name,
            line=self.name,
            amount=format_amount(self.env, self.price_subtotal, self.currency_id),
            cost=format_amount(self.env, cost, self.currency_id),
        )

    def _timebill_get_untaxed_problem(self):
        """Why this line, which bills no disbursement, must not have the account or the tax of disbursements, or False.
        """
        self.ensure_one()
        rows = self._timebill_get_rows_sudo()
        # sudo: branches read the settings of their root company; they are only compared
        company = self.company_id.sudo()
        setups = [
            company._timebill_get_kind_setup(code)
            for code in self.env["timebill.kind"]._get_codes(lambda kind: kind.is_exact)
        ]
        accounts = self.env["account.account"].union(*(setup["account"] for setup in setups))
        taxes = self.env["account.tax"].union(*(setup["tax"] for setup in setups))
        product = rows.activity_id.type_id.product_id.with_company(company)
        wrong = (self.tax_ids & taxes) - product.taxes_id
        if not wrong and (self.account_id not in accounts or self.account_id in product.property_account_income_id):
            return False
        return self.env._(
            "%(document)s: “%(line)s” has the account or the tax of disbursements, and is about something else. Set"
            " those of “%(type)s” again.",
            document=self.move_id.display_name,
            line=self.name,
            type=", ".join(rows.type_id.mapped("name")),
        )
