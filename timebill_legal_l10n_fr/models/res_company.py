from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _timebill_get_chart_references(self):
        """Fees on 706 with VAT on payment (CGI art. 269, 2-c), disbursements on the pass-through account 467."""
        if self.chart_template != "fr":
            return super()._timebill_get_chart_references()
        fees = {"account": "pcg_706", "tax": "tva_normale_encaissement"}
        return {
            "timebill_time_account_id": fees["account"],
            "timebill_time_tax_id": fees["tax"],
            "timebill_service_account_id": fees["account"],
            "timebill_service_tax_id": fees["tax"],
            "timebill_expense_account_id": "pcg_7085",
            "timebill_expense_tax_id": fees["tax"],
            "timebill_disbursement_account_id": "pcg_467",
            "timebill_disbursement_tax_id": "timebill_tax_disbursement",
        }

    def _timebill_load_french_setup(self):
        """Create the tax for disbursements in companies that already have the French chart, and fill their settings."""
        for company in self:
            template = self.env["account.chart.template"].with_company(company)
            if not template.ref("timebill_tax_disbursement", raise_if_not_found=False):
                template._load_data(
                    {
                        "account.tax.group": template._timebill_get_fr_account_tax_group(),
                        "account.tax": template._timebill_get_fr_account_tax(),
                    }
                )
        self._timebill_setup_kinds()
