from odoo import models
from odoo.addons.account.models.chart_template import template
from odoo.fields import Command


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    @template("fr", "account.tax.group")
    def _timebill_get_fr_account_tax_group(self):
        """Tax group of disbursements, so that the totals of an invoice do not show them as VAT of 0 %."""
        return {"timebill_tax_group_disbursement": {"name": "Débours (sans TVA)", "country_id": "base.fr"}}

    @template("fr", "account.tax")
    def _timebill_get_fr_account_tax(self):
        """Tax of 0 % for disbursements, without tax grids: they are not turnover (CGI art. 267, II-2°).

        Not on payment: each payment would create two useless journal items on the pass-through account.
        """
        repartition = [
            Command.clear(),
            Command.create({"document_type": "invoice", "repartition_type": "base"}),
            Command.create({"document_type": "invoice", "repartition_type": "tax"}),
            Command.create({"document_type": "refund", "repartition_type": "base"}),
            Command.create({"document_type": "refund", "repartition_type": "tax"}),
        ]
        values = {
            "name": "0% Débours",
            "description": "Débours (hors champ de la TVA)",
            "invoice_label": "Débours",
            "amount": 0.0,
            "amount_type": "percent",
            "type_tax_use": "sale",
            "tax_scope": "service",
            "tax_exigibility": "on_invoice",
            "tax_group_id": "timebill_tax_group_disbursement",
            "sequence": 90,
            "repartition_line_ids": repartition,
        }
        return {"timebill_tax_disbursement": values}
