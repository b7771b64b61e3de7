from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.rates_access import check_may_set_rates

#: Fields that decide on the prices of the client's work.
RATE_FIELDS = ("timebill_rate_list_id", "timebill_rounding_id")


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "timebill.capture.mixin"]

    timebill_rate_list_id = fields.Many2one(
        "timebill.rate.list",
        "Rate List",
        company_dependent=True,
        groups="timebill_legal.group_user",
        help="Prices agreed with this client; a matter can have its own.",
    )
    timebill_rounding_id = fields.Many2one(
        "timebill.rounding",
        "Rounding of Billable Time",
        company_dependent=True,
        ondelete="restrict",
        groups="timebill_legal.group_user",
        help="Agreed with this client; a matter can have its own.",
    )
    timebill_matter_client_ids = fields.One2many(
        "timebill.matter.client", "partner_id", "Client of Matters", groups="timebill_legal.group_user"
    )
    timebill_matter_count = fields.Integer(
        "Number of Matters",
        compute="_compute_timebill_matter_count",
        groups="timebill_legal.group_user",
        export_string_translation=False,
    )
    timebill_activity_count = fields.Integer(
        "Number of Activities",
        compute="_compute_timebill_activity_count",
        groups="timebill_legal.group_user",
        export_string_translation=False,
    )
    timebill_amount_to_bill = fields.Monetary(
        "To Bill (excl. tax)",
        compute="_compute_timebill_amount_to_bill",
        currency_field="timebill_currency_id",
        groups="timebill_legal.group_amounts",
    )
    timebill_common_to_bill = fields.Monetary(
        "Of Which Common (excl. tax)",
        compute="_compute_timebill_amount_to_bill",
        currency_field="timebill_currency_id",
        groups="timebill_legal.group_amounts",
        help="Work that is common to several clients: who pays is chosen when it is billed.",
    )
    timebill_currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_timebill_currency_id",
        export_string_translation=False,
        groups="base.group_user",
    )

    @api.depends_context("company")
    def _compute_timebill_currency_id(self):
        self.timebill_currency_id = self.env.company.currency_id

    def _compute_timebill_matter_count(self):
        counts = dict(
            self.env["timebill.matter.client"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["matter_id:count_distinct"]
            )
        )
        for partner in self:
            partner.timebill_matter_count = counts.get(partner, 0)

    def _compute_timebill_activity_count(self):
        figures_of = self._timebill_get_figures([])
        for partner in self:
            figures = figures_of[partner._origin]
            partner.timebill_activity_count = sum(count for _is_common, _currency, count in figures)

    @api.depends_context("company", "uid", "lang")
    def _compute_timebill_amount_to_bill(self):
        """Total of this client's activities and of those that are common to others as well, in the currency of the
        company.
        """
        company, currency = self.env.company, self.env.company.currency_id
        figures_of = self._timebill_get_figures([("billing_state", "=", "to_bill")], "amount_to_bill:sum")
        for partner in self:
            amounts = {True: 0.0, False: 0.0}
            for is_common, of_activity, amount in figures_of[partner._origin]:
                amounts[is_common] += of_activity._convert(amount, currency, company)
            partner.timebill_amount_to_bill = sum(amounts.values())
            partner.timebill_common_to_bill = amounts[True]

    def _timebill_get_figures(self, domain, aggregate="__count"):
        """What :meth:`_timebill_get_activity_domain` finds for each of these clients.

        :return: {res.partner: [(whether it is common work, currency, aggregate)]}
        """
        Activity = self.env["timebill.activity"]
        rows = self.env["timebill.matter.client"].search([("partner_id", "in", self.ids)])
        figures = {partner._origin: [] for partner in self}
        for partner, currency, value in Activity._read_group(
            [*domain, ("partner_id", "in", self.ids)], ["partner_id", "currency_id"], [aggregate]
        ):
            figures[partner].append((False, currency, value))
        clients_of = {matter: of_matter.partner_id for matter, of_matter in rows.grouped("matter_id").items()}
        for matter, currency, value in Activity._read_group(
            [*domain, ("partner_id", "=", False), ("matter_id", "in", rows.matter_id.ids)],
            ["matter_id", "currency_id"],
            [aggregate],
        ):
            for partner in clients_of[matter] & self._origin:
                figures[partner].append((True, currency, value))
        return figures

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_may_set_rates(self.browse(), vals, RATE_FIELDS)
        return super().create(vals_list)

    def write(self, vals):
        """Check the right on users: through their own contact, users could edit their own user with its groups."""
        if "user_ids" in vals:
            self.env["res.users"].check_access("write")
        check_may_set_rates(self, vals, RATE_FIELDS)
        return super().write(vals)

    #=== ACTION METHODS ===#

    def timebill_action_open_matters(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_matter_action_all")
        return {
            **action,
            "domain": [("client_ids.partner_id", "in", self.ids)],
            "context": {"default_client_ids": [(0, 0, {"partner_id": self.id})]},
        }

    def timebill_action_open_activities(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_activity_action_all")
        return {**action, "domain": self._timebill_get_activity_domain(), "context": {}}

    def timebill_action_bill(self):
        """Open the billing wizard on everything to bill to these clients, including common activities."""
        return self.env["timebill.bill"]._open(self._timebill_get_activity_domain())

    #=== BUSINESS METHODS ===#

    def _timebill_get_activity_domain(self):
        """Domain of the activities of these clients, and of those common to all clients of their matters."""
        return [
            ("matter_id.client_ids.partner_id", "in", self.ids),
            "|",
            ("partner_id", "in", self.ids),
            ("partner_id", "=", False),
        ]

    def _timebill_prepare_activity_defaults(self, kind):
        """The client, and the matter if there is only one open matter."""
        matters = self._timebill_get_open_matters()
        if not matters:
            raise UserError(
                self.env._(
                    "%s has no open matter. Open one first (Matters › New): every activity belongs to a matter.",
                    self.display_name,
                )
            )
        values = {"matter_id": matters.id} if len(matters) == 1 else {}
        return {**values, "partner_id": self._timebill_get_client_entity().id}

    def _timebill_get_client_entity(self):
        """The partner itself if it is a client of a matter, else its commercial entity."""
        self.ensure_one()
        is_client = self.env["timebill.matter.client"].search_count([("partner_id", "=", self.id)], limit=1)
        return self if is_client else self.commercial_partner_id

    def _timebill_get_open_matters(self):
        client = self._timebill_get_client_entity()
        return self.env["timebill.matter"].search(
            [
                ("client_ids", "any", [("partner_id", "=", client.id), ("inactive", "=", False)]),
                ("state", "=", "open"),
            ]
        )

    def timebill_action_new_activity(self):
        action = super().timebill_action_new_activity()
        action["context"]["timebill_partner_ids"] = self._timebill_get_client_entity().ids
        return action
