from odoo import api, fields, models
from odoo.fields import Command


class TimebillBilling(models.AbstractModel):
    """Taxes and totals of an invoice before it exists, as Odoo computes them.

    The window shows them. The lines are created with them (amounts, tax tags), which spares Odoo three writes a line;
    it corrects them were they wrong.
    """

    _inherit = "timebill.billing"

    @api.model
    def _add_amounts(self, group):
        """Compute the totals of ``group`` and the amounts of its lines."""
        lines = [line for line in group.lines if line.values.get("display_type", "product") == "product"]
        base_lines = self._get_base_lines(group, lines)
        details = [base_line["tax_details"] for base_line in base_lines]
        untaxed = sum(d["total_excluded_currency"] + d["delta_total_excluded_currency"] for d in details)
        tax = sum(data["tax_amount_currency"] for d in details for data in d["taxes_data"])
        group.amount_untaxed, group.amount_tax = group.currency.round(untaxed), group.currency.round(tax)
        self._add_expected_amounts(group, lines, base_lines)

    @api.model
    def _get_base_lines(self, group, lines):
        """``lines`` of ``group`` as Odoo's tax engine wants them, computed and rounded as on the invoice."""
        Tax, company, currency = self.env["account.tax"], group.company, group.currency
        date = group.values.get("invoice_date") or fields.Date.context_today(self)
        rate = self.env["res.currency"]._get_conversion_rate(company.currency_id, currency, company, date)
        base_lines = [
            Tax._prepare_base_line_for_taxes_computation(
                {},
                price_unit=line.values["price_unit"],
                quantity=line.values.get("quantity", 1.0),
                discount=line.values.get("discount", 0.0),
                currency_id=currency,
                tax_ids=Tax.browse(tax_id for command in line.values.get("tax_ids", ()) for tax_id in command[2]),
                product_id=self.env["product.product"].browse(line.values.get("product_id")),
                extra_tax_data=line.values.get("extra_tax_data"),
                rate=rate,
                sign=-1,
            )
            for line in lines
        ]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)
        return base_lines

    @api.model
    def _add_expected_amounts(self, group, lines, base_lines):
        """Give each line the amounts and tags that Odoo would compute and write one line at a time."""
        self.env["account.tax"]._add_accounting_data_in_base_lines_tax_details(base_lines, group.company)
        for line, base_line in zip(lines, base_lines, strict=True):
            details = base_line["tax_details"]
            line.values |= {
                "amount_currency": -(details["total_excluded_currency"] + details["delta_total_excluded_currency"]),
                "balance": -(details["total_excluded"] + details["delta_total_excluded"]),
                "tax_tag_ids": [Command.set(base_line["tax_tag_ids"].ids)],
            }
