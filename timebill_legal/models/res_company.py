from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    timebill_rate_list_id = fields.Many2one(
        "timebill.rate.list",
        "Rate List of the Firm",
        help="Used when neither the matter nor the client has one.",
        groups="base.group_user",
    )
    timebill_rounding_id = fields.Many2one(
        "timebill.rounding",
        "Rounding of the Firm",
        ondelete="restrict",
        help="Rounding of billable time when neither the matter nor the client has a rule.",
        groups="base.group_user",
    )
    timebill_matter_project = fields.Boolean(
        "Open a Project with Each Matter",
        default=True,
        help="Opening a matter creates its first project.",
        groups="base.group_user",
    )
    timebill_reason_threshold = fields.Float(
        "Reason Required Beyond",
        default=0.05,
        help="An invoice line whose amount differs from that of its activities by more than this share requires a"
        " reason before the invoice is posted.",
        groups="base.group_user",
    )
    timebill_timer_hours = fields.Integer(
        "Hours until a Timer Is Considered Forgotten",
        default=10,
        help="The timer then asks how much time to keep, as it does after midnight.",
        groups="base.group_user",
    )
    timebill_day_target = fields.Integer(
        "Hours to Enter a Day",
        default=7 * 60,
        help="In minutes, on each working day of the firm; users can have their own working hours or target.",
        groups="base.group_user",
    )
    timebill_time_account_id = fields.Many2one(
        "account.account", "Income Account for Time", inverse="_inverse_timebill_kind_setup", groups="base.group_user"
    )
    timebill_service_account_id = fields.Many2one(
        "account.account",
        "Income Account for Services",
        inverse="_inverse_timebill_kind_setup",
        groups="base.group_user",
    )
    timebill_expense_account_id = fields.Many2one(
        "account.account",
        "Income Account for Expenses",
        inverse="_inverse_timebill_kind_setup",
        groups="base.group_user",
    )
    timebill_disbursement_account_id = fields.Many2one(
        "account.account",
        "Pass-through Account for Disbursements",
        inverse="_inverse_timebill_kind_setup",
        groups="base.group_user",
    )
    timebill_time_tax_id = fields.Many2one(
        "account.tax", "Tax on Time", inverse="_inverse_timebill_kind_setup", groups="base.group_user"
    )
    timebill_service_tax_id = fields.Many2one(
        "account.tax", "Tax on Services", inverse="_inverse_timebill_kind_setup", groups="base.group_user"
    )
    timebill_expense_tax_id = fields.Many2one(
        "account.tax", "Tax on Expenses", inverse="_inverse_timebill_kind_setup", groups="base.group_user"
    )
    timebill_disbursement_tax_id = fields.Many2one(
        "account.tax", "Tax on Disbursements", inverse="_inverse_timebill_kind_setup", groups="base.group_user"
    )

    def _timebill_needs_reason(self, difference, expected, currency):
        """Whether an invoice line requires a reason before posting.

        :param difference: amount of the line minus ``expected``
        :param expected: amount of its activities
        :param currency: res.currency of both
        """
        self.ensure_one()
        return currency.compare_amounts(abs(difference), self.timebill_reason_threshold * abs(expected)) > 0

    def _timebill_get_kind_setup(self, kind):
        """Income account and tax of this company for a kind of activity.

        :return: {"account": account.account, "tax": account.tax}, possibly empty
        """
        self.ensure_one()
        names = self._timebill_get_kind_fields(kind)
        # Branches share the chart of accounts of their root company.
        # sudo: the user may not have access to the root company; only its setup for invoices is read
        root = self.sudo().root_id
        return {what: root[name] for what, name in names.items()}

    @api.model
    def _timebill_get_kind_fields(self, kind):
        """Settings that hold the income account and the tax of a kind of activity.

        :return: {"account": field of res.company, "tax": field of res.company}
        :raises NotImplementedError: when the add-on that brings the kind neither adds them nor names another kind in
            ``Kind.setup``
        """
        setup = self.env["timebill.kind"]._get(kind).setup or kind
        names = {what: f"timebill_{setup}_{what}_id" for what in ("account", "tax")}
        if missing := [name for name in names.values() if name not in self._fields]:
            raise NotImplementedError(
                f"The kind of activity {kind!r} needs {' and '.join(missing)} on res.company, or Kind.setup"
            )
        return names

    def _timebill_get_chart_references(self):
        """Accounts and taxes of the chart template for the kinds of activities; extended by localizations.

        Never the default sales tax of the company: disbursements must not be taxed by accident.

        :return: {field of res.company: xml id in the chart template}
        """
        return {}

    def _timebill_setup_kinds(self):
        """Fill the empty accounts and taxes from the chart of accounts; branches use those of their root company."""
        for company in self.filtered(lambda c: not c.parent_id):
            template = self.env["account.chart.template"].with_company(company)
            company.write(
                {
                    name: record.id
                    for name, xml_id in company._timebill_get_chart_references().items()
                    if not company[name] and (record := template.ref(xml_id, raise_if_not_found=False))
                }
            )
        self._inverse_timebill_kind_setup()

    def _inverse_timebill_kind_setup(self):
        """Set accounts and taxes of these companies on the products of the activity types."""
        # sudo: users who may edit the settings may have no right on products; the values come from the settings
        types = self.env["timebill.activity.type"].sudo().with_context(active_test=False).search([])
        types._apply_kind_setup(self.sudo().search([("id", "child_of", self.ids)]))

    def _timebill_get_missing_setup(self):
        """Labels of the empty settings that are required to bill some kinds of activities."""
        self.ensure_one()
        kinds = self.env["timebill.kind"]._get_codes(lambda kind: not kind.setup)
        names = [name for kind in kinds for name in self._timebill_get_kind_fields(kind).values()]
        return [self._fields[name]._description_string(self.env) for name in names if not self[name]]
