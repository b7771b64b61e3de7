from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    timebill_rate_list_id = fields.Many2one(related="company_id.timebill_rate_list_id", readonly=False)
    timebill_rounding_id = fields.Many2one(related="company_id.timebill_rounding_id", readonly=False)
    timebill_matter_project = fields.Boolean(related="company_id.timebill_matter_project", readonly=False)
    timebill_reason_threshold = fields.Float(related="company_id.timebill_reason_threshold", readonly=False)
    timebill_timer_hours = fields.Integer(related="company_id.timebill_timer_hours", readonly=False)
    timebill_day_target = fields.Integer(related="company_id.timebill_day_target", readonly=False)
    timebill_time_account_id = fields.Many2one(related="company_id.timebill_time_account_id", readonly=False)
    timebill_service_account_id = fields.Many2one(related="company_id.timebill_service_account_id", readonly=False)
    timebill_expense_account_id = fields.Many2one(related="company_id.timebill_expense_account_id", readonly=False)
    timebill_disbursement_account_id = fields.Many2one(
        related="company_id.timebill_disbursement_account_id", readonly=False
    )
    timebill_time_tax_id = fields.Many2one(related="company_id.timebill_time_tax_id", readonly=False)
    timebill_service_tax_id = fields.Many2one(related="company_id.timebill_service_tax_id", readonly=False)
    timebill_expense_tax_id = fields.Many2one(related="company_id.timebill_expense_tax_id", readonly=False)
    timebill_disbursement_tax_id = fields.Many2one(related="company_id.timebill_disbursement_tax_id", readonly=False)
    timebill_relabel_planning = fields.Boolean(
        "Call Odoo's “Activity” button “Plan”", config_parameter="timebill_legal.relabel_planning"
    )
    timebill_missing_setup = fields.Char(compute="_compute_timebill_missing_setup")

    @api.depends("company_id")
    def _compute_timebill_missing_setup(self):
        for settings in self:
            settings.timebill_missing_setup = ", ".join(settings.company_id._timebill_get_missing_setup())
