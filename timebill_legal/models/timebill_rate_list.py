from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.money import to_price
from ..lib.rates import Rate


class TimebillRateList(models.Model):
    """Prices of a matter, a client or the firm, with periods of validity, in one currency."""

    _name = "timebill.rate.list"
    _description = "Rate List"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    rate_ids = fields.One2many("timebill.rate", "list_id", "Rates", copy=True, groups="timebill_legal.group_amounts")
    matter_ids = fields.One2many("timebill.matter", "rate_list_id", "Matters")
    is_firm_list = fields.Boolean("List of the Firm", compute="_compute_users_of_list")
    client_count = fields.Integer("Number of Clients", compute="_compute_users_of_list")
    matter_count = fields.Integer("Number of Matters", compute="_compute_users_of_list")

    @api.depends("matter_ids")
    @api.depends_context("company", "uid")
    def _compute_users_of_list(self):
        """Who has the prices of this list: the firm, clients and matters that the user can read."""
        clients = Counter(
            client.timebill_rate_list_id.id
            for company, lists in self.grouped("company_id").items()
            for client in lists._get_clients().with_company(company)
        )
        matters = dict(
            self.env["timebill.matter"]._read_group([("rate_list_id", "in", self.ids)], ["rate_list_id"], ["__count"])
        )
        for rate_list in self:
            firm_list = rate_list.company_id.timebill_rate_list_id
            rate_list.is_firm_list = firm_list and firm_list == rate_list._origin
            rate_list.client_count = clients[rate_list._origin.id]
            rate_list.matter_count = matters.get(rate_list._origin, 0)

    def _get_clients(self):
        """Clients with one of these lists of their own, in the company of the list."""
        partners = self.env["res.partner"]
        for company, lists in self.grouped("company_id").items():
            partners |= partners.with_company(company).search([("timebill_rate_list_id", "in", lists.ids)])
        return partners

    def action_open_clients(self):
        """Clients with this list."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": [("id", "in", self._get_clients().ids)],
        }

    def action_open_matters(self):
        """Matters with this list."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "timebill.matter",
            "view_mode": "list,form",
            "domain": [("rate_list_id", "=", self.id)],
        }

    @api.constrains("currency_id")
    def _check_currency_unused(self):
        for rate_list in self:
            # sudo: matters that the user cannot read count as well; only the reference is shown
            matter = rate_list.sudo().matter_ids.filtered(
                lambda m, currency=rate_list.currency_id: m.currency_id != currency
            )[:1]
            if matter:
                raise ValidationError(
                    self.env._(
                        "The rate list “%(list)s” is used by the matter %(matter)s in %(currency)s; its currency cannot"
                        " change. Duplicate the list instead.",
                        list=rate_list.name,
                        matter=matter.reference,
                        currency=matter.currency_id.name,
                    )
                )

    def _get_rates(self):
        """Rates of each list in the form of :mod:`lib.rates`.

        :return: {id of the rate list: list of Rate}
        """
        # sudo: activities are also priced for users who may not see amounts; the price is stored in restricted fields
        return {
            rate_list.id: [
                Rate(
                    id=rate.id,
                    price=to_price(rate.price),
                    type_id=rate.type_id.id or None,
                    user_id=rate.user_id.id or None,
                    grade_id=rate.grade_id.id or None,
                    date_from=rate.date_from or None,
                    date_to=rate.date_to or None,
                )
                for rate in rate_list.rate_ids
            ]
            for rate_list in self.sudo()
        }
