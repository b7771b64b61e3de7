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
