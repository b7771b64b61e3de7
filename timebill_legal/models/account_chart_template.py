from odoo import models


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        """A company that gets its chart of accounts gets the set-up of the four kinds with it."""
        super()._post_load_data(template_code, company, template_data)
        company._timebill_setup_kinds()
